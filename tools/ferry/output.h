// What the commands print: text for people, or with --json one JSON document on stdout and nothing else there.
#pragma once

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <nlohmann/json.hpp>

#include "host/failure.h"

namespace ferry::tool {

using Json = nlohmann::ordered_json;

inline void add_json_flag(CLI::App& command, bool& json) {
  command.add_flag("--json", json, "Print one JSON document instead of text");
}

inline void print_json(const Json& document) {
  // Bytes that are no UTF-8 become U+FFFD: a file under inspection may hold anything.
  std::cout << document.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

inline void print_json_line(const Json& document) {
  std::cout << document.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

// Throws Failure where what was printed did not get there: a full disk, a reader that went.
inline void flush_output() {
  std::cout.flush();
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0 || !std::cout) {
    const int error = errno;
    std::clearerr(stdout);  // told once
    throw host::Failure("cannot write to stdout: {}", std::strerror(error != 0 ? error : EIO));
  }
}

}  // namespace ferry::tool
