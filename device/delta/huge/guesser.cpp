#include "device/delta/huge/guesser.h"

#include <bit>

#include "device/coding/hash.h"

namespace ferry::delta::huge {

using coding::hash;

namespace {

constexpr std::uint32_t kReach = 24;            // bytes in which ADRP's other half is looked for
constexpr std::uint32_t kOldest = 256;          // bytes for which ADRP's page holds
constexpr std::uint32_t kFarthest = 1U << 25U;  // a distance's
constexpr std::uint32_t kNearest = 1U << 8U;
constexpr std::uint32_t kUnknown = 0x80000000U;  // a shift
constexpr unsigned kFine = 5;                    // numbers are near by so many bits
constexpr unsigned kCoarse = 11;
constexpr std::uint32_t kWordKey = 0x51A7B3C5U;  // words and places are kept in one table

}  // namespace

Guesser::Guesser(Memory& memory, Window& old, const AddressMap& map, const Bases& bases, bool is_code)
    : memory_(memory), old_(old), map_(map), bases_(bases), is_code_(is_code) {
  memory_.learned_keys.fill(0);
  memory_.shifts.fill(kUnknown);
}

std::uint32_t Guesser::word_at(std::uint32_t from) {
  return load_le32(old_.four(from));
}

const std::uint32_t* Guesser::known(std::uint32_t key) const {
  const std::uint32_t mixed = hash(key);
  const std::size_t slot = mixed >> (32U - kLearnedBits);
  return memory_.learned_keys[slot] == (mixed | 1U) ? &memory_.learned_values[slot] : nullptr;
}

void Guesser::remember(std::uint32_t key, std::uint32_t value) {
  const std::uint32_t mixed = hash(key);
  const std::size_t slot = mixed >> (32U - kLearnedBits);
  memory_.learned_keys[slot] = mixed | 1U;
  memory_.learned_values[slot] = value;
}

std::uint32_t Guesser::moved(std::uint32_t place, bool& sure) const {
  if (const std::uint32_t* to = known(place)) {
    return *to;
  }
  const AddressMap::Moved moved = map_.move(place);
  sure = moved.inside;
  return moved.to;
}

Guess Guesser::guess(std::uint32_t word, std::uint32_t at, std::uint32_t from, std::uint32_t first, std::uint32_t end) {
  if (is_code_) {
    const Form form = form_of(word);
    const Guess guess = form != Form::kOther ? guess_instruction(form, word, at, from, first, end)
                        : has_offset(word)   ? guess_offset(word, at)
                                             : guess_data(word, at, from);
    if (guess.operand != Operand::kNone && (guess.operand != Operand::kDistance || guess.word != word)) {
      return guess;
    }
  }
  return guess_number(word);
}

// The kind of a number shows in what stands before it: in a table of records, for one, another field.
std::uint32_t& Guesser::shift_near(std::uint32_t word, unsigned bits) {
  const auto width = static_cast<std::uint32_t>(std::bit_width(before_));
  const std::uint32_t field = width <= 8 ? 0 : width <= 17 ? 1 : width <= 24 ? 2 : 3;
  return memory_.shifts[hash((word >> bits) * 8 + field + (bits << 27U)) >> (32U - kLearnedBits)];
}

Guess Guesser::guess_number(std::uint32_t word) {
  Guess guess{Operand::kNone, true, word, word, word};
  const std::uint32_t fine = shift_near(word, kFine);
  const std::uint32_t shift = fine != kUnknown ? fine : shift_near(word, kCoarse);
  if (shift != kUnknown && shift != 0 && word < 0x10000000U) {
    guess = {Operand::kNumber, fine != kUnknown, word + shift, word, word};
  }
  if (const std::uint32_t* became = known(word ^ kWordKey); became != nullptr && *became != guess.word) {
    guess.second = guess.word;
    guess.word = *became;
    guess.operand = Operand::kLearned;
  }
  return guess;
}

void Guesser::learn_number(std::uint32_t old_word, std::uint32_t word) {
  if (word != old_word || known(old_word ^ kWordKey) != nullptr) {
    remember(old_word ^ kWordKey, word);
  }
  const std::uint32_t shift = word - old_word;
  if (old_word >= 0x10000000U || shift + 0x100000U >= 0x200000U) {
    return;
  }
  for (const unsigned bits : {kFine, kCoarse}) {
    if (std::uint32_t& near = shift_near(old_word, bits); shift != 0 || near != kUnknown) {
      near = shift;
    }
  }
}

Guess Guesser::guess_instruction(Form form, std::uint32_t word, std::uint32_t at, std::uint32_t from,
                                 std::uint32_t first, std::uint32_t end) {
  if (form == Form::kPage) {
    return guess_page(word, at, from);
  }
  const std::uint32_t target = target_of(form, word, from);
  const auto operand = form == Form::kBranch26 ? Operand::kCall : Operand::kBranch;
  if (target - first < end - first || target >= old_.size()) {
    return {form == Form::kBranch26 ? Operand::kBranch : Operand::kNone, true, word, word, target};
  }
  Guess guess{operand, true, word, word, target};
  guess.word = with_target(form, word, at, moved(target, guess.sure));
  return guess;
}

// ADRP names a page; where in it stands behind it, in one of the next instructions.
std::uint32_t Guesser::offset_behind(std::uint32_t adrp, std::uint32_t from) {
  for (std::uint32_t i = 4; i <= kReach; i += 4) {
    const std::uint32_t next = word_at(from + i);
    if (has_offset(next) && base_register(next) == destination(adrp)) {
      return offset_of(next) & 0xFFFU;
    }
  }
  return 0;
}

Guess Guesser::guess_page(std::uint32_t word, std::uint32_t at, std::uint32_t from) {
  const std::uint32_t page = target_of(Form::kPage, word, from + bases_.old_image);
  const std::uint32_t target = page + offset_behind(word, from) - bases_.old_image;
  if (target >= old_.size()) {
    return {};
  }
  Guess guess{Operand::kPage, true, word, word, target};
  guess.word = with_target(Form::kPage, word, at + bases_.new_image, moved(target, guess.sure) + bases_.new_image);
  return guess;
}

Guess Guesser::guess_offset(std::uint32_t word, std::uint32_t at) {
  const Page& page = pages_[base_register(word)];
  if (page.at == 0 || at - page.at > kOldest) {
    return {};
  }
  Guess guess{Operand::kOffset, true, word, word, page.old_page + offset_of(word) - bases_.old_image};
  if (guess.target >= old_.size()) {
    return {};
  }
  guess.word = with_offset(word, (moved(guess.target, guess.sure) + bases_.new_image) & 0xFFFU);
  return guess;
}

Guess Guesser::guess_data(std::uint32_t word, std::uint32_t at, std::uint32_t from) {
  const std::uint32_t inside = word - bases_.old_image;
  if (bases_.upper_half != 0 && ((at | from) & 7U) == 0 && inside < old_.size() &&
      word_at(from + 4) == bases_.upper_half) {
    Guess guess{Operand::kPointer, true, word, word, inside};
    guess.word = moved(inside, guess.sure) + bases_.new_image;
    return guess;
  }
  const std::uint32_t target = from + word;
  if (word + kFarthest < 2 * kFarthest && word + kNearest >= 2 * kNearest && target < old_.size()) {
    Guess guess{Operand::kDistance, true, word, word, target};
    guess.word = moved(target, guess.sure) - at;
    return guess;
  }
  return {};
}

void Guesser::learn(const Guess& guess, std::uint32_t old_word, std::uint32_t word, std::uint32_t at) {
  if (guess.operand > Operand::kNumber) {
    before_ = old_word;
  }
  if (guess.operand == Operand::kPage && form_of(word) == Form::kPage) {
    // What it names is known with its other half only.
    pages_[destination(word)] = {page_of(guess.target + bases_.old_image),
                                 target_of(Form::kPage, word, at + bases_.new_image), at};
  }
  if (guess.operand <= Operand::kNumber) {
    learn_number(old_word, word);
    before_ = old_word;  // only now: it tells the kind
    return;
  }
  if (word == guess.word) {
    return;
  }
  switch (guess.operand) {
    case Operand::kCall:
      if (form_of(word) == Form::kBranch26) {
        remember(guess.target, target_of(Form::kBranch26, word, at));
      }
      break;
    case Operand::kOffset:
      if (has_offset(word)) {
        remember(guess.target, pages_[base_register(old_word)].new_page + offset_of(word) - bases_.new_image);
      }
      break;
    case Operand::kPointer:
      remember(guess.target, word - bases_.new_image);
      break;
    case Operand::kDistance:
      remember(guess.target, word + at);
      break;
    default:
      break;
  }
}

}  // namespace ferry::delta::huge
