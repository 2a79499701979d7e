#include "host/delta/segments.h"

#include <algorithm>

namespace ferry::host::delta {
namespace {

constexpr std::uint8_t kMagic = 0xE9;
constexpr std::uint32_t kFlash = 0x40200000;  // where an ESP8266 sees its flash
constexpr std::size_t kMost = ferry::delta::Layout::kMost;

// The segments of a header of `header_size` bytes; nothing where they do not fit into the image.
std::vector<Stretch> segments(ByteView image, std::size_t header_size, std::uint32_t flash) {
  std::vector<Stretch> found;
  std::size_t at = header_size;
  for (unsigned i = 0; i < image[1]; ++i) {
    if (at + 8 > image.size()) {
      return {};
    }
    const std::uint32_t address = load_le32(image.subspan(at, 4));
    const std::uint32_t size = load_le32(image.subspan(at + 4, 4));
    at += 8;
    if (size > image.size() - at) {
      return {};
    }
    found.push_back({static_cast<std::uint32_t>(at), address});
    at += size;
  }
  if (at < image.size()) {
    found.push_back({static_cast<std::uint32_t>(at), flash + static_cast<std::uint32_t>(at)});
  }
  return found.size() <= kMost ? found : std::vector<Stretch>();
}

// ADDI a1, a1, -n, or ENTRY a1, n
bool begins_xtensa(std::uint32_t code) {
  return (code & 0xFFFFU) == 0xC112U || (code & 0xFFFFU) == 0x136U;
}
// ADDI sp, sp, -n: compressed, in two ways, or in four bytes
bool begins_riscv(std::uint32_t code) {
  return (code & 0x9F83U) == 0x1101U || (code & 0x800FFFFFU) == 0x80010113U;
}

// The base among some of which most words of the image point at the beginning of a function.
class BaseSearch {
 public:
  BaseSearch(ByteView image, bool (*begins)(std::uint32_t code), std::uint32_t usual)
      : image_(image), begins_(begins), best_(usual) {
    for (std::size_t at = 0; at + 4 <= image.size(); at += 4) {
      words_.push_back(load_le32(image.subspan(at, 4)));
    }
  }
  void try_base(std::uint32_t base) {
    std::size_t count = 0;
    for (const std::uint32_t word : words_) {
      const std::uint32_t inside = word - base;
      const bool fits = inside % 2 == 0 && image_.size() >= 4 && inside <= image_.size() - 4;
      count += fits && begins_(load_le32(image_.subspan(inside, 4))) ? 1 : 0;
    }
    if (count > most_) {
      most_ = count;
      best_ = base;
    }
  }
  [[nodiscard]] std::uint32_t best() const { return best_; }

 private:
  ByteView image_;
  bool (*begins_)(std::uint32_t code);
  std::vector<std::uint32_t> words_;
  std::uint32_t best_;
  std::size_t most_ = 0;
};

}  // namespace

std::vector<Stretch> espressif_segments(ByteView image, std::uint32_t flash) {
  if (image.size() < 32 || image[0] != kMagic || image[1] == 0 || image[1] > 16) {
    return {};
  }
  constexpr std::size_t kShort = 8;  // of ESP8266
  constexpr std::size_t kLong = 24;
  std::vector<Stretch> found = segments(image, kShort, flash);
  return found.empty() ? segments(image, kLong, flash) : found;
}

Image guess_xtensa(ByteView image) {
  if (auto found = espressif_segments(image, kFlash); !found.empty()) {
    return {.bytes = image, .base = kFlash, .stretches = std::move(found)};
  }
  BaseSearch search(image, begins_xtensa, kFlash);
  for (std::uint32_t i = 0; i < 64; ++i) {
    search.try_base(kFlash + i * 0x1000);
    search.try_base(0x400D0000 + i * 0x10000);
    search.try_base(0x400D0020 + i * 0x10000);
  }
  return {.bytes = image, .base = search.best()};
}

// ESP32-C3 and its kin see their flash at 0x42000000; the others are usual places of flash.
Image guess_riscv(ByteView image) {
  constexpr std::uint32_t kFlashOfRiscV = 0x42000000;
  if (auto found = espressif_segments(image, kFlashOfRiscV); !found.empty()) {
    return {.bytes = image, .base = kFlashOfRiscV, .stretches = std::move(found)};
  }
  BaseSearch search(image, begins_riscv, kFlashOfRiscV);
  for (const std::uint32_t flash :
       {kFlashOfRiscV, 0U, 0x08000000U, 0x10000000U, 0x20000000U, 0x23000000U, 0x80000000U}) {
    for (std::uint32_t i = 0; i < 64; ++i) {
      search.try_base(flash + i * 0x1000);
      search.try_base(flash + i * 0x10000);
    }
  }
  return {.bytes = image, .base = search.best()};
}

}  // namespace ferry::host::delta
