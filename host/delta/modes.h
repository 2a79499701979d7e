// The modes that this build makes patches in, and what each knows of images beyond what the decoder does.
#pragma once

#include <string_view>

#include "device/delta/in_memory.h"
#include "device/delta/instruction_sets.h"
#include "device/delta/riscv.h"
#include "device/delta/thumb2.h"
#include "device/delta/xtensa.h"
#include "host/delta/normalise.h"

namespace ferry::host::delta {

using ferry::delta::Mode;

using AllSets = ferry::delta::SetsOf<ferry::delta::Thumb2, ferry::delta::Xtensa, ferry::delta::RiscV>;

struct ModeTools {
  Mode mode;
  std::string_view name;         // as a person writes it
  std::string_view description;  // what runs such code
  // Of normalise.h, all three; nullptr in the plain mode and that of Linux, which host/delta/huge knows.
  Image (*guess)(ByteView bytes);
  Bytes (*mask_addresses)(const Image& image);
  Bytes (*with_targets)(const Image& image, const std::vector<Block>* map);
};

// Whether decoders of that class know the mode: the one for Linux has modes of its own.
[[nodiscard]] constexpr bool goes_with(Mode mode, ferry::delta::MemoryClass memory) {
  return mode == Mode::kPlain || (mode == Mode::kAArch64) == (memory == ferry::delta::MemoryClass::kHuge);
}

// In the order in which they are tried.
[[nodiscard]] std::span<const ModeTools> all_modes();
[[nodiscard]] const ModeTools& tools_of(Mode mode);

// How many blocks an address map may have; and the part of `tables`, of MemoryClass::kLarge, that a patch has.
[[nodiscard]] std::size_t most_blocks(Mode mode, ferry::delta::MemoryClass memory);
[[nodiscard]] ferry::delta::Tables tables_of(const ferry::delta::Tables& tables, const ferry::delta::Header& header);

// What a patch has of its mode alone, between its header and its code.
[[nodiscard]] Bytes own_bytes(Mode mode, const Image& old, const Image& fresh);

// The instructions of a patch, for who makes it or reads it on a host.
class PatchInstructions {
 public:
  // `own`: as of own_bytes().
  PatchInstructions(const ferry::delta::Header& header, ByteView own);
  [[nodiscard]] ferry::delta::Instructions& get() { return *chosen_.instructions; }
  [[nodiscard]] std::uint32_t bytes() const { return chosen_.bytes; }

 private:
  std::array<ferry::delta::PackedBlock, ferry::delta::Layouts::kBlocks> room_;
  AllSets sets_;
  ferry::delta::ChosenSet chosen_;
};

}  // namespace ferry::host::delta
