// Received bytes of one connection. What is written is readable only once it is committed.
#pragma once

#include <algorithm>

#include "device/base/bytes.h"

namespace ferry::modem {

class Ring {
 public:
  explicit Ring(ByteSpan storage) : storage_(storage) {}

  [[nodiscard]] std::size_t capacity() const { return storage_.size(); }
  [[nodiscard]] std::size_t room() const { return storage_.size() - size_ - pending_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t pending() const { return pending_; }

  // At most room().
  void write(ByteView bytes) {
    while (!bytes.empty()) {
      const std::size_t at = (head_ + size_ + pending_) % storage_.size();
      const std::size_t taken = copy(bytes, storage_.subspan(at).first(std::min(storage_.size() - at, room())));
      if (taken == 0) {
        return;
      }
      bytes = bytes.subspan(taken);
      pending_ += taken;
    }
  }
  void commit() {
    size_ += pending_;
    pending_ = 0;
  }
  void drop_pending() { pending_ = 0; }
  std::size_t read(ByteSpan out) {
    std::size_t total = 0;
    while (size_ > 0 && total < out.size()) {
      const std::size_t taken =
          copy(storage_.subspan(head_).first(std::min(storage_.size() - head_, size_)), out.subspan(total));
      head_ = (head_ + taken) % storage_.size();
      size_ -= taken;
      total += taken;
    }
    return total;
  }
  void clear() { head_ = size_ = pending_ = 0; }

 private:
  ByteSpan storage_;
  std::size_t head_ = 0;
  std::size_t size_ = 0;
  std::size_t pending_ = 0;
};

}  // namespace ferry::modem
