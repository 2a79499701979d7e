#include "device/flash/nor_flash_rules.h"

#include <algorithm>
#include <array>
#include <bit>

namespace ferry {
namespace {

using Unit = std::array<std::uint8_t, kMaxWriteSize>;
using Rule = std::string_view;

constexpr Rule kKept{};

// What a unit is programmed with: never 0xff, and different from its neighbours.
Unit pattern(std::uint32_t offset) {
  Unit bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>((offset / 8 + i * 37) % 255);
  }
  return bytes;
}

class Trial {
 public:
  Trial(NorFlash& flash, std::uint32_t first) : flash_(flash), geometry_(flash.geometry()), first_(first) {}

  Rule geometry() const {
    const auto [size, sector, unit] = geometry_;
    if (!std::has_single_bit(sector) || !std::has_single_bit(unit) || unit > kMaxWriteSize || unit > sector) {
      return "sector and write unit are powers of two, and the unit is not too large";
    }
    if (size % sector != 0 || first_ % sector != 0 || first_ > size || kSectorsForRules * sector > size - first_) {
      return "the flash has whole sectors, and the ones to try among them";
    }
    return kKept;
  }

  Rule erases() {
    for (std::uint32_t sector = 0; sector < kSectorsForRules; ++sector) {
      if (!flash_.erase(at(sector)) || !reads_erased(at(sector), geometry_.sector_size)) {
        return "an erased sector reads 0xff everywhere";
      }
    }
    return kKept;
  }

  Rule programs() {
    for (std::uint32_t offset = at(1); offset < at(2); offset += unit()) {
      if (!program(offset) || !reads_programmed(offset)) {
        return "a programmed unit reads as it was programmed";
      }
    }
    if (!reads_erased(at(0), geometry_.sector_size) || !reads_erased(at(2), geometry_.sector_size)) {
      return "programming a sector leaves its neighbours alone";
    }
    return kKept;
  }

  Rule reads_anywhere() {
    std::array<std::uint8_t, 7> bytes{};
    const std::uint32_t offset = at(2) - 3;
    if (!flash_.read(offset, bytes) || bytes[3] != 0xFF || bytes[2] != pattern(at(2) - unit())[unit() - 1]) {
      return "a read may begin and end anywhere";
    }
    return kKept;
  }

  Rule refuses_what_is_not_erased() {
    if (program(at(1)) || program(at(2) - unit())) {
      return "a unit that is not erased is not programmed";
    }
    const std::array<std::uint8_t, 2 * kMaxWriteSize> two{};
    if (flash_.program(at(2) - unit(), ByteView(two).first(2 * unit())) || !reads_erased(at(2), unit())) {
      return "a program that meets a unit that is not erased does nothing";
    }
    return kKept;
  }

  Rule erases_one_sector() {
    if (!program(at(1) - unit()) || !program(at(2)) || !flash_.erase(at(1))) {
      return "what is erased can be programmed and erased";
    }
    if (!reads_erased(at(1), geometry_.sector_size) || !reads_programmed(at(1) - unit()) || !reads_programmed(at(2))) {
      return "an erase takes its sector, whole and alone";
    }
    return kKept;
  }

  // From bytes that stand at an odd address.
  Rule programs_from_anywhere() {
    std::array<std::uint8_t, kMaxWriteSize + 1> shifted{};
    const Unit bytes = pattern(at(1));
    std::ranges::copy(bytes, shifted.begin() + 1);
    if (!flash_.program(at(1), ByteView(shifted).subspan(1, unit())) || !reads_programmed(at(1))) {
      return "the bytes to program may stand anywhere";
    }
    return kKept;
  }

  Rule stays_inside() {
    Unit bytes{};
    const ByteSpan one = ByteSpan(bytes).first(unit());
    const std::uint32_t end = geometry_.size;
    if (flash_.read(end, one) || flash_.read(end - unit() + 1, one) || flash_.read(UINT32_MAX, one)) {
      return "nothing is read beyond the end";
    }
    if (flash_.program(end, one) || flash_.program(UINT32_MAX - unit() + 1, one) || flash_.erase(end)) {
      return "nothing is changed beyond the end";
    }
    if (unit() > 1 && (flash_.program(at(0) + 1, one) || flash_.program(at(0), one.first(1)))) {
      return "only whole units are programmed";
    }
    if (flash_.erase(at(0) + unit())) {
      return "only a sector's start is erased";
    }
    return kKept;
  }

 private:
  [[nodiscard]] std::uint32_t unit() const { return geometry_.write_size; }
  [[nodiscard]] std::uint32_t at(std::uint32_t sector) const { return first_ + sector * geometry_.sector_size; }
  bool program(std::uint32_t offset) {
    return flash_.program(offset, ByteView(pattern(offset)).first(unit())).has_value();
  }
  bool reads_programmed(std::uint32_t offset) { return reads(offset, pattern(offset)); }

  bool reads(std::uint32_t offset, const Unit& expected) {
    Unit bytes{};
    return flash_.read(offset, ByteSpan(bytes).first(unit())) &&
           std::ranges::equal(ByteView(bytes).first(unit()), ByteView(expected).first(unit()));
  }

  bool reads_erased(std::uint32_t offset, std::uint32_t size) {
    Unit erased{};
    erased.fill(0xFF);
    for (std::uint32_t done = 0; done < size; done += unit()) {
      if (!reads(offset + done, erased)) {
        return false;
      }
    }
    return true;
  }

  NorFlash& flash_;
  FlashGeometry geometry_;
  std::uint32_t first_;
};

}  // namespace

std::string_view broken_rule(NorFlash& flash, std::uint32_t offset) {
  Trial trial(flash, offset);
  if (const Rule broken = trial.geometry(); !broken.empty()) {
    return broken;
  }
  for (const auto rule : {&Trial::erases, &Trial::programs, &Trial::reads_anywhere, &Trial::refuses_what_is_not_erased,
                          &Trial::erases_one_sector, &Trial::programs_from_anywhere, &Trial::stays_inside}) {
    if (const Rule broken = (trial.*rule)(); !broken.empty()) {
      return broken;
    }
  }
  return kKept;
}

}  // namespace ferry
