// The schema, as the steps that lead to it. A step that was released never changes; a new one is added below.
#pragma once

#include <array>
#include <string_view>

namespace ferry::hub {

// Step n of the table `migrations` is entry n - 1; statements end with ';'.
inline constexpr std::array<std::string_view, 1> kMigrations = {R"sql(
CREATE TABLE devices (
  id TEXT PRIMARY KEY,
  serial TEXT NOT NULL DEFAULT '',
  product TEXT NOT NULL DEFAULT '',
  first_seen BIGINT,
  last_seen BIGINT,
  online INTEGER NOT NULL DEFAULT 0,
  version TEXT NOT NULL DEFAULT '',
  sequence BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE readings (
  device TEXT NOT NULL,
  name TEXT NOT NULL,
  time DOUBLE PRECISION NOT NULL,
  unit TEXT NOT NULL,
  value DOUBLE PRECISION,
  text TEXT NOT NULL,
  PRIMARY KEY (device, name, time)
);
CREATE INDEX readings_by_time ON readings (device, time);
CREATE TABLE latest (
  device TEXT NOT NULL,
  name TEXT NOT NULL,
  time DOUBLE PRECISION NOT NULL,
  unit TEXT NOT NULL,
  value DOUBLE PRECISION,
  text TEXT NOT NULL,
  PRIMARY KEY (device, name)
);
CREATE TABLE events (
  id INTEGER PRIMARY KEY,
  device TEXT NOT NULL,
  kind TEXT NOT NULL,
  time BIGINT NOT NULL,
  error INTEGER NOT NULL,
  sequence BIGINT NOT NULL,
  version TEXT NOT NULL,
  bytes BIGINT NOT NULL,
  milliseconds BIGINT NOT NULL,
  received BIGINT NOT NULL
);
CREATE INDEX events_by_device ON events (device, id);
CREATE TABLE refusals (
  device TEXT NOT NULL,
  reason TEXT NOT NULL,
  count BIGINT NOT NULL,
  last BIGINT NOT NULL,
  PRIMARY KEY (device, reason)
);
CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('readings', 0);
)sql"};

}  // namespace ferry::hub
