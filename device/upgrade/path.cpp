#include "device/upgrade/path.h"

#include <algorithm>

namespace ferry {

PathBuilder& PathBuilder::begin(std::string_view root, std::string_view product) {
  size_ = 0;
  overflow_ = false;
  return add(root).add(product);
}

PathBuilder& PathBuilder::add(std::string_view segment) {
  if (segment.empty()) {
    return *this;
  }
  if (size_ > 0 && text_[size_ - 1] != '/') {
    append("/");
  }
  append(segment);
  return *this;
}

PathBuilder& PathBuilder::append_hex(ByteView bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const std::uint8_t byte : bytes) {
    const std::array<char, 2> text = {digits[byte >> 4], digits[byte & 0xFU]};
    append({text.data(), text.size()});
  }
  return *this;
}

Result<std::string_view> PathBuilder::finish() const {
  if (overflow_) {
    return fail(Error::kBadUri);
  }
  return std::string_view(text_.data(), size_);
}

PathBuilder& PathBuilder::append(std::string_view text) {
  if (text.size() > text_.size() - size_) {
    overflow_ = true;
    return *this;
  }
  std::copy(text.begin(), text.end(), text_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += text.size();
  return *this;
}

}  // namespace ferry
