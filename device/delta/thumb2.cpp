#include "device/delta/thumb2.h"

namespace ferry::delta {
namespace {

constexpr std::uint32_t kNear = 512;  // bytes; so far behind a branch there may be code
// The upper byte, but its lowest three bits, of LDR (literal) and ADR: A7.7.44 and A7.7.7, encoding T1.
constexpr std::uint32_t kLoad = 0x48;
constexpr std::uint32_t kAddress = 0xA0;

std::uint32_t first_half(const Word& word) {
  return load_le16(ByteView(word).first(2));
}
std::uint32_t second_half(const Word& word) {
  return load_le16(ByteView(word).last(2));
}

}  // namespace

bool is_branch(const Word& word) {
  const bool prefix = (first_half(word) & 0xF800U) == 0xF000U;
  const std::uint32_t second = second_half(word) & 0xD000U;
  return prefix && (second == 0xD000U || second == 0x9000U);
}

std::int32_t branch_distance(const Word& word) {
  const std::uint32_t first = first_half(word);
  const std::uint32_t second = second_half(word);
  const std::uint32_t sign = first >> 10U & 1U;
  const std::uint32_t i1 = ~(second >> 13U ^ sign) & 1U;
  const std::uint32_t i2 = ~(second >> 11U ^ sign) & 1U;
  const std::uint32_t value = sign << 24U | i1 << 23U | i2 << 22U | (first & 0x3FFU) << 12U | (second & 0x7FFU) << 1U;
  return static_cast<std::int32_t>(value << 7U) >> 7;
}

Word with_distance(const Word& word, std::int32_t distance) {
  const auto value = static_cast<std::uint32_t>(distance);
  const std::uint32_t sign = value >> 24U & 1U;
  const std::uint32_t j1 = (~(value >> 23U) ^ sign) & 1U;
  const std::uint32_t j2 = (~(value >> 22U) ^ sign) & 1U;
  const std::uint32_t first = 0xF000U | sign << 10U | (value >> 12U & 0x3FFU);
  const std::uint32_t second = (second_half(word) & 0xD000U) | j1 << 13U | j2 << 11U | (value >> 1U & 0x7FFU);
  Word changed{};
  store_le16(ByteSpan(changed).first(2), static_cast<std::uint16_t>(first));
  store_le16(ByteSpan(changed).last(2), static_cast<std::uint16_t>(second));
  return changed;
}

Step Thumb2::step(Window& /*old*/, const Word& word, std::uint32_t at, std::uint32_t from, std::uint32_t left) {
  const std::uint32_t places = at | from;
  if (left < 4 || (places & 1U) != 0) {
    return plain(at, from, left);
  }
  const std::uint32_t next = from / 4 + 1;
  // LDR.W PC, [Rn, Rm, LSL #2] ends in what a branch begins with; behind it there are addresses.
  const bool jump = (first_half(word) & 0xFFF0U) == 0xF020U && named(next);
  if (is_branch(word) && !jump) {
    last_branch_ = from;
    return {.size = 4,
            .operand = Operand::kBranch,
            .variant = static_cast<std::uint8_t>(word[3] >> 4U & 1U),
            .address = from + 4 + static_cast<std::uint32_t>(branch_distance(word))};
  }
  if ((places & 3U) == 0) {
    const bool sure = named(next - 1) || from - last_branch_ > kNear;
    names_of(next - 1) &= ~bit_of(next - 1);
    if (Step step = pointers_.find(load_le32(word)); step.operand != Operand::kNone) {
      names_of(next) |= sure ? bit_of(next) : 0;  // most stand in a row
      step.doubtful = !sure;
      return step;
    }
  }
  if (const std::uint32_t code = word[1] & 0xF8U; code == kLoad || code == kAddress) {
    names_of(next + word[0]) |= bit_of(next + word[0]);
  }
  return plain(at, from, left);
}

Word Thumb2::moved(const Word& word, const Step& step, std::uint32_t to, std::uint32_t at) const {
  return step.operand == Operand::kBranch ? with_distance(word, static_cast<std::int32_t>(to - at - 4))
                                          : pointers_.moved(word, step, to);
}

std::optional<std::uint32_t> Thumb2::target(const Word& word, const Step& step, std::uint32_t at) {
  if (step.operand != Operand::kBranch) {
    return pointers_.target(word, step);
  }
  return is_branch(word) ? std::optional(at + 4 + static_cast<std::uint32_t>(branch_distance(word))) : std::nullopt;
}

}  // namespace ferry::delta
