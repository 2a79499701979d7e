// Append-only, power-fail-safe records on two or more sectors of NOR flash. spec/journal.md has the bytes and the
// reasons.
//
// A journal holds the latest value of up to kMaxTags small records, each named by a tag. put() appends; when there is
// no room the live records move on to a fresh place. Whatever the instant of a power cut, after the next mount() every
// record has either its old value or its new one, and it keeps that value at every later mount: nothing that was under
// way in the cut, and might read well today and badly tomorrow, is still needed when mount() returns.
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
  kSeal = 6,          // seal/sealer.h
  kApplication = 15,  // free for the application
};

class Journal {
 public:
  static constexpr std::size_t kMaxTags = 16;    // tags 1..15
  static constexpr std::size_t kMaxValue = 128;  // bytes of one value

  // `area` has at least two sectors. Nothing is read before mount().
  explicit Journal(Area area) : area_(area) {}

  // Finds the latest records, and settles what a power cut left. An area that was never a journal becomes an empty one.
  // Where no sector takes an erase any more it still succeeds: what is there can be read, put() says kFlashWornOut.
  // Errors: kInvalidArgument (area too small), kIo, kFlashWornOut (no journal is there, and none can be made). After
  // an error the journal refuses everything with kWrongState until mount() succeeds.
  [[nodiscard]] Status mount();

  // Copies the latest value into `buffer` and returns that part of it. Errors: kNotFound, kNoSpace, kWrongState,
  // kCorrupt, kIo.
  [[nodiscard]] Result<ByteView> get(Tag tag, ByteSpan buffer) const;

  // Durable when it returns. The same value again is not written again. Errors: kInvalidArgument (size), kJournalFull
  // (all live records would exceed a sector: nothing was done), kWrongState, kIo, kFlashWornOut. After kIo the record
  // reads as before, and as before or as wanted after the next mount.
  [[nodiscard]] Status put(Tag tag, ByteView value);

  // A mount found records or a whole sector gone other than by a torn last write: a value may be older than the latest,
  // or missing. Kept in flash, so that a power cut cannot hide it, until forget_losses().
  [[nodiscard]] bool lost_records() const { return lost_; }
  // The caller has made good for what was lost. Errors: as put().
  [[nodiscard]] Status forget_losses();

 private:
  static constexpr std::uint32_t kMaxPages = 8;       // places in a sector where a block may begin, ...
  static constexpr std::uint32_t kMinPageSize = 512;  // ... fewer in a small one

  // One snapshot of all live records and the log of what was put since.
  struct Block {
    std::uint32_t start = 0;  // in the area
    std::uint32_t generation = 0;
    std::uint32_t snapshot_size = 0;  // bytes
    bool is_whole = false;            // header and both seals read well
  };
  // One record in flash.
  struct Entry {
    std::uint8_t tag = 0;
    std::uint8_t length = 0;
  };
  // Where the live records are: offset in the area and size by tag; offset 0 = none (a header is there).
  struct Index {
    std::array<std::uint32_t, kMaxTags> offset{};
    std::array<std::uint8_t, kMaxTags> length{};
  };
  // The last record of a log that another session wrote: it may be torn.
  struct Doubt {
    std::uint8_t tag = 0;
    std::uint32_t offset = 0;  // 0 = no doubt
    std::uint32_t before = 0;  // where the tag's record was before
  };

  // Geometry, in bytes; offsets are in the area. This and the next two groups: journal_flash.cpp
  [[nodiscard]] std::uint32_t unit() const { return area_.write_size(); }
  [[nodiscard]] std::uint32_t padded(std::size_t size) const;
  [[nodiscard]] std::uint32_t entry_size(std::size_t length) const;
  [[nodiscard]] std::uint32_t sector_count() const { return area_.size() / area_.sector_size(); }
  [[nodiscard]] std::uint32_t sector_start(std::uint32_t offset) const { return offset - offset % area_.sector_size(); }
  [[nodiscard]] std::uint32_t sector_end(std::uint32_t offset) const;
  [[nodiscard]] std::uint32_t page_count() const;
  [[nodiscard]] std::uint32_t page_size() const { return area_.sector_size() / page_count(); }
  [[nodiscard]] std::uint32_t page_of(std::uint32_t offset) const;
  [[nodiscard]] std::uint32_t seal_at(std::uint32_t block, std::uint32_t which) const;
  [[nodiscard]] std::uint32_t open_mark_at(std::uint32_t block) const { return seal_at(block, 2); }
  [[nodiscard]] std::uint32_t closed_mark_at(std::uint32_t block) const { return open_mark_at(block) + unit(); }
  [[nodiscard]] std::uint32_t page_mark_at(std::uint32_t sector, std::uint32_t page) const;
  [[nodiscard]] std::uint32_t first_record_at(std::uint32_t block) const;
  [[nodiscard]] bool geometry_is_fit() const;

  // Reading. Bytes that the flash itself calls corrupt are bytes that read badly, no failure.
  [[nodiscard]] Result<bool> is_erased(std::uint32_t offset, std::uint32_t length) const;
  [[nodiscard]] Result<std::uint32_t> crc_of(std::uint32_t offset, std::uint32_t length) const;
  [[nodiscard]] Result<Block> read_block(std::uint32_t start);
  [[nodiscard]] Result<Entry> read_entry(const Block& block, std::uint32_t offset, ByteSpan value) const;
  [[nodiscard]] Result<Entry> read_twice(const Block& block, std::uint32_t offset, ByteSpan value) const;
  [[nodiscard]] Result<std::uint32_t> find_entry(const Block& block, std::uint32_t from, std::uint32_t end) const;

  // Writing; each is read back.
  [[nodiscard]] Status program(std::uint32_t offset, ByteView bytes) const;
  [[nodiscard]] Status set_mark(std::uint32_t offset) const;
  [[nodiscard]] Status claim_pages(std::uint32_t block, std::uint32_t first, std::uint32_t last) const;
  [[nodiscard]] Status program_entry(const Block& block, std::uint32_t offset, Entry entry, ByteView value) const;
  [[nodiscard]] Status program_header(const Block& block) const;
  [[nodiscard]] Status program_seals(const Block& block) const;

  // Mounting, in its order.
  [[nodiscard]] Result<bool> choose_block();
  [[nodiscard]] Status close_predecessor(const Block& older) const;
  [[nodiscard]] Status scan_snapshot();
  [[nodiscard]] Status scan_log();
  [[nodiscard]] Result<std::uint32_t> last_claimed_page() const;
  [[nodiscard]] Status settle();
  void take(Entry entry, std::uint32_t offset);

  // Using.
  [[nodiscard]] std::uint32_t live_size() const;
  [[nodiscard]] bool would_fit(std::uint8_t tag, std::size_t length) const;
  [[nodiscard]] Status write(std::uint8_t tag, ByteView value);
  [[nodiscard]] Status append(std::uint8_t tag, ByteView value);

  // Moving on. The records are the same before and after, so it does not matter which of the two a later mount takes.
  [[nodiscard]] Status move();
  [[nodiscard]] std::uint32_t free_page() const;
  [[nodiscard]] Status fill(std::uint32_t start);
  void go_on_in(const Block& block, const Index& index, std::uint32_t last_page);
  [[nodiscard]] Status copy_live(const Block& block, Index& index, std::uint32_t& at);
  [[nodiscard]] Result<ByteView> read_live(std::uint8_t tag, ByteSpan buffer);

  Area area_;
  Block current_;
  Index live_;
  Doubt doubt_;
  std::uint32_t highest_generation_ = 0;  // of any header or seal that mount() saw, or that was written since
  std::uint32_t tail_ = 0;                // where the next record goes
  std::uint32_t claimed_page_ = 0;        // the last page of the current sector that was written to
  bool mounted_ = false;
  bool has_block_ = false;
  bool is_open_ = false;     // the open mark of the current block is set
  bool is_spoiled_ = false;  // nothing may be appended to the current block
  bool is_damaged_ = false;  // something in the current block has rotted, or a newer block is gone
  bool lost_ = false;
};

}  // namespace ferry
