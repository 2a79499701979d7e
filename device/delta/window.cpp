#include "device/delta/window.h"

#include <algorithm>

namespace ferry::delta {

std::uint8_t Window::load(std::uint32_t position) {
  if (image_ == nullptr || position >= size_ || !status_) {
    return 0;
  }
  // Reading goes forward for the most part; a few bytes behind are kept for the contexts.
  const auto behind = static_cast<std::uint32_t>(buffer_.size() / 4);
  start_ = position > behind ? position - behind : 0;
  const ByteSpan piece = buffer_.first(std::min<std::size_t>(buffer_.size(), size_ - start_));
  status_ = image_->read(start_, piece);
  bytes_ = status_ ? ByteView(piece) : ByteView();
  return status_ ? bytes_[position - start_] : std::uint8_t{0};
}

}  // namespace ferry::delta
