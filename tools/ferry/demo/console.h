// What the firmware prints on the board's console, as the events that `ferry-agent --json` prints.
#pragma once

#include <optional>
#include <string>

#include "tools/ferry/output.h"

namespace ferry::tool {

// "meter: burnt 2.0.0, 107012 bytes over the air, 4711 ms", or "boot: software reset, trying slot B, version 2.0.0".
// A board that cannot start is a "failed". Nothing for a line that tells of no event.
[[nodiscard]] std::optional<Json> console_event(const std::string& line);

// "meter: 5188 bytes of stack, 21428 of objects"; "meter: of these the decoder's 12280 of objects, 7984 of flash"
struct ConsoleMemory {
  std::string program;  // "bootloader", "application", or "decoder", which is a part of the latter
  std::uint64_t stack = 0;
  std::uint64_t objects = 0;
  std::uint64_t flash = 0;  // of the decoder
};
[[nodiscard]] std::optional<ConsoleMemory> console_memory(const std::string& line);

}  // namespace ferry::tool
