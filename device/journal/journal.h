// Append-only, power-fail-safe records on two or more sectors of NOR flash. spec/journal.md has the bytes.
//
// A journal holds the latest value of up to kMaxTags small records, each named by a tag. put() appends; when a sector
// is full the live records move to the next one. Whatever the instant of a power cut, after the next mount() every
// record has either its old value or its new one, and it keeps that value at every later mount: a record whose
// program was torn, and which might read well today and badly tomorrow, is settled by mount().
#pragma once

#include <array>

#include "device/flash/area.h"

namespace ferry {

// Stable numbers: they are in flash.
enum class Tag : std::uint8_t {
  kBootState = 1,     // slots/boot_state.h
  kProgress = 2,      // slots/staging.h
  kTime = 3,          // the highest time of day ever seen
  kSchedule = 4,      // back-off after failed upgrades, the last day's attempt
  kReport = 5,        // the last upgrade's outcome, until the business server has it
  kApplication = 15,  // free for the application
};

class Journal {
 public:
  static constexpr std::size_t kMaxTags = 16;    // tags 1..15
  static constexpr std::size_t kMaxValue = 128;  // bytes of one value

  // `area` has at least two sectors. Nothing is read before mount().
  explicit Journal(Area area) : area_(area) {}

  // Finds the latest records, and repairs what a power cut left. An area that was never a journal becomes an empty one.
  // Errors: kInvalidArgument (area too small), kIo, kFlashWornOut (no sector takes an erase). After an error the
  // journal refuses everything with kWrongState until mount() succeeds.
  [[nodiscard]] Status mount();

  // Copies the latest value into `buffer` and returns that part of it. Errors: kNotFound, kNoSpace, kWrongState,
  // kCorrupt, kIo.
  [[nodiscard]] Result<ByteView> get(Tag tag, ByteSpan buffer) const;

  // Durable when it returns. The same value again is not written again. Errors: kInvalidArgument (size), kJournalFull
  // (live records exceed a sector), kWrongState, kIo, kFlashWornOut.
  [[nodiscard]] Status put(Tag tag, ByteView value);

  // What mount() found wrong and got around: sectors or records whose check failed other than by a torn last write.
  [[nodiscard]] bool lost_records() const { return lost_records_; }

 private:
  struct Sector {
    std::uint32_t index = 0;
    std::uint32_t generation = 0;
  };

  [[nodiscard]] std::uint32_t unit() const { return area_.write_size(); }
  [[nodiscard]] std::uint32_t padded(std::size_t size) const;
  [[nodiscard]] std::uint32_t seal_offset(std::size_t which) const;  // of the two fixed seals, in their sector
  [[nodiscard]] std::uint32_t first_record() const;
  [[nodiscard]] std::uint32_t base(std::uint32_t sector) const { return sector * area_.sector_size(); }
  [[nodiscard]] std::uint32_t sector_count() const { return area_.size() / area_.sector_size(); }

  // Mounting, in its order.
  [[nodiscard]] Status choose_sector();
  [[nodiscard]] Result<bool> is_committed(std::uint32_t sector);
  [[nodiscard]] Status format();
  [[nodiscard]] Status scan();
  [[nodiscard]] Status settle_tail();

  // One entry, at an offset in the area.
  struct Entry {
    std::uint8_t kind = 0;
    std::uint8_t tag = 0;
    std::uint8_t length = 0;
  };
  // Reads and checks the entry at `offset`; its value goes into `value` (kMaxValue bytes). Errors: kCorrupt, kIo.
  [[nodiscard]] Result<Entry> read_entry(std::uint32_t offset, ByteSpan value) const;
  [[nodiscard]] Result<ByteView> get_settled(std::uint8_t tag, ByteSpan buffer) const;
  [[nodiscard]] Result<bool> is_erased(std::uint32_t offset, std::uint32_t length) const;
  [[nodiscard]] Result<std::uint32_t> find_entry(std::uint32_t from, std::uint32_t end) const;  // kNotFound
  [[nodiscard]] Status program_entry(std::uint32_t offset, const Entry& entry, ByteView value);
  [[nodiscard]] Status append(const Entry& entry, ByteView value);

  // Writes the live records, with `value` for `tag` (0 = none), into another sector and goes on there.
  [[nodiscard]] Status move(std::uint8_t tag, ByteView value);
  [[nodiscard]] Status fill_sector(const Sector& target, std::uint8_t tag, ByteView value);
  [[nodiscard]] Status copy_live(std::uint32_t& at, std::uint32_t end, std::uint8_t tag, ByteView value);

  Area area_;
  Sector current_;
  std::uint32_t tail_ = 0;                         // where the next entry goes, in the area
  std::array<std::uint32_t, kMaxTags> offsets_{};  // of the latest record by tag; 0 = none
  bool mounted_ = false;
  bool tail_is_dirty_ = false;  // something is there that is no entry: nothing may be appended behind it
  bool tail_is_sealed_ = false;
  bool lost_records_ = false;
};

}  // namespace ferry
