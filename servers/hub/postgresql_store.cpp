#include "servers/hub/postgresql_store.h"

#include <libpq-fe.h>
#include <poll.h>
#include <soci/postgresql/soci-postgresql.h>

#include "servers/hub/partitions.h"
#include "servers/hub/postgresql_rows.h"
#include "servers/hub/rollup.h"
#include "servers/hub/schema.h"
#include "servers/hub/sql.h"

namespace ferry::hub {
namespace {

constexpr std::int64_t kDaysAhead = 2;
constexpr std::string_view kLock = "ferry/";  // what is claimed has a name of its own among others' locks

PGconn* connection_of(soci::session& session) {
  return static_cast<soci::postgresql_session_backend*>(session.get_backend())->conn_;
}

}  // namespace

std::string postgresql_parameters(const std::string& url) {
  if (url.find("connect_timeout=") != std::string::npos) {
    return url;
  }
  return url + (url.find('?') == std::string::npos ? '?' : '&') + "connect_timeout=10";
}

// A hub whose machine is gone is noticed within half a minute, and what it claimed is free then.
void set_up_postgresql(soci::session& session) {
  session << "SET client_min_messages = warning";
  session << "SET client_encoding = 'UTF8'";
  session << "SET jit = off";
  session << "SET idle_in_transaction_session_timeout = '60s'";
  session << "SET tcp_keepalives_idle = 10";
  session << "SET tcp_keepalives_interval = 5";
  session << "SET tcp_keepalives_count = 3";
  std::string encoding;
  session << "SELECT current_setting('server_encoding')", soci::into(encoding);
  if (encoding != "UTF8") {
    throw soci::soci_error("the database has the encoding " + encoding + "; make it with ENCODING 'UTF8'");
  }
}

PostgresqlStore::PostgresqlStore(const std::string& url) : SqlStore(soci::postgresql, postgresql_parameters(url)) {
  set_up_postgresql(session());
  migrate(session());
}

std::unique_ptr<RowWriter> PostgresqlStore::make_rows(soci::session& session) {
  return std::make_unique<PostgresqlRows>(session);
}

// A server that went away has closed the connection, which is there to be read.
bool PostgresqlStore::is_connected() {
  PGconn* connection = connection_of(session());
  pollfd closed{.fd = PQsocket(connection), .events = POLLIN, .revents = 0};
  if (closed.fd >= 0 && ::poll(&closed, 1, 0) > 0) {
    PQconsumeInput(connection);
  }
  return PQstatus(connection) == CONNECTION_OK;
}

void PostgresqlStore::revive() {
  if (session().get_backend() != nullptr && is_connected()) {
    return;
  }
  forget_statements();
  days_.clear();
  const bool had_claims = !claims_.empty();
  claims_.clear();
  try {
    session().reconnect();
    set_up_postgresql(session());
  } catch (const soci::soci_error& error) {
    throw StoreUnavailable(error.what());
  }
  if (had_claims) {
    throw StoreUnavailable("the connection to the database was lost");
  }
}

bool PostgresqlStore::ask_lock(const char* function, const std::string& what) {
  const Sql question = Sql("SELECT CASE WHEN ")
                           .add(function)
                           .add("(hashtextextended(?, 0)) THEN 1 ELSE 0 END", std::string(kLock) + what);
  try {
    return count(session(), question) != 0;
  } catch (const soci::soci_error& error) {
    throw StoreError(error.what());
  }
}

bool PostgresqlStore::claim(const std::string& what) {
  revive();
  if (!claims_.contains(what) && ask_lock("pg_try_advisory_lock", what)) {
    claims_.insert(what);
  }
  return claims_.contains(what);
}

void PostgresqlStore::release(const std::string& what) {
  if (claims_.erase(what) != 0) {
    static_cast<void>(ask_lock("pg_advisory_unlock", what));
  }
}

void PostgresqlStore::make_room(std::span<const Change> changes, std::int64_t now) {
  std::set<std::int64_t> days;
  for (const Change& change : changes) {
    if (const auto* received = std::get_if<ReadingsReceived>(&change)) {
      for (const Reading& reading : received->readings) {
        days.insert(static_cast<std::int64_t>(reading.time) / kDay);
      }
    }
  }
  for (const std::int64_t day : days) {
    if (days_.insert(day).second) {
      make_day(session(), day, now);
    }
  }
}

void PostgresqlStore::tend_days(const Retention& retention, std::int64_t now) {
  for (; days_ahead_ < now / kDay + kDaysAhead; ++days_ahead_) {
    days_ahead_ = std::max(days_ahead_, now / kDay - 1);
    make_day(session(), days_ahead_ + 1, now);
  }
  if (retention.raw != 0) {
    drop_days(session(), (now - retention.raw) / kDay);
  }
}

}  // namespace ferry::hub
