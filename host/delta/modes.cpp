#include "host/delta/modes.h"

#include <algorithm>

#include "host/delta/segments.h"
#include "host/failure.h"

namespace ferry::host::delta {
namespace {

using ferry::delta::Header;

// The instructions of an image by itself. What they put into a word is a place in the image, whatever its base.
PatchInstructions instructions_of(Mode mode, const Image& image) {
  return {Header{.mode = mode,
                 .old_size = static_cast<std::uint32_t>(image.bytes.size()),
                 .bases = {.old_image = image.base, .new_image = 0}},
          own_bytes(mode, image, image)};
}

template <Mode kMode>
Bytes mask_addresses(const Image& image) {
  PatchInstructions instructions = instructions_of(kMode, image);
  return mask_operands(instructions.get(), image.bytes);
}

template <Mode kMode>
Bytes with_targets(const Image& image, const std::vector<Block>* map) {
  PatchInstructions instructions = instructions_of(kMode, image);
  return with_places(instructions.get(), image.bytes, map);
}

constexpr std::array kModes = {
    ModeTools{Mode::kThumb2, "thumb2", "Cortex-M", thumb2::guess, thumb2::mask_addresses, thumb2::with_targets},
    ModeTools{Mode::kXtensa, "xtensa", "ESP8266, ESP32", guess_xtensa, mask_addresses<Mode::kXtensa>,
              with_targets<Mode::kXtensa>},
    ModeTools{Mode::kRiscV, "riscv", "RV32IMC", guess_riscv, mask_addresses<Mode::kRiscV>, with_targets<Mode::kRiscV>},
    ModeTools{Mode::kAArch64, "aarch64", "Linux, with 8192 KiB", nullptr, nullptr, nullptr},
    ModeTools{Mode::kPlain, "plain", "anything", nullptr, nullptr, nullptr},
};

bool has_layouts(Mode mode) {
  return mode == Mode::kXtensa || mode == Mode::kRiscV;
}

void append(Bytes& out, std::uint32_t number, unsigned bits) {
  for (unsigned shift = 0; shift < bits; shift += 8) {
    out.push_back(static_cast<std::uint8_t>(number >> shift));
  }
}

}  // namespace

std::span<const ModeTools> all_modes() {
  return kModes;
}

const ModeTools& tools_of(Mode mode) {
  return *std::ranges::find(kModes, mode, &ModeTools::mode);
}

std::size_t most_blocks(Mode mode, ferry::delta::MemoryClass memory) {
  return ferry::delta::capacity_of(memory).map - (has_layouts(mode) ? ferry::delta::Layouts::kBlocks : 0);
}

ferry::delta::Tables tables_of(const ferry::delta::Tables& tables, const Header& header) {
  ferry::delta::Tables part = tables.first(ferry::delta::capacity_of(header.memory));
  part.map = part.map.first(most_blocks(header.mode, header.memory));
  return part;
}

Bytes own_bytes(Mode mode, const Image& old, const Image& fresh) {
  Bytes out;
  if (has_layouts(mode)) {
    append(out, static_cast<std::uint32_t>(old.stretches.size() | fresh.stretches.size() << 4U), 8);
    for (const Image* image : {&old, &fresh}) {
      for (const Stretch& stretch : image->stretches) {
        append(out, stretch.place, 24);
        append(out, stretch.address, 32);
      }
    }
  }
  return out;
}

PatchInstructions::PatchInstructions(const Header& header, ByteView own) {
  ferry::delta::PatchInMemory source(own);
  ferry::coding::ByteReader reader(source);
  const auto chosen = sets_.begin(header, reader, room_);
  if (!chosen) {
    throw Failure("the patch is damaged ({})", name(chosen.error()));
  }
  chosen_ = *chosen;
}

}  // namespace ferry::host::delta
