// A patch as a run of units: numbers, literal bytes, and copied words of which only what cannot be predicted is coded.
// The encoder and the decoder are both this class, over their coders, so that they agree bit by bit.
#pragma once

#include "device/delta/model.h"
#include "device/delta/predictor.h"

namespace ferry::delta {

// Some literal bytes, then bytes of the old image.
struct Piece {
  std::uint32_t literals = 0;
  std::uint32_t old_start = 0;
  std::uint32_t length = 0;
  friend bool operator==(const Piece&, const Piece&) = default;
};

template <class Coder>
class Codec {
 public:
  // All of them must outlive the codec.
  Codec(Coder& coder, const Tables& tables, Window& old, Instructions& instructions)
      : model_(coder, tables),
        predictor_(tables, instructions, old.size()),
        instructions_(instructions),
        tables_(tables),
        old_(old) {}

  // The address map, in the order of the old image: `map` is the encoder's, the decoder's is filled. False where there
  // are more blocks than the tables hold.
  [[nodiscard]] bool address_map(std::span<const Block> map) {
    const std::uint32_t count = model_.number(static_cast<std::uint32_t>(map.size()), NumberKind::kFirst);
    if (count > tables_.map.size()) {
      return false;
    }
    Block before{};
    for (std::size_t i = 0; i < count; ++i) {
      const Block truth = i < map.size() ? map[i] : Block{};
      Block block{};
      const std::uint32_t end = before.old_start + before.length;
      const std::uint32_t shift = before.new_start - before.old_start;
      block.old_start = end + signed_number(truth.old_start - end, NumberKind::kFirst);
      block.length = model_.number(truth.length, NumberKind::kSecond);
      block.new_start =
          block.old_start + shift + signed_number(truth.new_start - truth.old_start - shift, NumberKind::kThird);
      tables_.map[i].set(block);
      before = block;
    }
    predictor_.set_map(count);
    model_.forget_numbers();
    return true;
  }

  // What comes at `at` of the new image. A block of the map that begins there, or after some literals, is named by one
  // bit.
  [[nodiscard]] Piece piece(std::uint32_t at, const Piece& truth) {
    Piece piece;
    if (const auto block = predictor_.next_block(at)) {
      piece = {block->new_start - at, block->old_start, block->length};
      if (model_.choice(piece == truth, NumberKind::kFirst)) {
        old_end_ = piece.old_start + piece.length;
        return piece;
      }
    }
    piece.literals = model_.number(truth.literals, NumberKind::kFirst);
    piece.length = model_.number(truth.length, NumberKind::kSecond);
    if (piece.length > 0) {
      const std::uint32_t expected = old_end_ + piece.literals;
      piece.old_start = expected + signed_number(truth.old_start - expected, NumberKind::kThird);
    }
    old_end_ = piece.old_start + piece.length;
    return piece;
  }

  [[nodiscard]] std::uint8_t literal(std::uint32_t at, std::uint8_t truth) {
    const std::uint32_t p1 = recent_ & 0xFFU;
    const std::uint32_t p2 = recent_ >> 8U & 0xFFU;
    const std::uint32_t three = recent_ & 0xFFFFFFU;
    const LiteralPlace place = instructions_.literal_place(at, recent_);
    const std::uint32_t narrow = place.narrow;
    const std::uint8_t byte = model_.byte(truth, 0,
                                          {narrow, p1 | narrow << 8U, (recent_ & 0xFFFFU) | narrow << 16U, three,
                                           p2 | std::uint32_t{place.wide} << 8U | (recent_ >> 24U) << 16U, recent_});
    take(byte);
    history_ = 0;
    return byte;
  }

  // Copies from `from` of the old image to `at` of the new one, a step of the instructions, of `left` bytes at most.
  // Its size says how many bytes of `out` it is. `truth`: what the encoder has there, as many bytes as `left`, at most
  // four.
  [[nodiscard]] Step copy(std::uint32_t at, std::uint32_t from, std::uint32_t left, Word& out, const Word& truth) {
    const Word word = old_.four(from);
    const Guess guess = predictor_.guess(old_, word, at, from, left);
    if (guess.kind != 0) {
      copy_word(at, from, word, guess, out, truth);
    } else if (guess.step.size > 1) {
      copy_unit(from, word, guess.step, out, truth);
    } else {
      out[0] = copy_byte(from, 0, at & 1U, word[0], truth[0]);
    }
    return guess.step;
  }

 private:
  // Doubtful words have the history that Operand::kNone leaves free.
  [[nodiscard]] static std::size_t history_of(const Step& step) {
    return step.doubtful ? 0 : static_cast<std::size_t>(step.operand);
  }
  // A difference, small in either direction.
  [[nodiscard]] [[gnu::noinline]] std::uint32_t signed_number(std::uint32_t difference, NumberKind kind) {
    const std::uint32_t folded = difference << 1U ^ (0U - (difference >> 31U));
    const std::uint32_t coded = model_.number(folded, kind);
    return coded >> 1U ^ (0U - (coded & 1U));
  }

  void copy_word(std::uint32_t at, std::uint32_t from, const Word& word, const Guess& guess, Word& out,
                 const Word& truth) {
    const std::uint32_t size = guess.step.size;
    const bool same = agree(guess.word, word, size);
    bool done = word_flag(0, guess, word, same, agree(truth, guess.word, size));
    std::uint8_t& history = word_history_[history_of(guess.step)];
    history = static_cast<std::uint8_t>(std::uint32_t{history} << 1U | (done ? 0U : 1U));
    out = guess.word;
    if (!done && !same) {
      done = word_flag(1, guess, word, same, agree(truth, word, size));
      out = word;
    }
    if (done) {
      take_all(out, size);
      ++run_;
      history_ <<= 1U;
    } else {
      for (std::uint32_t i = 0; i < size; ++i) {
        out[i] = copy_byte(from + i, guess.kind, i, word[i], truth[i]);
      }
    }
    predictor_.learn(guess.step, out, at);
  }

  [[nodiscard]] bool word_flag(std::size_t stage, const Guess& guess, const Word& word, bool same, bool truth) {
    const std::size_t which = guess.step.doubtful                      ? kDoubtful
                              : guess.step.operand == Operand::kBranch ? (guess.kind - 1U) * 2 + guess.step.variant
                                                                       : guess.kind + 2U;
    const std::size_t set = which * 3 + stage + (same ? 2 - stage : 0);
    const std::uint32_t low = load_le16(word);
    const std::uint32_t high = load_le16(ByteView(word).subspan(2));
    const auto tag = static_cast<std::uint32_t>(set) << 16U;
    const std::uint8_t history = word_history_[history_of(guess.step)] & (kWordHistory - 1);
    return model_.word_flag(
        truth, set,
        {static_cast<std::uint16_t>(set * kWordHistory + history), model_.hashed_flag(0, 0x77000000U | tag | low),
         static_cast<std::uint16_t>(kWordRunFlags + set * kRuns + std::min<std::uint32_t>(run_class() / 2, kRuns - 1)),
         model_.hashed_flag(1, 0x33000000U | tag | high)});
  }

  // One decision for two bytes or three, as most are as they were. Where they are not, and all but the last one are,
  // that is another for sure.
  void copy_unit(std::uint32_t from, const Word& word, const Step& step, Word& out, const Word& truth) {
    const std::uint32_t half = word[0] | static_cast<std::uint32_t>(word[1]) << 8U;
    const std::uint32_t third = step.size > 2 ? static_cast<std::uint32_t>(word[2]) << 24U : 0;
    const std::uint32_t set = step.shape * 4U + (step.shape == 0 ? kHalf : 3);
    const bool equal = model_.byte_flag(
        agree(truth, word, step.size), set,
        {static_cast<std::uint16_t>(kByteHistoryFlags + set * kWordHistory + (history_ & (kWordHistory - 1))),
         static_cast<std::uint16_t>(kByteRunFlags + run_class() * kKinds),
         model_.hashed_flag(0, half | set << 16U | third),
         model_.hashed_flag(1,
                            half | static_cast<std::uint32_t>(word[3]) << 16U | 0x55000000U | (history_ & 1U) << 31U)});
    if (equal) {
      history_ <<= 1U;
      ++run_;
      out = word;
      take_all(out, step.size);
      return;
    }
    run_ = 0;
    bool as_before = true;
    for (std::uint32_t i = 0; i < step.size; ++i) {
      out[i] = copy_byte(from + i, 0, i, word[i], truth[i], as_before && i + 1 == step.size);
      as_before = as_before && out[i] == word[i];
    }
  }

  // The byte at `from`, or another one in its place. `other`: it is another one for sure.
  [[nodiscard]] std::uint8_t copy_byte(std::uint32_t from, std::uint32_t kind, std::uint32_t index, std::uint8_t old,
                                       std::uint8_t truth, bool other = false) {
    const std::uint32_t before = from > 0 ? old_.at(from - 1) : 0U;
    const std::uint32_t after = old_.at(from + 1);
    const std::uint32_t half = (from & 1U) != 0 ? before | static_cast<std::uint32_t>(old) << 8U : old | after << 8U;
    // Words with an address outside of the image share theirs: the last kinds.
    const std::uint32_t where = std::min<std::uint32_t>(kind, kByteFlagSets / 4 - 1) * 4 + (index & 3U);
    const bool equal =
        !other &&
        model_.byte_flag(
            truth == old, where,
            {static_cast<std::uint16_t>(kByteHistoryFlags + where * kWordHistory + (history_ & (kWordHistory - 1))),
             static_cast<std::uint16_t>(kByteRunFlags + run_class() * kKinds + kind),
             model_.hashed_flag(0, old | static_cast<std::uint32_t>(old) << 8U | where << 16U),
             model_.hashed_flag(1, half | (index & 3U) << 16U | (history_ & 1U) << 20U | 0x55000000U)});
    history_ = history_ << 1U | (equal ? 0U : 1U);
    run_ = equal ? run_ + 1 : 0;
    const std::uint8_t byte = equal ? old : replaced(kind, index, old, before, half, truth);
    take(byte);
    return byte;
  }

  [[nodiscard]] std::uint8_t replaced(std::uint32_t kind, std::uint32_t index, std::uint32_t old, std::uint32_t before,
                                      std::uint32_t half, std::uint8_t truth) {
    const std::uint32_t p1 = recent_ & 0xFFU;
    const std::uint32_t what = (kind + 2) / 3 * 4 + index;
    const std::uint8_t byte = model_.byte(truth, 1,
                                          {what, old | what << 8U, ((old + last_change_) & 0xFFU) | what << 8U,
                                           p1 | old << 8U, p1 | ((p1 - before) & 0xFFU) << 8U, half | what << 16U});
    last_change_ = byte - old;
    return byte;
  }

  // Whether their first `size` bytes are the same.
  [[nodiscard]] static bool agree(const Word& a, const Word& b, std::uint32_t size) {
    return (load_le32(a) ^ load_le32(b)) << (32 - 8 * size) == 0;
  }
  void take_all(const Word& word, std::uint32_t size) {
    for (std::uint32_t i = 0; i < size; ++i) {
      take(word[i]);
    }
  }
  void take(std::uint8_t byte) { recent_ = recent_ << 8U | byte; }
  [[nodiscard]] std::uint32_t run_class() const { return std::min<std::uint32_t>(std::bit_width(run_), kByteRuns - 1); }

  static constexpr std::uint32_t kDoubtful = kWordSets / 3 - 1;
  static constexpr std::uint32_t kHalf = 2;  // the set of a halfword's decision; bytes by themselves have 0 and 1
  static constexpr std::size_t kWordRunFlags = kWordSets * kWordHistory;
  static constexpr std::size_t kByteHistoryFlags = kWordRunFlags + kWordSets * kRuns;
  static constexpr std::size_t kByteRunFlags = kByteHistoryFlags + kByteFlagSets * kWordHistory;
  static_assert(kByteRunFlags + kByteRuns * kKinds == kFixedFlags);

  Model<Coder> model_;
  Predictor predictor_;
  Instructions& instructions_;
  const Tables& tables_;
  Window& old_;
  std::uint32_t old_end_ = 0;      // of the piece before
  std::uint32_t recent_ = 0;       // the last four bytes of the new image
  std::uint32_t history_ = 0;      // of bytes: 1 where replaced
  std::uint32_t run_ = 0;          // units since the last one that was not as predicted
  std::uint32_t last_change_ = 0;  // of a replaced byte
  std::array<std::uint8_t, 4> word_history_{};
};

}  // namespace ferry::delta
