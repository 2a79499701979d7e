// What a compiler expects of <string.h>, at a sixth of the size of the toolchain's. Not for link time optimisation,
// which would take the loops for calls of these very functions (firmware/CMakeLists.txt).
#include <cstddef>
#include <cstdint>

namespace {

using Byte = unsigned char;
using Word [[gnu::may_alias]] = std::uint32_t;

bool are_aligned(const void* a, const void* b) {
  return ((reinterpret_cast<std::uintptr_t>(a) | reinterpret_cast<std::uintptr_t>(b)) % sizeof(Word)) == 0;
}

// From the first byte on, whole words where they can be; `to` does not lie within `from`.
void copy_up(void* to, const void* from, std::size_t size) {
  if (are_aligned(to, from)) {
    auto* out = static_cast<Word*>(to);
    const auto* in = static_cast<const Word*>(from);
    for (; size >= sizeof(Word); size -= sizeof(Word)) {
      *out++ = *in++;
    }
    to = out;
    from = in;
  }
  auto* out = static_cast<Byte*>(to);
  const auto* in = static_cast<const Byte*>(from);
  while (size-- > 0) {
    *out++ = *in++;
  }
}

}  // namespace

extern "C" {

void* memmove(void* to, const void* from, std::size_t size) {
  if (reinterpret_cast<std::uintptr_t>(to) - reinterpret_cast<std::uintptr_t>(from) >= size) {
    copy_up(to, from, size);
    return to;
  }
  auto* out = static_cast<Byte*>(to);
  const auto* in = static_cast<const Byte*>(from);
  while (size-- > 0) {
    out[size] = in[size];
  }
  return to;
}

[[gnu::alias("memmove")]] void* memcpy(void* to, const void* from, std::size_t size);

void* memset(void* to, int value, std::size_t size) {
  for (auto* out = static_cast<Byte*>(to); size > 0; --size) {
    *out++ = static_cast<Byte>(value);
  }
  return to;
}

int memcmp(const void* a, const void* b, std::size_t size) {
  const auto* left = static_cast<const Byte*>(a);
  const auto* right = static_cast<const Byte*>(b);
  for (; size > 0; --size, ++left, ++right) {
    if (*left != *right) {
      return *left - *right;
    }
  }
  return 0;
}

std::size_t strlen(const char* text) {
  std::size_t size = 0;
  while (text[size] != '\0') {
    ++size;
  }
  return size;
}
}
