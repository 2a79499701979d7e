// The staging area: payloads while they download, one behind the other, each from a sector boundary, in the order in
// which the release fetches them. Progress survives a power cut with a grain of one sector, or of 1/128 of the area
// where that is more: what costs a second to fetch again is not worth a record in the journal.
#pragma once

#include "device/crypto/crypto.h"
#include "device/journal/journal.h"
#include "device/slots/boot_state.h"

namespace ferry {

class Staging {
 public:
  static constexpr std::size_t kMaxPayloads = 8;

  // `buffer` collects bytes into whole write units; its size is a multiple of the write size, at least 256.
  Staging(Area area, Journal& journal, ByteSpan buffer);

  // Begins or goes on with a release: where the journal's progress is of the same release, what is durable stays, else
  // everything starts from zero. Errors: kIo, as Journal::put.
  [[nodiscard]] Status open(const Release& release);

  // Declares payload `index` (0, 1, ... in order) with its size, and makes it the one that append() writes. Calling it
  // again for a payload that is whole or partly there keeps what is durable. Errors: kStagingTooSmall, kWrongState
  // (an earlier payload was not declared), kInvalidArgument (declared before with another size).
  [[nodiscard]] Status select(std::size_t index, std::uint32_t size);

  // Bytes of the selected payload that are durable or in the buffer: where the download goes on.
  [[nodiscard]] std::uint32_t received() const;
  [[nodiscard]] bool complete() const;  // received() == size, all in flash

  [[nodiscard]] std::size_t selected() const { return selected_; }
  // The last bytes of what is received, as many as `last` takes. Errors: kNotFound (not all of them are in flash), as
  // Area::read.
  [[nodiscard]] Status read_last(ByteSpan last) const;

  // Erases as it goes, a sector at a time. Errors: kPayloadTooLong (more than declared: nothing is written), kIo,
  // kFlashWornOut, as Journal::put.
  [[nodiscard]] Status append(ByteView bytes);

  // Forgets payload `index` and all behind it (its digest did not match). Errors: as Journal::put.
  [[nodiscard]] Status discard(std::size_t index);

  // A declared payload's place; empty where not declared.
  [[nodiscard]] Area payload(std::size_t index) const;
  [[nodiscard]] std::uint32_t payload_size(std::size_t index) const;

  // Nothing is staged any more. Errors: as Journal::put.
  [[nodiscard]] Status clear();

 private:
  struct Recorded {  // as the journal has it
    std::size_t selected = 0;
    std::uint32_t durable = 0;
    std::array<std::uint32_t, kMaxPayloads> sizes{};
  };

  [[nodiscard]] std::uint32_t recorded_bytes(std::size_t index) const;
  [[nodiscard]] std::uint32_t offset_of(std::size_t index) const;
  [[nodiscard]] std::size_t room() const;
  [[nodiscard]] Status program_buffer();
  [[nodiscard]] std::uint32_t grain() const;
  [[nodiscard]] Status record();
  void forget_position();

  Area area_;
  Journal& journal_;
  ByteSpan buffer_;
  Release release_;
  Recorded recorded_;
  std::array<std::uint32_t, kMaxPayloads> sizes_{};
  std::size_t declared_ = 0;
  std::size_t selected_ = 0;
  std::uint32_t offset_ = 0;      // of the selected payload
  std::uint32_t durable_ = 0;     // of it: in flash, and the journal says so
  std::uint32_t unrecorded_ = 0;  // of it: in flash since then
  std::size_t buffered_ = 0;
};

}  // namespace ferry
