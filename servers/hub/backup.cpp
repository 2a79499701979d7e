#include "servers/hub/backup.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <unistd.h>

#include "host/failure.h"
#include "servers/hub/database_url.h"
#include "servers/hub/partitions.h"
#include "servers/hub/rollup.h"
#include "servers/hub/schema.h"
#include "servers/hub/sql.h"
#include "servers/hub/table_copy.h"

namespace ferry::hub {
namespace {

namespace fs = std::filesystem;

using Digests = std::map<std::string, Digest>;

[[noreturn]] void fail(const fs::path& file) {
  throw host::Failure("{}: {}", file.string(), std::strerror(errno));
}

void sync(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool is_synced = fd >= 0 && ::fsync(fd) == 0;
  if (fd >= 0) {
    ::close(fd);
  }
  if (!is_synced) {
    fail(path);
  }
}

// A file beside its place, which it gets when it is whole; gone where it never is.
class NewFile {
 public:
  explicit NewFile(fs::path place) : place_(std::move(place)), file_(place_.string() + ".part") {
    if (fs::exists(place_)) {
      throw host::Failure("{} exists already", place_.string());
    }
    const int fd = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
      if (errno == EEXIST) {
        throw host::Failure("{} is left from an attempt that did not end, or another one is going on; remove it",
                            file_.string());
      }
      fail(file_);
    }
    ::close(fd);
  }
  ~NewFile() {
    std::error_code error;
    fs::remove(file_, error);
    fs::remove(file_.string() + "-journal", error);
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  [[nodiscard]] const fs::path& path() const { return file_; }
  void commit() {
    sync(file_);
    if (::link(file_.c_str(), place_.c_str()) != 0) {  // unlike a rename, it replaces nothing
      fail(place_);
    }
    sync(place_.parent_path().empty() ? "." : place_.parent_path());
  }

 private:
  fs::path place_;
  fs::path file_;
};

soci::session open_file(const fs::path& file) {
  if (file.string().find('"') != std::string::npos) {
    throw host::Failure("{}: a name with a '\"' is of no use here", file.string());
  }
  return {soci::sqlite3, "dbname=\"" + file.string() + "\" timeout=10"};
}

void expect_there(const std::string& url) {
  const DatabaseUrl parsed = DatabaseUrl::parse(url);
  if (parsed.dialect == Dialect::kSqlite && !fs::exists(parsed.place)) {
    throw host::Failure("{}: there is no such file", parsed.place);
  }
}

void begin_snapshot(soci::session& session) {
  session << (dialect_of(session) == Dialect::kPostgresql ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
                                                          : "BEGIN");
}

Digests copy(soci::session& from, soci::session& to, const std::vector<Table>& all) {
  Digests digests;
  for (const Table& table : all) {
    TableWriter writer(to, table);
    Digest& digest = digests[table.name];
    read_rows(from, table, [&](const Row& row) {
      writer.add(row);
      digest.add(row);
    });
    writer.finish();
  }
  return digests;
}

void compare(soci::session& copy, const std::vector<Table>& all, const Digests& expected) {
  for (const Table& table : all) {
    if (digest(copy, table) != expected.at(table.name)) {
      throw host::Failure("the table {} reads back unlike what was written: the copy is of no use", table.name);
    }
  }
}

RowCounts counts(const Digests& digests) {
  RowCounts all;
  for (const auto& [table, digest] : digests) {
    all[table] = digest.rows;
  }
  return all;
}

Digests write_copy(soci::session& from, const fs::path& file) {
  soci::session to = open_file(file);
  to << "PRAGMA synchronous = OFF";  // synced as a whole at the end
  migrate(to, schema_step(from));
  begin_snapshot(from);
  to << "BEGIN";
  to << "DELETE FROM counters";
  const auto digests = copy(from, to, tables(to));
  to << "COMMIT";
  from << "COMMIT";
  return digests;
}

void check_file(soci::session& session) {
  std::string verdict;
  session << "PRAGMA integrity_check", soci::into(verdict);
  if (verdict != "ok") {
    throw host::Failure("the file is damaged: {}", verdict);
  }
}

void check_copy(const fs::path& file, const Digests& digests) {
  soci::session copy = open_file(file);
  check_file(copy);
  compare(copy, tables(copy), digests);
}

// Sets the numbers that rows get past those that are there.
void set_keys(soci::session& session, const std::vector<Table>& all) {
  for (const Table& table : all) {
    if (table.has_key) {
      const auto done =
          count(session, Sql("SELECT setval(pg_get_serial_sequence(?, 'id'), (SELECT COALESCE(MAX(id), 0) "
                             "+ 1 FROM " +
                                 table.name + "), false)",
                             table.name));
      static_cast<void>(done);
    }
  }
}

void expect_empty(soci::session& session, const std::vector<Table>& all) {
  for (const Table& table : all) {
    if (table.name != "counters" && count(session, Sql("SELECT COUNT(*) FROM " + table.name)) != 0) {
      throw host::Failure("the database is not empty: there is something in {}", table.name);
    }
  }
}

// What is a partition of its own must be there before the transaction.
void make_days(soci::session& from, soci::session& to) {
  for (const auto& [day] : select<std::int64_t>(
           from, Sql("SELECT DISTINCT CAST(FLOOR(time / ?) AS BIGINT) FROM readings ORDER BY 1", kDay))) {
    make_day(to, day, std::time(nullptr));
  }
}

Digests restore_postgresql(const std::string& url, soci::session& from) {
  const auto to = open_session(url);
  const auto is_free = count(*to, Sql("SELECT CASE WHEN pg_try_advisory_lock(hashtextextended('ferry/ferry-hub', 0)) "
                                      "THEN 1 ELSE 0 END"));
  if (is_free == 0) {
    throw host::Failure("a hub uses the database; stop it first");
  }
  const auto all = tables(from);
  const int step = schema_step(from);
  if (schema_step(*to) == 0) {
    migrate(*to, step);
  }
  if (schema_step(*to) != step) {
    throw host::Failure("the database's schema is at step {}, the backup's at {}: ferry hub migrate --to {}",
                        schema_step(*to), step, step);
  }
  expect_empty(*to, all);
  make_days(from, *to);
  *to << "BEGIN";
  *to << "DELETE FROM counters";
  const auto digests = copy(from, *to, all);
  set_keys(*to, all);
  compare(*to, all, digests);
  *to << "COMMIT";
  migrate(*to);
  return digests;
}

Digests restore_sqlite(const fs::path& place, soci::session& from) {
  NewFile target(place);
  const auto digests = write_copy(from, target.path());
  check_copy(target.path(), digests);
  target.commit();
  return digests;
}

template <typename Work>
RowCounts told(const std::string& what, Work work) {
  try {
    return counts(work());
  } catch (const soci::soci_error& error) {
    throw host::Failure("{}: {}", what, error.what());
  }
}

}  // namespace

RowCounts back_up(const std::string& url, const fs::path& file) {
  return told(without_password(url), [&] {
    expect_there(url);
    const auto from = open_session(url);
    if (schema_step(*from) == 0) {
      throw host::Failure("{}: there is nothing of a hub's in it", without_password(url));
    }
    NewFile target(file);
    const auto digests = write_copy(*from, target.path());
    check_copy(target.path(), digests);
    target.commit();
    return digests;
  });
}

RowCounts restore(const std::string& url, const fs::path& file) {
  return told(without_password(url), [&] {
    expect_there("sqlite:" + file.string());
    const DatabaseUrl parsed = DatabaseUrl::parse(url);
    soci::session from = open_file(file);
    check_file(from);
    const int step = schema_step(from);
    if (step == 0 || step > static_cast<int>(migrations().size())) {
      throw host::Failure("{}: {}", file.string(),
                          step == 0 ? "no backup of a hub" : "made by a newer version of ferry");
    }
    return parsed.dialect == Dialect::kPostgresql ? restore_postgresql(url, from) : restore_sqlite(parsed.place, from);
  });
}

}  // namespace ferry::hub
