// The schema, as the numbered steps that lead to it, each with a way back. A step that was released never changes; a
// new one is added at the end.
#pragma once

#include <soci/soci.h>
#include <span>
#include <string_view>

namespace ferry::hub {

// Statements end with ';', and hold none elsewhere. What is in braces is each database's own: dialect.h.
struct Migration {
  std::string_view up;
  std::string_view down;
};

// Step n of the table `migrations` is entry n - 1.
[[nodiscard]] std::span<const Migration> migrations();

// The step that the database is at; 0: an empty one.
[[nodiscard]] int schema_step(soci::session& sql);
// Forwards or backwards to `step`, all or nothing. Throws host::Failure: a step that is not known.
void migrate(soci::session& sql, int step);
// To the newest. Throws host::Failure: made by a newer version of ferry.
void migrate(soci::session& sql);

}  // namespace ferry::hub
