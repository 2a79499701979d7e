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
  Area area_;
  bool lost_records_ = false;
};

}  // namespace ferry
