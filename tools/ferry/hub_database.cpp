// ferry hub backup, restore, migrate: the hub's database.
#include <fmt/format.h>

#include "servers/hub/backup.h"
#include "servers/hub/database_url.h"
#include "servers/hub/schema.h"
#include "tools/ferry/commands.h"
#include "tools/ferry/output.h"

namespace ferry::tool {
namespace {

struct Options {
  std::string database;
  std::filesystem::path file;
  int step = -1;
  bool json = false;
};

void print_counts(const char* done, const Options& options, const hub::RowCounts& counts) {
  if (options.json) {
    Json tables = Json::object();
    for (const auto& [table, rows] : counts) {
      tables[table] = rows;
    }
    print_json({{"file", options.file.string()}, {"rows", tables}});
    return;
  }
  fmt::print("{}, read back and compared:\n", done);
  for (const auto& [table, rows] : counts) {
    if (rows > 0) {
      fmt::print("  {:<16} {:>12} rows\n", table, rows);
    }
  }
}

void migrate(const Options& options) {
  const auto session = hub::open_session(options.database);
  const int newest = static_cast<int>(hub::migrations().size());
  const int before = hub::schema_step(*session);
  const int after = options.step < 0 ? newest : options.step;
  hub::migrate(*session, after);
  if (options.json) {
    print_json({{"before", before}, {"after", after}, {"newest", newest}});
    return;
  }
  fmt::print("schema: step {} before, {} now; this version of ferry needs {}\n", before, after, newest);
}

CLI::App* add_command(CLI::App& hub, const char* name, const char* help, const std::shared_ptr<Options>& options) {
  CLI::App* command = hub.add_subcommand(name, help);
  command->add_option("--db", options->database, "sqlite:FILE or postgresql://user:password@host:port/name")
      ->required();
  add_json_flag(*command, options->json);
  return command;
}

}  // namespace

void add_hub_database(CLI::App& hub) {
  auto backup = std::make_shared<Options>();
  CLI::App* command = add_command(hub, "backup", "Copy all of the database to a file, while hubs go on", backup);
  command->add_option("--out", backup->file, "File; it must not exist")->required();
  command->footer("Example: ferry hub backup --db sqlite:hub/hub.sqlite --out hub-backup.sqlite");
  command->callback([backup] { print_counts("copied", *backup, hub::back_up(backup->database, backup->file)); });

  auto restore = std::make_shared<Options>();
  command = add_command(hub, "restore", "Put a backup into an empty database, of whichever kind", restore);
  command->add_option("--from", restore->file, "File of ferry hub backup")->required();
  command->footer("Example: ferry hub restore --db postgresql://ferry:secret@127.0.0.1/ferry --from hub-backup.sqlite");
  command->callback([restore] { print_counts("restored", *restore, hub::restore(restore->database, restore->file)); });

  auto steps = std::make_shared<Options>();
  command = add_command(hub, "migrate", "Bring the database's schema to a step, forwards or backwards", steps);
  command->add_option("--to", steps->step, "Step; the newest if not given. 0 removes everything")
      ->check(CLI::NonNegativeNumber);
  command->footer(
      "Example: ferry hub migrate --db sqlite:hub/hub.sqlite --to 3\n"
      "Stop the hubs and make a backup first: a step back lets go of what that schema has no place for.");
  command->callback([steps] { migrate(*steps); });
}

}  // namespace ferry::tool
