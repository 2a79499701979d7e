#include "device/packed/history.h"

#include <algorithm>

namespace ferry::packed {
namespace {

std::uint8_t byte_of(std::uint32_t half, std::uint32_t position) {
  return static_cast<std::uint8_t>((position & 1U) != 0 ? half >> 8U : half);
}

}  // namespace

std::uint32_t History::half(const Window& window, std::uint32_t position) const {
  const std::uint32_t at = position - window.start;
  return window.bytes[at] | static_cast<std::uint32_t>(window.bytes[at + 1]) << 8U;
}

std::uint32_t History::recent_half(std::uint32_t position) const {
  return recent_[position % kRecent] | static_cast<std::uint32_t>(recent_[(position + 1) % kRecent]) << 8U;
}

// A window that holds [from, to). Of what was written: 2 bytes in front of any place, and 4 behind it, are far enough
// from the end.
const History::Window& History::window_for(std::uint32_t from, std::uint32_t to) {
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    const Window& window = windows_[i];
    if (from >= window.start && to - window.start <= window.size) {
      older_ = static_cast<std::uint8_t>(1 - i);
      return window;
    }
  }
  Window& window = windows_[older_];
  older_ = static_cast<std::uint8_t>(1 - older_);
  window.start = from;
  window.size = std::min<std::uint32_t>(static_cast<std::uint32_t>(window.bytes.size()), size_ - kHeldBack - from);
  if (status_) {
    status_ = image_->read(from, ByteSpan(window.bytes).first(window.size));
  }
  if (!status_) {
    window.bytes.fill(0);
  }
  return window;
}

std::uint8_t History::written(std::uint32_t position) {
  const std::uint32_t even = position & ~1U;
  const std::uint32_t from = even >= 2 ? even - 2 : 0;
  const Window& window = window_for(from, even + 4);
  const std::uint32_t here = half(window, even);
  if (branches_) {
    const Branch begins{here, half(window, even + 2)};
    if (begins.is_one()) {
      return byte_of(begins.moved(distance_of(even)).first, position);
    }
    const Branch ends{even >= 2 ? half(window, even - 2) : 0, here};
    if (ends.is_one()) {
      return byte_of(ends.moved(distance_of(even - 2)).second, position);
    }
  }
  return byte_of(here, position);
}

// What is converted back needs the halfword behind it; at the image's end there is none.
std::size_t History::take(ByteSpan out, std::uint32_t image_size) {
  std::size_t done = 0;
  const auto put = [&](std::uint32_t bytes, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i, ++taken_) {
      out[done++] = static_cast<std::uint8_t>(bytes >> (8 * i));
    }
  };
  while (taken_ < size_ && out.size() - done >= 4) {
    const std::uint32_t ready = size_ - taken_;
    if (ready < 4 && size_ < image_size) {
      break;
    }
    const Branch branch{recent_half(taken_), recent_half(taken_ + 2)};
    if (ready >= 4 && branches_ && branch.is_one()) {
      const Branch back = branch.moved(0U - distance_of(taken_));
      put(back.first | back.second << 16U, 4);
    } else {
      put(branch.first, std::min<std::uint32_t>(ready, 2));
    }
  }
  return done;
}

}  // namespace ferry::packed
