#include "device/delta/xtensa.h"

#include "device/delta/decoder.h"

namespace ferry::delta {

// As of the other modes: device/delta/decoder.h.
static_assert(sizeof(void*) > 4 || sizeof(Decoder<MemoryClass::kMedium, SetsOf<Xtensa>>) <= std::size_t{12} * 1024);

namespace {

constexpr std::uint32_t kRam = 0x3FFA0000;  // of ESP8266 and ESP32
constexpr std::uint32_t kRamEnd = 0x40000000;
constexpr std::uint32_t kSearch = 48;  // so far back, instructions are taken one by one to find where one begins

enum class Kind : std::uint8_t { kOther, kLoad, kCall };

Kind kind_of(std::uint8_t first) {
  switch (first & 0xFU) {
    case 1:
      return Kind::kLoad;
    case 5:
      return Kind::kCall;
    default:
      return Kind::kOther;
  }
}

std::uint32_t size_of(std::uint32_t first) {
  const std::uint32_t low = first & 0xFU;
  return low >= 8 && low < 14 ? 2 : 3;  // the code density option
}

std::uint32_t bits(const Word& word) {
  return load_le32(word) & 0xFFFFFFU;
}
// What distances are counted from.
std::uint32_t origin(Kind kind, std::uint32_t at) {
  return kind == Kind::kLoad ? (at + 3) & ~3U : (at & ~3U) + 4;
}
std::uint32_t distance(Kind kind, const Word& word) {
  return kind == Kind::kLoad
             ? 0xFFFC0000U | bits(word) >> 8U << 2U
             : static_cast<std::uint32_t>(static_cast<std::int32_t>(bits(word) >> 6U << 14U) >> 14) << 2U;
}

}  // namespace

Step Xtensa::step(Window& old, const Word& word, std::uint32_t at, std::uint32_t from, std::uint32_t left) {
  if (from != next_ && (from <= start_ || from > next_)) {
    find_next(old, from);
  }
  if (((at | from) & 3U) == 0 && left >= 4) {
    if (const Step step = address(load_le32(word)); step.operand != Operand::kNone) {
      begin(at, from, 4);
      return step;
    }
  }
  if (from != next_) {
    return {};
  }
  const std::uint32_t size = length(old, from);
  begin(at, from, size);
  return left >= size ? code(word, from, size) : Step{};
}

void Xtensa::begin(std::uint32_t at, std::uint32_t from, std::uint32_t size) {
  start_ = from;
  next_ = from + size;
  new_start_ = at;
  new_next_ = at + size;
}

LiteralPlace Xtensa::literal_place(std::uint32_t at, std::uint32_t recent) {
  if (at <= new_start_ || at >= new_next_) {
    new_start_ = at;
    new_next_ = at + 3;
    return {};
  }
  const std::uint32_t phase = at - new_start_;
  const std::uint32_t first = recent >> 8U * (phase - 1) & 0xFFU;
  if (phase == 1) {
    new_next_ = new_start_ + size_of(first);
  }
  const auto place = static_cast<std::uint8_t>((phase - 1) * 16 + 1 + (first & 0xFU));
  return {.narrow = place, .wide = place};
}

Step Xtensa::address(std::uint32_t value) const {
  if (const std::uint32_t top = value >> 24U; top != 0x40 && top != 0x3F) {
    return {};
  }
  if (const auto place = layouts_.old_image.place_of(value)) {
    return {.size = 4, .operand = Operand::kInside, .address = *place};
  }
  if (value >= kRam && value < kRamEnd) {
    return {.size = 4, .operand = Operand::kOutside, .address = value};
  }
  return {};
}

Step Xtensa::code(const Word& word, std::uint32_t from, std::uint32_t size) const {
  const Kind kind = kind_of(word[0]);
  if (size == 3 && kind != Kind::kOther) {
    return {.size = 3,
            .operand = Operand::kBranch,
            .variant = static_cast<std::uint8_t>(kind == Kind::kLoad ? 1 : 0),
            .address = origin(kind, from) + distance(kind, word)};
  }
  return {.size = static_cast<std::uint8_t>(size), .shape = static_cast<std::uint8_t>(size)};
}

bool Xtensa::is_address(Window& old, std::uint32_t place) const {
  return address(load_le32(old.four(place))).operand != Operand::kNone;
}

std::uint32_t Xtensa::length(Window& old, std::uint32_t place) const {
  const std::uint32_t size = size_of(old.at(place));
  const std::uint32_t aligned = (place + 3) & ~3U;
  return aligned != place && aligned < place + size && is_address(old, aligned) ? aligned - place : size;
}

void Xtensa::find_next(Window& old, std::uint32_t from) {
  next_ = from > kSearch ? (from - kSearch) & ~3U : 0;
  while (next_ < from) {
    start_ = next_;
    next_ += next_ % 4 == 0 && is_address(old, next_) ? 4 : length(old, next_);
  }
}

Word Xtensa::moved(const Word& word, const Step& step, std::uint32_t to, std::uint32_t at) const {
  Word made = word;
  if (step.operand != Operand::kBranch) {
    store_le32(made, step.operand == Operand::kInside ? layouts_.new_image.address_of(to) : to);
    return made;
  }
  const Kind kind = kind_of(word[0]);
  const std::uint32_t words = (to - origin(kind, at)) >> 2U;
  const std::uint32_t changed = kind == Kind::kLoad ? word[0] | words << 8U : (word[0] & 0x3FU) | words << 6U;
  store_le32(made, (changed & 0xFFFFFFU) | static_cast<std::uint32_t>(word[3]) << 24U);
  return made;
}

std::optional<std::uint32_t> Xtensa::target(const Word& word, const Step& step, std::uint32_t at) {
  if (step.operand == Operand::kOutside) {
    return load_le32(word);
  }
  if (step.operand == Operand::kInside) {
    return layouts_.new_image.place_of(load_le32(word));
  }
  const Kind kind = kind_of(word[0]);
  if (kind != (step.variant == 1 ? Kind::kLoad : Kind::kCall)) {
    return std::nullopt;
  }
  return origin(kind, at) + distance(kind, word);
}

}  // namespace ferry::delta
