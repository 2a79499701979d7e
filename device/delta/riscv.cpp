#include "device/delta/riscv.h"

#include <algorithm>

#include "device/delta/decoder.h"

namespace ferry::delta {

// As of the other modes: device/delta/decoder.h.
static_assert(sizeof(void*) > 4 || sizeof(Decoder<MemoryClass::kMedium, SetsOf<RiscV>>) <= std::size_t{12} * 1024);

namespace {

constexpr std::uint32_t kSearch = 32;  // so far back, instructions are taken one by one to find where one begins
constexpr std::uint32_t kReach = 48;   // bytes in which an address's lower part is looked for

enum class Form : std::uint8_t { kOther, kUpper, kUpperFromHere, kLower, kLowerStore };

Form form_of(std::uint32_t word) {
  const std::uint32_t variant = word >> 12U & 7U;
  switch (word & 0x7FU) {
    case 0x37:  // LUI
      return Form::kUpper;
    case 0x17:  // AUIPC
      return Form::kUpperFromHere;
    case 0x13:  // ADDI
      return variant == 0 ? Form::kLower : Form::kOther;
    case 0x03:  // loads
    case 0x07:
    case 0x67:  // JALR
      return Form::kLower;
    case 0x23:  // stores
    case 0x27:
      return Form::kLowerStore;
    default:
      return Form::kOther;
  }
}

std::uint32_t size_of(std::uint32_t word) {
  return (word & 3U) == 3 ? 4 : 2;
}
std::uint32_t destination(std::uint32_t word) {
  return word >> 7U & 31U;
}
std::uint32_t base_register(std::uint32_t word) {
  return word >> 15U & 31U;
}
std::uint32_t upper_of(std::uint32_t word) {
  return word & 0xFFFFF000U;
}
std::uint32_t with_upper(std::uint32_t word, std::uint32_t address) {
  return ((address + 0x800) & 0xFFFFF000U) | (word & 0xFFFU);
}
// ADDI to gp, as a start-up code has it once.
bool sets_global(std::uint32_t word) {
  return (word & 0x707FU) == 0x13U && destination(word) == HeldAddresses::kGlobal;
}
std::uint32_t lower_of(Form form, std::uint32_t word) {
  const std::uint32_t top = static_cast<std::uint32_t>(static_cast<std::int32_t>(word) >> 20);
  return form == Form::kLower ? top : (top & ~31U) | destination(word);
}
std::uint32_t with_lower(Form form, std::uint32_t word, std::uint32_t value) {
  return form == Form::kLower ? (word & 0xFFFFFU) | value << 20U
                              : (word & 0x1FFF07FU) | (value & 31U) << 7U | (value >> 5U) << 25U;
}
// The bits of a distance in an instruction, and where they belong: `from` of the instruction, `count`, `to`.
struct Bits {
  std::uint8_t from;
  std::uint8_t count;
  std::uint8_t to;
};
constexpr std::array kJumpBits = {Bits{21, 10, 1}, Bits{20, 1, 11}, Bits{12, 8, 12}, Bits{31, 1, 20}};
constexpr std::array kBranchBits = {Bits{8, 4, 1}, Bits{25, 6, 5}, Bits{7, 1, 11}, Bits{31, 1, 12}};
constexpr std::array kShortJumpBits = {Bits{3, 3, 1}, Bits{11, 1, 4}, Bits{2, 1, 5},  Bits{7, 1, 6},
                                       Bits{6, 1, 7}, Bits{9, 2, 8},  Bits{8, 1, 10}, Bits{12, 1, 11}};
constexpr std::array kShortBranchBits = {Bits{3, 2, 1}, Bits{10, 2, 3}, Bits{2, 1, 5}, Bits{5, 2, 6}, Bits{12, 1, 8}};

// Of what holds a distance to code; empty where it holds none. The last bits are the sign.
std::span<const Bits> bits_of(std::uint32_t word) {
  if ((word & 3U) == 3) {
    const std::uint32_t opcode = word & 0x7FU;
    return opcode == 0x6F   ? std::span<const Bits>(kJumpBits)
           : opcode == 0x63 ? std::span<const Bits>(kBranchBits)
                            : std::span<const Bits>();
  }
  switch (word & 0xE003U) {
    case 0x2001:  // C.JAL, C.J
    case 0xA001:
      return kShortJumpBits;
    case 0xC001:  // C.BEQZ, C.BNEZ
    case 0xE001:
      return kShortBranchBits;
    default:
      return {};
  }
}

std::uint32_t distance_of(std::span<const Bits> bits, std::uint32_t word) {
  std::uint32_t distance = 0;
  for (const Bits& part : bits) {
    distance |= (word >> part.from & ((1U << part.count) - 1)) << part.to;
  }
  const std::uint32_t sign = 1U << bits.back().to;
  return (distance ^ sign) - sign;
}
std::uint32_t with_distance(std::span<const Bits> bits, std::uint32_t word, std::uint32_t distance) {
  for (const Bits& part : bits) {
    const std::uint32_t mask = (1U << part.count) - 1;
    word = (word & ~(mask << part.from)) | (distance >> part.to & mask) << part.from;
  }
  return word;
}

// The register that a compressed instruction writes; 0 where it is none.
std::uint32_t written_by_half(std::uint32_t half) {
  const std::uint32_t function = half >> 13U & 7U;
  const std::uint32_t wide = destination(half);
  switch (half & 3U) {
    case 0:
      return function < 4 ? 8 + (half >> 2U & 7U) : 0;
    case 1:
      return function == 4 ? 8 + (wide & 7U) : function < 4 && function != 1 ? wide : 0;
    default:
      return function < 4 || (function == 4 && (half & 0x7CU) != 0) ? wide : 0;
  }
}
std::uint32_t written_by(std::uint32_t word) {
  const std::uint32_t opcode = word & 0x7FU;
  return opcode == 0x23 || opcode == 0x27 || opcode == 0x63 ? 0 : destination(word);  // stores, branches
}

enum class Flow : std::uint8_t { kOn, kCall, kEnd };

Flow flow_of(std::uint32_t word, std::uint32_t size) {
  if (size == 4) {
    const std::uint32_t opcode = word & 0x7FU;  // JAL, JALR
    return opcode != 0x6F && opcode != 0x67 ? Flow::kOn : destination(word) != 0 ? Flow::kCall : Flow::kEnd;
  }
  const std::uint32_t half = word & 0xFFFFU;
  if ((half & 0xE003U) == 0x2001U || ((half & 0xF07FU) == 0x9002U)) {  // C.JAL, C.JALR
    return Flow::kCall;
  }
  return half == 0x8082U ? Flow::kEnd : Flow::kOn;  // RET
}

// An instruction without an operand.
Step other(std::uint8_t size) {
  return {.size = size, .shape = size == 4 ? std::uint8_t{3} : size};
}

bool is_ram(std::uint32_t value) {
  return (value >= 0x20000000U && value < 0x20080000U) || (value >= 0x3FC80000U && value < 0x3FD00000U) ||
         (value >= 0x40800000U && value < 0x40880000U) || (value >= 0x80000000U && value < 0x80080000U);
}

}  // namespace

void HeldAddresses::hold(std::uint32_t number, std::uint32_t in_old) {
  forget(number);
  std::uint8_t slot = 0;
  if (number != kGlobal) {
    slot = 1;
    while (slot < kCount && numbers_[slot] != 0) {
      ++slot;
    }
    if (slot == kCount) {
      slot = static_cast<std::uint8_t>(last_ % (kCount - 1) + 1);
    }
  }
  numbers_[slot] = static_cast<std::uint8_t>(number);
  held_[slot] = {.in_old = in_old, .in_new = 0};
  last_ = slot;
}

const HeldAddresses::Held* HeldAddresses::find(std::uint32_t number) const {
  const auto found = std::ranges::find(numbers_, number);
  return number == 0 || found == numbers_.end() ? nullptr : &held_[static_cast<std::size_t>(found - numbers_.begin())];
}

void HeldAddresses::forget(std::uint32_t number) {
  for (std::uint8_t& held : numbers_) {
    held = held == number ? std::uint8_t{0} : held;
  }
}

void HeldAddresses::forget_most(bool all) {
  for (std::uint8_t& number : numbers_) {
    const bool saved = number == 8 || number == 9 || (number >= 18 && number < 28);
    number = number == kGlobal || (saved && !all) ? number : std::uint8_t{0};
  }
}

Step RiscV::step(Window& old, const Word& word, std::uint32_t at, std::uint32_t from, std::uint32_t left) {
  if (from != start_ + size_) {
    find_start(old, from);
  }
  if (((at | from) & 1U) != 0 || left < 2 || from != start_ + size_) {
    return plain(at, from, left);
  }
  const std::uint32_t value = load_le32(word);
  if (((at | from) & 3U) == 0 && left >= 4) {
    // LUI looks like an address itself, where it has the upper part of one; it is one more often.
    if (const Step step = address(value); step.operand != Operand::kNone && form_of(value) != Form::kUpper) {
      begin(at, from, 4);
      return step;
    }
  }
  const std::uint32_t size = size_of(value);
  if (left < size) {
    return plain(at, from, left);
  }
  begin(at, from, size);
  const Step step = instruction(old, value, from);
  if (step.part != Step::kUpper) {
    follow(value, size);
  }
  return step;
}

void RiscV::begin(std::uint32_t at, std::uint32_t from, std::uint32_t size) {
  start_ = from;
  new_start_ = at;
  size_ = new_size_ = static_cast<std::uint8_t>(size);
}

void RiscV::find_start(Window& old, std::uint32_t from) {
  held_.forget_most(true);
  start_ = from > kSearch ? (from - kSearch) & ~1U : 0;
  size_ = 0;
  while (start_ + size_ < from) {
    start_ += size_;
    size_ = static_cast<std::uint8_t>(size_of(old.at(start_)));
  }
}

Step RiscV::instruction(Window& old, std::uint32_t word, std::uint32_t from) {
  const auto size = static_cast<std::uint8_t>(size_of(word));
  if (const std::span<const Bits> bits = bits_of(word); !bits.empty()) {
    return {.size = size,
            .operand = Operand::kBranch,
            .variant = bits.data() == kJumpBits.data() ? std::uint8_t{0} : std::uint8_t{1},
            .address = from + distance_of(bits, word)};
  }
  switch (form_of(word)) {
    case Form::kUpper:
    case Form::kUpperFromHere:
      return upper_part(old, word, from);
    case Form::kLower:
    case Form::kLowerStore:
      return lower_part(word);
    default:
      return other(size);
  }
}

// The lower part of the address whose upper part is in `word`, from one of the next instructions.
std::optional<std::uint32_t> RiscV::lower_behind(Window& old, std::uint32_t word, std::uint32_t from) {
  const Form form = form_of(word);
  if (form != Form::kUpper && form != Form::kUpperFromHere) {
    return std::nullopt;
  }
  for (std::uint32_t i = 4; i < kReach;) {
    const std::uint32_t next = load_le32(old.four(from + i));
    const Form behind = form_of(next);
    if (behind >= Form::kLower && base_register(next) == destination(word)) {
      return lower_of(behind, next);
    }
    i += size_of(next);
  }
  return std::nullopt;
}

Step RiscV::upper_part(Window& old, std::uint32_t word, std::uint32_t from) {
  const bool from_here = form_of(word) == Form::kUpperFromHere;
  const std::uint32_t upper = upper_of(word) + (from_here ? layouts_.old_image.address_of(from) : 0);
  Step step = address(upper + lower_behind(old, word, from).value_or(0));
  if (step.operand == Operand::kNone) {
    return other(4);
  }
  held_.hold(destination(word), upper);
  step.part = Step::kUpper;
  return step;
}

Step RiscV::lower_part(std::uint32_t word) {
  const HeldAddresses::Held* held = held_.find(base_register(word));
  if (held == nullptr) {
    return other(4);
  }
  const std::uint32_t value = held->in_old + lower_of(form_of(word), word);
  base_in_new_ = held->in_new;
  if (sets_global(word)) {
    held_.hold(HeldAddresses::kGlobal, value);
  }
  Step step = address(value);
  step.part = Step::kLower;
  return step.operand != Operand::kNone ? step : other(4);
}

Step RiscV::address(std::uint32_t value) const {
  if (const auto place = layouts_.old_image.place_of(value); place && value >= 4096) {
    return {.size = 4, .operand = Operand::kInside, .address = *place};
  }
  return is_ram(value) ? Step{.size = 4, .operand = Operand::kOutside, .address = value} : Step{};
}

// What an instruction leaves in the registers.
void RiscV::follow(std::uint32_t word, std::uint32_t size) {
  if (const Flow flow = flow_of(word, size); flow != Flow::kOn) {
    held_.forget_most(flow == Flow::kEnd);
  }
  const std::uint32_t written = size == 4 ? written_by(word) : written_by_half(word);
  if (written != HeldAddresses::kGlobal) {
    held_.forget(written);
  }
}

Word RiscV::moved(const Word& word, const Step& step, std::uint32_t to, std::uint32_t at) const {
  const std::uint32_t old = load_le32(word);
  const std::uint32_t address = step.operand == Operand::kInside ? layouts_.new_image.address_of(to) : to;
  const Form form = form_of(old);
  std::uint32_t value = address;
  if (step.operand == Operand::kBranch) {
    value = with_distance(bits_of(old), old, to - at);
  } else if (step.part == Step::kUpper) {
    value = with_upper(old, form == Form::kUpper ? address : address - layouts_.new_image.address_of(at));
  } else if (step.part == Step::kLower) {
    value = with_lower(form, old, address - base_in_new_);
  }
  Word made{};
  store_le32(made, value);
  return made;
}

std::optional<std::uint32_t> RiscV::target(const Word& word, const Step& step, std::uint32_t at) {
  std::uint32_t value = load_le32(word);
  const Form form = form_of(value);
  if (step.operand == Operand::kBranch) {
    const std::span<const Bits> bits = bits_of(value);
    return !bits.empty() && size_of(value) == step.size ? std::optional(at + distance_of(bits, value)) : std::nullopt;
  }
  if (step.part == Step::kUpper) {
    held_.set_in_new(upper_of(value) + (form == Form::kUpper ? 0 : layouts_.new_image.address_of(at)));
    return std::nullopt;  // only with the lower part
  }
  if (step.part == Step::kLower) {
    if (form < Form::kLower) {
      return std::nullopt;
    }
    const bool is_global = sets_global(value);
    value = base_in_new_ + lower_of(form, value);
    if (is_global) {
      held_.set_in_new(value);
    }
  }
  return step.operand == Operand::kInside ? layouts_.new_image.place_of(value) : std::optional(value);
}

LiteralPlace RiscV::literal_place(std::uint32_t at, std::uint32_t recent) {
  if (at <= new_start_ || at >= new_start_ + new_size_) {
    new_start_ = at;
    new_size_ = 2;
    return {};
  }
  const std::uint32_t phase = at - new_start_;
  const std::uint32_t first = recent >> 8U * (phase - 1) & 0xFFU;
  if (phase == 1) {
    new_size_ = static_cast<std::uint8_t>(size_of(first));
  }
  const std::uint32_t kind = new_size_ == 4 ? 4 + (first >> 2U & 31U) : first & 3U;
  const auto place = static_cast<std::uint8_t>((phase - 1) * 64 + 1 + kind);
  return {.narrow = place, .wide = place};
}

}  // namespace ferry::delta
