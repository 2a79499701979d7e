#include "servers/ftp/listing.h"

#include <array>
#include <ctime>
#include <fmt/format.h>

namespace ferry::server::ftp {
namespace {

constexpr std::int64_t kHalfYear = std::int64_t{180} * 86400;

std::tm to_utc(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  return parts;
}

// As `ls -l` does: files of the last half year with the time, others with the year.
std::string format_ls_time(std::int64_t seconds, WallTime now) {
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::tm parts = to_utc(seconds);
  const std::int64_t age = now.time_since_epoch().count() - seconds;
  const char* month = kMonths.at(static_cast<std::size_t>(parts.tm_mon));
  if (age < 0 || age > kHalfYear) {
    return fmt::format("{} {:2}  {:4}", month, parts.tm_mday, parts.tm_year + 1900);
  }
  return fmt::format("{} {:2} {:02}:{:02}", month, parts.tm_mday, parts.tm_hour, parts.tm_min);
}

std::string long_line(const Facts& facts, WallTime now, bool may_write) {
  const char* mode =
      facts.is_folder ? (may_write ? "drwxr-xr-x" : "dr-xr-xr-x") : (may_write ? "-rw-r--r--" : "-r--r--r--");
  return fmt::format("{}   1 ferry    ferry    {:>12} {} {}\r\n", mode, facts.size, format_ls_time(facts.modified, now),
                     facts.name);
}

}  // namespace

std::string format_mdtm(std::int64_t seconds) {
  const std::tm parts = to_utc(seconds);
  return fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string format_facts(const Facts& facts, bool may_write) {
  const std::string modified = format_mdtm(facts.modified);
  if (facts.is_folder) {
    return fmt::format("type=dir;modify={};perm={}; ", modified, may_write ? "cdeflmp" : "el");
  }
  return fmt::format("type=file;size={};modify={};perm={}; ", facts.size, modified, may_write ? "adfrw" : "r");
}

std::string format_listing(const Listing& listing, ListingForm form, WallTime now, bool may_write) {
  std::string text;
  for (const Facts& facts : listing.entries) {
    switch (form) {
      case ListingForm::kLong:
        text += long_line(facts, now, may_write);
        break;
      case ListingForm::kNames:
        text += facts.name + "\r\n";
        break;
      case ListingForm::kFacts:
        text += format_facts(facts, may_write) + facts.name + "\r\n";
        break;
    }
  }
  return text;
}

}  // namespace ferry::server::ftp
