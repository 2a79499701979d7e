#include "servers/hub/seal_store.h"

#include "servers/hub/seal.h"
#include "servers/hub/sql.h"

namespace ferry::hub {
namespace {

std::optional<SealState> find(soci::session& session, const std::string& device, const SealNumber& number) {
  const auto row = select_one<std::int64_t, std::int64_t, std::int64_t, std::int64_t>(
      session, Sql("SELECT highest, seen, received, missing FROM seals WHERE device = ? AND key_id = ? AND series = ?",
                   device, number.key, number.series));
  if (!row) {
    return std::nullopt;
  }
  const auto& [highest, seen, received, missing] = *row;
  return SealState{
      .highest = highest, .seen = static_cast<std::uint64_t>(seen), .received = received, .missing = missing};
}

bool insert(soci::session& session, const std::string& device, const SealNumber& number) {
  const SealState state = first_of_series(number.number);
  return execute(session,
                 Sql("INSERT INTO seals (device, key_id, series, highest, seen, received, missing) VALUES "
                     "(?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                     device, number.key, number.series, state.highest, state.seen, state.received, state.missing)) == 1;
}

// Only where it is still as it was found.
bool replace(soci::session& session, const std::string& device, const SealNumber& number, const SealState& before,
             const SealState& after) {
  return execute(session, Sql("UPDATE seals SET highest = ?, seen = ?, received = ?, missing = ? WHERE device = ? AND "
                              "key_id = ? AND series = ? AND highest = ? AND seen = ?",
                              after.highest, after.seen, after.received, after.missing, device, number.key,
                              number.series, before.highest, before.seen)) == 1;
}

}  // namespace

bool enter_seal(soci::session& session, const std::string& device, const SealNumber& number) {
  while (true) {
    const auto before = find(session, device, number);
    if (!before) {
      if (insert(session, device, number)) {
        return true;
      }
      continue;
    }
    const auto after = enter_number(*before, number.number);
    if (!after) {
      return false;
    }
    if (replace(session, device, number, *before, *after)) {
      return true;
    }
  }
}

SealSummary seal_summary(soci::session& session, const std::string& device) {
  const auto row = select_one<std::int64_t, std::int64_t, std::int64_t>(
      session, Sql("SELECT COUNT(*), CAST(COALESCE(SUM(received), 0) AS BIGINT), "
                   "CAST(COALESCE(SUM(missing), 0) AS BIGINT) FROM seals WHERE device = ?",
                   device));
  const auto& [series, received, missing] = row.value();
  return {.series = series, .received = received, .missing = missing};
}

}  // namespace ferry::hub
