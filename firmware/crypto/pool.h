// Blocks of memory from one fixed area, for a program without a heap: first fit, and free neighbours become one block
// when the next one is sought. A block costs four bytes, and its size is rounded up so that the next one is aligned.
#pragma once

#include <cstddef>

#include "device/base/bytes.h"

namespace ferry::firmware {

class Pool {
 public:
  static constexpr std::size_t kAlignment = 8;

  Pool() = default;
  // `area` is aligned to kAlignment, holds two times that or more, and must outlive the object.
  explicit Pool(ByteSpan area);

  // Aligned to kAlignment, content undefined; nullptr where nothing so large is free.
  [[nodiscard]] void* take(std::size_t size);
  // What take() gave, once; nullptr is allowed.
  void give_back(void* block);

  // Where the block that reached furthest ended: with an area of that size nothing would have been refused.
  [[nodiscard]] std::size_t most_used() const { return most_used_; }

 private:
  [[nodiscard]] std::uint32_t head(std::size_t at) const;
  void set_head(std::size_t at, std::uint32_t head);
  [[nodiscard]] std::size_t join_free(std::size_t at);

  ByteSpan area_;
  std::size_t most_used_ = 0;
};

}  // namespace ferry::firmware
