// How folders and files are described to a client.
#pragma once

#include <string>

#include "device/base/time.h"
#include "servers/ftp/tree.h"

namespace ferry::server::ftp {

enum class ListingForm : std::uint8_t { kLong, kNames, kFacts };  // LIST, NLST, MLSD

// Lines end with CR LF. `now` decides whether LIST shows the time or the year.
[[nodiscard]] std::string format_listing(const Listing& listing, ListingForm form, WallTime now, bool may_write);
// RFC 3659, 7: "type=file;size=3;modify=20260501120000;perm=r; ", without a name.
[[nodiscard]] std::string format_facts(const Facts& facts, bool may_write);
// RFC 3659, 2.3: YYYYMMDDHHMMSS, UTC.
[[nodiscard]] std::string format_mdtm(std::int64_t seconds);

}  // namespace ferry::server::ftp
