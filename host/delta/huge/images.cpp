#include "host/delta/huge/images.h"

#include <unordered_map>

namespace ferry::host::delta::huge {
namespace {

using ferry::delta::huge::destination;
using ferry::delta::huge::Form;
using ferry::delta::huge::form_of;
using ferry::delta::huge::target_of;
using ferry::delta::huge::with_target;

constexpr std::uint32_t kReach = 8;  // words in which ADRP's other half is looked for

// Calls `change(at, word, what)` for each word that holds an address, or a half of one.
enum class What : std::uint8_t { kCall, kPage, kOffset, kPointer };
template <class Change>
Bytes changed(ByteView image, std::uint32_t base, std::uint32_t upper_half, Change change) {
  Bytes out(image.begin(), image.end());
  std::array<std::size_t, 32> page_at{};  // where ADRP to a register was last, and 1
  std::array<std::uint32_t, 32> pages{};
  for (std::size_t at = 0; at + 4 <= image.size(); at += 4) {
    const std::uint32_t word = load_le32(image.subspan(at));
    const Form form = form_of(word);
    const ByteSpan place(out.data() + at, 4);
    const std::uint32_t address = static_cast<std::uint32_t>(at) + base;
    if (form == Form::kBranch26) {
      store_le32(place, change(What::kCall, word, target_of(form, word, address) - base));
    } else if (form == Form::kPage) {
      page_at[destination(word)] = at + 1;
      pages[destination(word)] = target_of(form, word, address);
      store_le32(place, change(What::kPage, word, target_of(form, word, address) - base));
    } else if (ferry::delta::huge::has_offset(word)) {
      const std::size_t page = page_at[ferry::delta::huge::base_register(word)];
      if (page != 0 && at - page < kReach * 4U) {
        const std::uint32_t target =
            pages[ferry::delta::huge::base_register(word)] + ferry::delta::huge::offset_of(word);
        store_le32(place, change(What::kOffset, word, target - base));
      }
    } else if (upper_half != 0 && at % 8 == 0 && at + 8 <= image.size() && word - base < image.size() &&
               load_le32(image.subspan(at + 4)) == upper_half) {
      store_le32(place, change(What::kPointer, word, word - base));
    }
  }
  return out;
}

}  // namespace

Bytes mask_addresses(ByteView image, std::uint32_t base, std::uint32_t upper_half) {
  return changed(image, base, upper_half, [](What what, std::uint32_t word, std::uint32_t) -> std::uint32_t {
    switch (what) {
      case What::kCall:
        return word & 0xFC000000U;
      case What::kPage:
        return word & 0x9F00001FU;
      case What::kOffset:
        return word & 0xFFC003FFU;
      default:
        return 0x55AA55AAU;
    }
  });
}

Bytes with_targets(ByteView image, std::uint32_t base, std::uint32_t upper_half, const AddressMap* map) {
  return changed(image, base, upper_half, [&](What what, std::uint32_t word, std::uint32_t target) -> std::uint32_t {
    if (what == What::kPage) {
      return word & 0x9F00001FU;
    }
    if (map != nullptr && target < 0x40000000U) {
      target = map->move(target).to;
    }
    switch (what) {
      case What::kCall:
        return (word & 0xFC000000U) | (target >> 2U & 0x3FFFFFFU);
      case What::kOffset:
        return ferry::delta::huge::with_offset(word, target & 0xFFFU);
      default:
        return target;
    }
  });
}

Bases guess_bases(ByteView old, ByteView fresh) {
  // The most frequent upper half of eight bytes whose lower half may be a place, by the lower half's upper part.
  const auto best_of = [](ByteView image) {
    std::unordered_map<std::uint64_t, std::size_t> counts;
    for (std::size_t at = 0; at + 8 <= image.size(); at += 8) {
      const std::uint64_t value = load_le64(image.subspan(at));
      if (value >> 48U == 0xFFFF || (value >> 32U != 0 && value >> 44U == 0)) {
        ++counts[value >> 27U];
      }
    }
    std::pair<std::uint64_t, std::size_t> best{};
    for (const auto& entry : counts) {
      if (entry.second > best.second || (entry.second == best.second && entry.first < best.first)) {
        best = entry;
      }
    }
    return best.second * 2000 > image.size() ? best.first << 27U : 0;
  };
  const std::uint64_t old_base = best_of(old);
  const std::uint64_t new_base = best_of(fresh);
  if (old_base >> 32U != new_base >> 32U) {
    return {};
  }
  return {static_cast<std::uint32_t>(old_base), static_cast<std::uint32_t>(new_base),
          static_cast<std::uint32_t>(old_base >> 32U)};
}

}  // namespace ferry::host::delta::huge
