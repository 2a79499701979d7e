// Payloads of every kind, for machines that have nothing but the decoder: FOLDER/NAME/old.bin, new.bin and payload.
//
// usage: decode_examples FOLDER [--linux]      with --linux those for Linux, too
#include <filesystem>
#include <fmt/format.h>

#include "host/delta/aarch64_program_test_util.h"
#include "host/delta/container.h"
#include "host/delta/modes.h"
#include "host/delta/program_test_util.h"
#include "host/delta/riscv_program_test_util.h"
#include "host/delta/xtensa_program_test_util.h"
#include "host/failure.h"
#include "host/files.h"
#include "host/packed/container.h"

namespace ferry {
namespace {

namespace fs = std::filesystem;
using host::Bytes;
using host::delta::MemoryClass;
using host::delta::Mode;

constexpr std::size_t kFunctions = 150;

struct Pair {
  Bytes old;
  Bytes fresh;
};

template <class Program>
Pair pair_of(std::uint32_t seed, std::size_t functions = kFunctions) {
  Program program(seed, functions);
  Pair pair{.old = program.link(), .fresh = {}};
  program.add_function(12);
  program.add_function(90);
  pair.fresh = program.link();
  return pair;
}

Bytes noise(std::size_t size) {
  std::mt19937 dice(7);
  Bytes bytes(size);
  for (auto& byte : bytes) {
    byte = static_cast<std::uint8_t>(dice());
  }
  return bytes;
}

void put(const fs::path& folder, const Pair& pair, const Bytes& payload) {
  host::FileSet files;
  files.put(folder / "old.bin", pair.old);
  files.put(folder / "new.bin", pair.fresh);
  files.put(folder / "payload", payload);
  files.commit();
}

void put_delta(const fs::path& folder, const Pair& pair, MemoryClass memory, Mode mode) {
  const fs::path name = fmt::format("delta-{}-{}", host::delta::tools_of(mode).name, static_cast<int>(memory));
  put(folder / name, pair, host::delta::make_delta(pair.old, pair.fresh, {.memory = memory, .mode = mode}));
}

void put_deltas(const fs::path& folder) {
  const Pair thumb2 = pair_of<host::delta::Program>(1);
  for (const MemoryClass memory : {MemoryClass::kSmall, MemoryClass::kMedium, MemoryClass::kLarge}) {
    put_delta(folder, thumb2, memory, Mode::kPlain);
    put_delta(folder, thumb2, memory, Mode::kThumb2);
    put_delta(folder, pair_of<host::delta::XtensaProgram>(2), memory, Mode::kXtensa);
    put_delta(folder, pair_of<host::delta::RiscVProgram>(3), memory, Mode::kRiscV);
  }
}

void put_deltas_for_linux(const fs::path& folder) {
  const Pair pair = pair_of<host::delta::AArch64Program>(6, 1000);
  put_delta(folder, pair, MemoryClass::kHuge, Mode::kPlain);
  put_delta(folder, pair, MemoryClass::kHuge, Mode::kAArch64);
}

void put_packed(const fs::path& folder, std::string_view name, Bytes image) {
  const Bytes payload = host::packed::make_packed(image);
  put(folder / fmt::format("packed-{}", name), {.old = {}, .fresh = std::move(image)}, payload);
}

void make(const fs::path& folder, bool for_linux) {
  put_deltas(folder);
  if (for_linux) {
    put_deltas_for_linux(folder);
  }
  put_packed(folder, "thumb2", host::delta::Program(4, kFunctions).link());
  put_packed(folder, "riscv", host::delta::RiscVProgram(5, kFunctions).link());
  put_packed(folder, "noise", noise(5000));
}

}  // namespace
}  // namespace ferry

int main(int argc, char** argv) {
  try {
    if (argc < 2) {
      throw ferry::host::Failure("usage: decode_examples FOLDER [--linux]");
    }
    ferry::make(argv[1], argc > 2);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "decode_examples: {}\n", error.what());
    return 1;
  }
}
