// What one session, one address and the whole server may take. Every limit has a test that names it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "device/base/time.h"

namespace ferry::server::ftp {

struct Limits {
  std::size_t line = 1024;                        // bytes of a command, without its line end
  std::size_t unsent_replies = 8192;              // bytes; commands wait while so much is not sent
  std::size_t list_entries = 10'000;              // of a folder; the rest is left out, and the reply says so
  std::uint32_t bad_commands = 20;                // in a session, before it is closed
  std::uint32_t login_attempts = 3;               // in a session
  std::uint64_t upload = std::uint64_t{4} << 30;  // bytes of one file
  Duration login = 30s;                           // from connecting to being logged in
  Duration idle = 300s;                           // without a command and without a transfer
  Duration data_connect = 30s;                    // from the transfer command to the data connection
  Duration stall = 120s;                          // without a byte of data; a slow transfer goes on for ever
  Duration failed_login_delay = 1s;

  std::uint32_t sessions = 2000;
  // A carrier's NAT hides many devices behind one address.
  std::uint32_t sessions_per_address = 500;
  std::uint32_t failed_logins_per_address =
      60;  // within `failed_login_window`; then it is turned away for the rest of it
  Duration failed_login_window = 600s;
};

}  // namespace ferry::server::ftp
