// NOR flash that is stricter than hardware, and that can fail in every way in which hardware does.
//
// Refused (kFlashNotErased): a unit that was programmed since its last erase, also with the same bytes. An operation in
// which the power fails is torn: a program leaves a part of its bits, an erase a part of its work; some of the bits
// that were under way read unstable from then on, another value at each read, until the sector is erased. See
// FaultPlan.
#pragma once

#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "device/flash/nor_flash.h"
#include "sim/fault_plan.h"

namespace ferry::sim {

class NorFlash final : public ferry::NorFlash {
 public:
  NorFlash(FlashGeometry geometry, FaultPlan& faults);

  [[nodiscard]] FlashGeometry geometry() const override { return geometry_; }
  [[nodiscard]] Status read(std::uint32_t offset, ByteSpan bytes) override;
  [[nodiscard]] Status program(std::uint32_t offset, ByteView bytes) override;
  [[nodiscard]] Status erase(std::uint32_t offset) override;

  // What it holds, as a value: keep one and put it back.
  struct Content {
    std::vector<std::uint8_t> bytes;
    std::vector<bool> programmed;      // by unit
    std::set<std::uint32_t> unstable;  // offsets of bytes with bits that read unstable
    friend bool operator==(const Content&, const Content&) = default;
  };
  [[nodiscard]] const Content& content() const { return content_; }
  void restore(const Content& content) { content_ = content; }

  // Faults that come without a power cut.
  void rot(std::uint32_t offset, std::uint8_t bits) { content_.bytes.at(offset) ^= bits; }  // flips bits
  void wear_out(std::uint32_t sector_offset) { worn_out_.insert(sector_offset); }           // erases fail from now on
  [[nodiscard]] std::uint64_t erases() const { return erases_; }

 private:
  [[nodiscard]] bool inside(std::uint32_t offset, std::size_t size) const;
  void tear_program(std::uint32_t offset, ByteView bytes);
  void tear_erase(std::uint32_t offset);
  [[nodiscard]] std::uint32_t random() { return static_cast<std::uint32_t>(random_()); }

  FlashGeometry geometry_;
  FaultPlan& faults_;
  Content content_;
  std::set<std::uint32_t> worn_out_;
  std::mt19937 random_;
  std::uint64_t erases_ = 0;
};

}  // namespace ferry::sim
