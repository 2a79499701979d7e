#include "firmware/crypto/pool.h"

#include <cstring>

namespace ferry::firmware {
namespace {

// A block: its head, with the block's size in bytes and in bit 0 whether it is taken, and the content. The first head
// stands where the content behind it is aligned, and sizes are multiples of the alignment.
constexpr std::size_t kHead = sizeof(std::uint32_t);
constexpr std::size_t kFirst = Pool::kAlignment - kHead;
constexpr std::uint32_t kTaken = 1;

}  // namespace

Pool::Pool(ByteSpan area) : area_(area.first((area.size() - kFirst) / kAlignment * kAlignment + kFirst)) {
  set_head(kFirst, static_cast<std::uint32_t>(area_.size() - kFirst));
}

void* Pool::take(std::size_t size) {
  if (size > area_.size()) {
    return nullptr;
  }
  const std::size_t needed = (size + kHead + kAlignment - 1) / kAlignment * kAlignment;
  for (std::size_t at = kFirst; at < area_.size(); at += head(at) & ~kTaken) {
    const std::size_t free = join_free(at);
    if (free < needed) {
      continue;
    }
    if (free > needed) {
      set_head(at + needed, static_cast<std::uint32_t>(free - needed));
    }
    set_head(at, static_cast<std::uint32_t>(needed) | kTaken);
    most_used_ = most_used_ < at + needed ? at + needed : most_used_;
    return &area_[at + kHead];
  }
  return nullptr;
}

void Pool::give_back(void* block) {
  if (block != nullptr) {
    const auto at = static_cast<std::size_t>(static_cast<std::uint8_t*>(block) - area_.data()) - kHead;
    set_head(at, head(at) & ~kTaken);
  }
}

// The size of the free block at `at`, which has then taken up those behind it; 0 where it is taken.
std::size_t Pool::join_free(std::size_t at) {
  std::uint32_t size = head(at);
  if ((size & kTaken) != 0) {
    return 0;
  }
  while (at + size < area_.size() && (head(at + size) & kTaken) == 0) {
    size += head(at + size);
  }
  set_head(at, size);
  return size;
}

std::uint32_t Pool::head(std::size_t at) const {
  std::uint32_t head = 0;
  std::memcpy(&head, &area_[at], sizeof(head));
  return head;
}

void Pool::set_head(std::size_t at, std::uint32_t head) {
  std::memcpy(&area_[at], &head, sizeof(head));
}

}  // namespace ferry::firmware
