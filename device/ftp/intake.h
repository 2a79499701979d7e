// Counts a download's bytes: which of them go to the sink, and whether there were too many (threats T20, T22).
#pragma once

#include <optional>

#include "device/base/bytes.h"

namespace ferry::ftp {

class Intake {
 public:
  Intake() = default;
  // Bytes from `offset` of a file of `expected` bytes where known, else of at most `limit`. offset <= expected, limit.
  Intake(std::uint32_t offset, std::optional<std::uint32_t> expected, std::uint32_t limit)
      : offset_(offset), expected_(expected), room_((expected ? *expected : limit) - offset) {}

  // The server sends from the beginning instead of from `offset`: the bytes before it are dropped.
  void send_starts_at_zero() { skip_ = offset_; }

  // The part of `bytes` that goes to the sink; sets overflowed() when bytes are left that must not.
  [[nodiscard]] ByteView admit(ByteView bytes) {
    const auto skipped = static_cast<std::uint32_t>(bytes.size() < skip_ ? bytes.size() : skip_);
    skip_ -= skipped;
    bytes = bytes.subspan(skipped);
    overflowed_ = overflowed_ || bytes.size() > room_;
    const ByteView admitted = bytes.first(bytes.size() < room_ ? bytes.size() : room_);
    room_ -= static_cast<std::uint32_t>(admitted.size());
    delivered_ += static_cast<std::uint32_t>(admitted.size());
    return admitted;
  }

  [[nodiscard]] std::uint32_t offset() const { return offset_; }
  [[nodiscard]] std::uint32_t delivered() const { return delivered_; }
  [[nodiscard]] bool size_is_known() const { return expected_.has_value(); }
  [[nodiscard]] bool whole() const { return expected_.has_value() && room_ == 0; }  // every expected byte is there
  [[nodiscard]] bool overflowed() const { return overflowed_; }

 private:
  std::uint32_t offset_ = 0;
  std::optional<std::uint32_t> expected_;
  std::uint32_t room_ = 0;
  std::uint32_t skip_ = 0;
  std::uint32_t delivered_ = 0;
  bool overflowed_ = false;
};

}  // namespace ferry::ftp
