// The table of commands: who may give them, whether they need an argument, and who obeys.
#pragma once

#include "servers/ftp/session.h"

namespace ferry::server::ftp {

enum class Access : std::uint8_t { kAnybody, kReader, kWriter };
enum class Argument : std::uint8_t { kOptional, kNeeded };

struct Verb {
  std::string_view name;
  Access access;
  Argument argument;
  void (Session::*function)(const Command& command, Instant now);

  static const std::span<const Verb> kAll;
};

// nullptr where there is none.
[[nodiscard]] const Verb* find_verb(std::string_view name);

// Others wait until the transfer has ended.
[[nodiscard]] bool works_in_transfer(std::string_view verb);

}  // namespace ferry::server::ftp
