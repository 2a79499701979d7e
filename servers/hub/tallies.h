// Counts of the fleet that are kept as data arrives, so that who asks for them waits for nothing to be counted. They
// are in the table `tallies` by name and key.
#pragma once

#include <map>
#include <soci/soci.h>
#include <string>
#include <string_view>

namespace ferry::hub {

// The names. The key is empty where nothing is said of it.
inline constexpr std::string_view kTallyDevices = "devices";
inline constexpr std::string_view kTallyOnline = "online";
inline constexpr std::string_view kTallyEvents = "events";
inline constexpr std::string_view kTallyVersion = "version";  // devices by version that runs; "" = not known
inline constexpr std::string_view kTallyReading = "reading";  // devices by the name of a reading
inline constexpr std::string_view kTallyRefused = "refused";  // messages by reason

using Counts = std::map<std::string, std::int64_t>;

// What a transaction changes.
class Tallies {
 public:
  void add(std::string_view name, const std::string& key, std::int64_t change) {
    changes_[{std::string(name), key}] += change;
  }
  // Into the database, within the caller's transaction, and in one order, in which others may wait. Begins anew after
  // it. Throws soci::soci_error.
  void enter(soci::session& sql);
  void clear() { changes_.clear(); }

 private:
  std::map<std::pair<std::string, std::string>, std::int64_t> changes_;
};

// By key; those that are 0 are left out.
[[nodiscard]] Counts tallies(soci::session& sql, std::string_view name);
[[nodiscard]] std::int64_t tally(soci::session& sql, std::string_view name);

}  // namespace ferry::hub
