#include "servers/hub/schema.h"

#include <array>
#include <string>

#include "host/failure.h"
#include "servers/hub/dialect.h"

namespace ferry::hub {
namespace {

constexpr std::string_view kFirst = R"sql(
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
  id {key},
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
)sql";

constexpr std::string_view kFirstBack = R"sql(
DROP TABLE counters;
DROP TABLE refusals;
DROP TABLE events;
DROP TABLE latest;
DROP TABLE readings;
DROP TABLE devices;
)sql";

// Who may ask, and who did what.
constexpr std::string_view kAccess = R"sql(
CREATE TABLE accounts (
  name TEXT PRIMARY KEY,
  hash TEXT NOT NULL,
  role INTEGER NOT NULL,
  created BIGINT NOT NULL,
  last_login BIGINT,
  disabled INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE sessions (
  hash TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  csrf TEXT NOT NULL,
  created BIGINT NOT NULL,
  used BIGINT NOT NULL
);
CREATE INDEX sessions_by_account ON sessions (account);
CREATE TABLE tokens (
  id {key},
  hash TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  account TEXT NOT NULL,
  scope INTEGER NOT NULL,
  created BIGINT NOT NULL,
  used BIGINT,
  expires BIGINT
);
CREATE TABLE audit (
  id {key},
  time BIGINT NOT NULL,
  account TEXT NOT NULL,
  address TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL
);
)sql";

constexpr std::string_view kAccessBack = R"sql(
DROP TABLE audit;
DROP TABLE tokens;
DROP TABLE sessions;
DROP TABLE accounts;
)sql";

// Readings by a short key instead of two texts; roll-ups; what devices went through; what operators say of them.
constexpr std::string_view kAnalysis = R"sql(
CREATE TABLE series (
  id {key},
  device TEXT NOT NULL,
  name TEXT NOT NULL,
  unit TEXT NOT NULL,
  last_time DOUBLE PRECISION,
  last_value DOUBLE PRECISION,
  last_text TEXT,
  UNIQUE (device, name)
);
CREATE INDEX series_by_name ON series (name, unit);
INSERT INTO series (device, name, unit, last_time, last_value, last_text)
  SELECT device, name, unit, time, value, text FROM latest;
DROP TABLE latest;
ALTER TABLE readings RENAME TO readings_before;
CREATE TABLE readings (
  series BIGINT NOT NULL,
  time DOUBLE PRECISION NOT NULL,
  value DOUBLE PRECISION,
  text TEXT,
  PRIMARY KEY (series, time)
) {by day};
{postgresql} CREATE TABLE readings_old PARTITION OF readings FOR VALUES FROM (MINVALUE) TO
  ((FLOOR(EXTRACT(EPOCH FROM now()) / 86400) - 400) * 86400);
{postgresql} CREATE TABLE readings_other PARTITION OF readings DEFAULT;
INSERT INTO readings (series, time, value, text)
  SELECT s.id, r.time, r.value, r.text FROM readings_before r JOIN series s ON s.device = r.device AND s.name = r.name;
DROP TABLE readings_before;
CREATE TABLE rollups (
  series BIGINT NOT NULL,
  width INTEGER NOT NULL,
  time BIGINT NOT NULL,
  count BIGINT NOT NULL,
  sum DOUBLE PRECISION NOT NULL,
  least DOUBLE PRECISION NOT NULL,
  most DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (series, width, time)
) {by key};
CREATE TABLE dirty (
  series BIGINT NOT NULL,
  hour BIGINT NOT NULL,
  PRIMARY KEY (series, hour)
) {by key};
CREATE INDEX dirty_by_hour ON dirty (hour);
INSERT INTO dirty (series, hour)
  SELECT DISTINCT series, CAST(FLOOR(time / 3600) AS BIGINT) FROM readings WHERE value IS NOT NULL;
CREATE TABLE visits (
  id {key},
  device TEXT NOT NULL,
  started BIGINT NOT NULL,
  ended BIGINT,
  version TEXT NOT NULL DEFAULT '',
  sequence BIGINT NOT NULL DEFAULT 0,
  outcome TEXT NOT NULL DEFAULT '',
  error INTEGER NOT NULL DEFAULT 0,
  reached BIGINT NOT NULL DEFAULT 0,
  bytes BIGINT NOT NULL DEFAULT 0,
  milliseconds BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX visits_by_device ON visits (device, id);
CREATE INDEX visits_by_version ON visits (version, started);
CREATE INDEX visits_by_start ON visits (started);
ALTER TABLE events ADD COLUMN visit BIGINT;
CREATE INDEX events_by_visit ON events (visit);
CREATE TABLE version_changes (
  device TEXT NOT NULL,
  time BIGINT NOT NULL,
  version TEXT NOT NULL
);
CREATE INDEX version_changes_by_time ON version_changes (time);
INSERT INTO version_changes (device, time, version)
  SELECT id, COALESCE(last_seen, 0), version FROM devices WHERE version <> '';
ALTER TABLE devices ADD COLUMN label TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN note TEXT NOT NULL DEFAULT '';
CREATE TABLE alerts_seen (
  id TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  time BIGINT NOT NULL
);
)sql";

constexpr std::string_view kAnalysisBack = R"sql(
DROP TABLE alerts_seen;
ALTER TABLE devices DROP COLUMN note;
ALTER TABLE devices DROP COLUMN label;
DROP TABLE version_changes;
DROP INDEX events_by_visit;
ALTER TABLE events DROP COLUMN visit;
DROP TABLE visits;
DROP TABLE dirty;
DROP TABLE rollups;
CREATE TABLE readings_before (
  device TEXT NOT NULL,
  name TEXT NOT NULL,
  time DOUBLE PRECISION NOT NULL,
  unit TEXT NOT NULL,
  value DOUBLE PRECISION,
  text TEXT NOT NULL,
  PRIMARY KEY (device, name, time)
);
INSERT INTO readings_before (device, name, time, unit, value, text)
  SELECT s.device, s.name, r.time, s.unit, r.value, COALESCE(r.text, '') FROM readings r JOIN series s ON s.id = r.series;
DROP TABLE readings;
ALTER TABLE readings_before RENAME TO readings;
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
INSERT INTO latest (device, name, time, unit, value, text)
  SELECT device, name, last_time, unit, last_value, COALESCE(last_text, '') FROM series WHERE last_time IS NOT NULL;
DROP TABLE series;
)sql";

// Hubs that share a broker: each has a session there, whose messages somebody takes when the hub is gone.
constexpr std::string_view kHubs = R"sql(
CREATE TABLE hubs (
  name TEXT PRIMARY KEY,
  started BIGINT NOT NULL
);
)sql";

constexpr std::string_view kHubsBack = R"sql(
DROP TABLE hubs;
)sql";

// Which numbers of a device's sealed messages were there: seal.h.
constexpr std::string_view kSeals = R"sql(
CREATE TABLE seals (
  device TEXT NOT NULL,
  key_id TEXT NOT NULL,
  series BIGINT NOT NULL,
  highest BIGINT NOT NULL,
  seen BIGINT NOT NULL,
  received BIGINT NOT NULL,
  missing BIGINT NOT NULL,
  PRIMARY KEY (device, key_id, series)
);
)sql";

constexpr std::string_view kSealsBack = R"sql(
DROP TABLE seals;
)sql";

// Counts that are kept as data arrives (tallies.h, rollout.h), and what stands out at the moment (alerts.h).
constexpr std::string_view kKept = R"sql(
CREATE TABLE tallies (
  name TEXT NOT NULL,
  key TEXT NOT NULL,
  value BIGINT NOT NULL,
  PRIMARY KEY (name, key)
) {by key};
INSERT INTO tallies (name, key, value) SELECT 'devices', '', COUNT(*) FROM devices HAVING COUNT(*) > 0;
INSERT INTO tallies (name, key, value) SELECT 'online', '', SUM(online) FROM devices HAVING SUM(online) > 0;
INSERT INTO tallies (name, key, value) SELECT 'events', '', COUNT(*) FROM events HAVING COUNT(*) > 0;
INSERT INTO tallies (name, key, value) SELECT 'version', version, COUNT(*) FROM devices GROUP BY version;
INSERT INTO tallies (name, key, value) SELECT 'reading', name, COUNT(*) FROM series GROUP BY name;
INSERT INTO tallies (name, key, value) SELECT 'refused', reason, SUM(count) FROM refusals GROUP BY reason;
CREATE TABLE visit_hours (
  hour BIGINT NOT NULL,
  outcome TEXT NOT NULL,
  visits BIGINT NOT NULL,
  PRIMARY KEY (hour, outcome)
) {by key};
INSERT INTO visit_hours (hour, outcome, visits)
  SELECT started / 3600 AS hour, outcome, COUNT(*) FROM visits GROUP BY started / 3600, outcome;
CREATE TABLE version_hours (
  hour BIGINT NOT NULL,
  version TEXT NOT NULL,
  devices BIGINT NOT NULL,
  PRIMARY KEY (hour, version)
) {by key};
INSERT INTO version_hours (hour, version, devices)
  SELECT (time + 3599) / 3600, version, SUM(change) FROM (
    SELECT time, version, 1 AS change FROM version_changes UNION ALL
    SELECT next, version, -1 FROM (SELECT version, LEAD(time) OVER (PARTITION BY device ORDER BY time, {row}) AS next
      FROM version_changes) ended WHERE next IS NOT NULL) changes GROUP BY (time + 3599) / 3600, version;
CREATE TABLE rollouts (
  version TEXT PRIMARY KEY,
  sequence BIGINT NOT NULL,
  first BIGINT NOT NULL,
  last BIGINT NOT NULL
);
INSERT INTO rollouts (version, sequence, first, last)
  SELECT version, MAX(sequence), MIN(started), MAX(COALESCE(ended, started)) FROM visits WHERE version <> '' GROUP BY version;
CREATE TABLE rollout_devices (
  version TEXT NOT NULL,
  device TEXT NOT NULL,
  reached BIGINT NOT NULL,
  PRIMARY KEY (version, device)
) {by key};
INSERT INTO rollout_devices (version, device, reached)
  SELECT version, device, MAX(reached & 4) + MAX(reached & 8) + MAX(reached & 16) + MAX(reached & 32) + MAX(reached & 64) +
    MAX(reached & 128) + MAX(reached & 256) + MAX(reached & 512) + MAX(reached & 1024) + MAX(reached & 2048) +
    MAX(reached & 4096) + MAX(reached & 8192) FROM visits WHERE version <> '' GROUP BY version, device;
CREATE TABLE rollout_counts (
  version TEXT NOT NULL,
  kind TEXT NOT NULL,
  devices BIGINT NOT NULL,
  PRIMARY KEY (version, kind)
) {by key};
INSERT INTO rollout_counts (version, kind, devices)
  SELECT r.version, k.kind, COUNT(*) FROM rollout_devices r JOIN (SELECT 4 AS bit, 'window' AS kind UNION ALL
      SELECT 8 AS bit, 'jump' AS kind UNION ALL
      SELECT 16 AS bit, 'refused' AS kind UNION ALL
      SELECT 32 AS bit, 'nothing_newer' AS kind UNION ALL
      SELECT 64 AS bit, 'downloading' AS kind UNION ALL
      SELECT 128 AS bit, 'downloaded' AS kind UNION ALL
      SELECT 256 AS bit, 'burnt' AS kind UNION ALL
      SELECT 512 AS bit, 'reset' AS kind UNION ALL
      SELECT 1024 AS bit, 'trial' AS kind UNION ALL
      SELECT 2048 AS bit, 'confirmed' AS kind UNION ALL
      SELECT 4096 AS bit, 'reverted' AS kind UNION ALL
      SELECT 8192 AS bit, 'failed' AS kind) k ON (r.reached & k.bit) <> 0
    GROUP BY r.version, k.kind;
INSERT INTO rollout_counts (version, kind, devices)
  SELECT version, 'running', COUNT(*) FROM visits WHERE version <> '' AND ended IS NULL GROUP BY version;
CREATE TABLE rollout_hours (
  version TEXT NOT NULL,
  hour BIGINT NOT NULL,
  kind TEXT NOT NULL,
  devices BIGINT NOT NULL,
  PRIMARY KEY (version, hour, kind)
) {by key};
INSERT INTO rollout_hours (version, hour, kind, devices)
  SELECT version, hour, outcome, COUNT(*) FROM (SELECT version, outcome, device, MIN(ended) / 3600 AS hour FROM visits
    WHERE version <> '' AND outcome IN ('confirmed', 'reverted', 'refused') GROUP BY version, outcome, device) firsts
    GROUP BY version, hour, outcome;
CREATE TABLE troubles (
  device TEXT PRIMARY KEY,
  visit BIGINT NOT NULL,
  started BIGINT NOT NULL,
  ended BIGINT NOT NULL,
  outcome TEXT NOT NULL,
  error INTEGER NOT NULL,
  version TEXT NOT NULL
);
INSERT INTO troubles (device, visit, started, ended, outcome, error, version)
  SELECT device, id, started, ended, outcome, error, version FROM visits WHERE outcome IN ('reverted', 'failed') AND
    ended IS NOT NULL AND id IN (SELECT MAX(id) FROM visits GROUP BY device);
CREATE TABLE outliers (
  series BIGINT PRIMARY KEY,
  device TEXT NOT NULL,
  name TEXT NOT NULL,
  unit TEXT NOT NULL,
  time DOUBLE PRECISION NOT NULL,
  value DOUBLE PRECISION NOT NULL,
  score DOUBLE PRECISION NOT NULL,
  since BIGINT NOT NULL
);
ALTER TABLE devices ADD COLUMN search TEXT NOT NULL DEFAULT '';
UPDATE devices SET search = LOWER(serial || ' ' || id || ' ' || product || ' ' || label || ' ' || note);
DROP INDEX visits_by_start;
CREATE INDEX visits_by_start ON visits (started, outcome);
CREATE INDEX visits_by_reason ON visits (version, outcome, error);
)sql";

constexpr std::string_view kKeptBack = R"sql(
DROP INDEX visits_by_reason;
DROP INDEX visits_by_start;
CREATE INDEX visits_by_start ON visits (started);
ALTER TABLE devices DROP COLUMN search;
DROP TABLE outliers;
DROP TABLE troubles;
DROP TABLE rollout_hours;
DROP TABLE rollout_counts;
DROP TABLE rollout_devices;
DROP TABLE rollouts;
DROP TABLE version_hours;
DROP TABLE visit_hours;
DROP TABLE tallies;
)sql";

constexpr std::array kMigrations = {Migration{kFirst, kFirstBack},       Migration{kAccess, kAccessBack},
                                    Migration{kAnalysis, kAnalysisBack}, Migration{kHubs, kHubsBack},
                                    Migration{kSeals, kSealsBack},       Migration{kKept, kKeptBack}};

// Statement by statement: SQLite prepares one at a time.
void run(soci::session& sql, std::string_view statements) {
  while (!statements.empty()) {
    const std::size_t end = statements.find(';');
    const std::string_view statement = statements.substr(0, end);
    statements.remove_prefix(std::min(statements.size(), statement.size() + 1));
    if (const std::string text = in_dialect(dialect_of(sql), statement); !text.empty()) {
      sql << text;
    }
  }
}

void walk(soci::session& sql, int from, int to) {
  for (int step = from + 1; step <= to; ++step) {
    run(sql, kMigrations.at(static_cast<std::size_t>(step) - 1).up);
    sql << "INSERT INTO migrations (number) VALUES (:step)", soci::use(step);
  }
  for (int step = from; step > to; --step) {
    run(sql, kMigrations.at(static_cast<std::size_t>(step) - 1).down);
    sql << "DELETE FROM migrations WHERE number = :step", soci::use(step);
  }
}

// Asked for, not made: PostgreSQL lets two that say IF NOT EXISTS at once run into each other.
bool is_new(soci::session& sql) {
  int tables = 0;
  sql << (dialect_of(sql) == Dialect::kSqlite ? "SELECT COUNT(*) FROM sqlite_master WHERE name = 'migrations'"
                                              : "SELECT CAST(COUNT(to_regclass('migrations')) AS INTEGER)"),
      soci::into(tables);
  return tables == 0;
}

}  // namespace

std::span<const Migration> migrations() {
  return kMigrations;
}

int schema_step(soci::session& sql) {
  if (is_new(sql)) {
    return 0;
  }
  int step = 0;
  sql << "SELECT COALESCE(MAX(number), 0) FROM migrations", soci::into(step);
  return step;
}

void migrate(soci::session& sql, int step) {
  const int newest = static_cast<int>(kMigrations.size());
  if (step < 0 || step > newest) {
    throw host::Failure("the schema has the steps 0 to {}, none {}", newest, step);
  }
  TransactionAlone transaction(sql);  // two that open a new database at once take turns
  if (is_new(sql)) {
    sql << "CREATE TABLE migrations (number INTEGER PRIMARY KEY)";
  }
  const int done = schema_step(sql);
  if (done > newest) {
    throw host::Failure("the database was made by a newer version of ferry (schema {}, this one knows {})", done,
                        newest);
  }
  walk(sql, done, step);
  transaction.commit();
}

void migrate(soci::session& sql) {
  if (schema_step(sql) != static_cast<int>(kMigrations.size())) {
    migrate(sql, static_cast<int>(kMigrations.size()));
  }
}

}  // namespace ferry::hub
