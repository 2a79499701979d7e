// NOR flash that is stricter than hardware, and that can fail in every way in which hardware does.
//
// Refused (kFlashNotErased): a unit that was programmed since its last erase, also with the same bytes. An operation in
// which the power fails is torn: a program leaves a part of its bits, an erase a part of its work, in no order. Bits
// that were under way may read unstable from then on, until the sector is erased: another value at each read, or at
// each return of the power. What was torn may look untouched, and may then take a program, and stay unstable under it;
// or refuse it. See FaultPlan.
#pragma once

#include <cstdint>
#include <map>
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

  // Bits of one byte that do not hold: they read otherwise at each read; when the power returns; or when it returns,
  // all of them alike, so that what was torn is there today, gone tomorrow.
  enum class Changes : std::uint8_t { kAtEachRead, kInEachSession, kAllTogether };
  struct Unstable {
    std::uint8_t bits = 0;
    Changes changes = Changes::kAtEachRead;
    friend bool operator==(const Unstable&, const Unstable&) = default;
  };
  // What it holds, as a value: keep one and put it back.
  struct Content {
    std::vector<std::uint8_t> bytes;
    std::vector<bool> programmed;                // by unit
    std::set<std::uint32_t> torn;                // units that an interrupted operation left as they are
    std::map<std::uint32_t, Unstable> unstable;  // by offset
    friend bool operator==(const Content&, const Content&) = default;
  };
  [[nodiscard]] const Content& content() const { return content_; }
  void restore(const Content& content) { content_ = content; }
  void seed(std::uint64_t seed) { random_.seed(static_cast<std::mt19937::result_type>(seed)); }

  // Faults that come without a power cut.
  void rot(std::uint32_t offset, std::uint8_t bits) { content_.bytes.at(offset) ^= bits; }  // flips bits
  void wear_out(std::uint32_t sector_offset) { worn_out_.insert(sector_offset); }           // erases fail from now on
  void break_unit(std::uint32_t offset) { broken_.insert(offset / geometry_.write_size); }  // programs fail: kIo
  void blur_once(std::uint32_t offset) { blurred_.insert(offset); }  // the next read of this byte is wrong
  // A part that checks itself: torn units read kCorrupt.
  void check_units(bool on) { checks_units_ = on; }
  [[nodiscard]] std::uint64_t erases() const { return erases_; }
  [[nodiscard]] std::uint64_t erases(std::uint32_t sector_offset) const;

 private:
  [[nodiscard]] bool inside(std::uint32_t offset, std::size_t size) const;
  [[nodiscard]] bool is_torn(std::uint32_t offset, std::size_t size) const;
  [[nodiscard]] std::uint8_t noise(std::uint32_t offset, const Unstable& unstable);
  void notice_power();
  void tear_program(std::uint32_t offset, ByteView bytes);
  enum class Fate : std::uint8_t { kUntouched, kWhole, kPart, kWeak, kBarely };
  struct Tear {
    Fate fate;
    Changes changes;
    bool takes_program;  // what was barely touched takes a program
  };
  void tear_unit(std::uint32_t offset, ByteView bytes, const Tear& tear);
  void tear_erase(std::uint32_t offset);
  void make_unstable(std::uint32_t offset, std::uint8_t bits, Changes changes);
  [[nodiscard]] std::uint32_t random() { return static_cast<std::uint32_t>(random_()); }
  [[nodiscard]] std::uint8_t random_byte() { return static_cast<std::uint8_t>(random()); }

  FlashGeometry geometry_;
  FaultPlan& faults_;
  Content content_;
  std::set<std::uint32_t> worn_out_;
  std::set<std::uint32_t> broken_;
  std::set<std::uint32_t> blurred_;
  std::map<std::uint32_t, std::uint64_t> erases_by_sector_;
  std::mt19937 random_;
  std::uint64_t erases_ = 0;
  std::uint32_t session_ = 0;
  bool was_off_ = false;
  bool checks_units_ = false;
};

}  // namespace ferry::sim
