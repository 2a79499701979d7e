// A patch for Linux as a run of decisions: the plan of a section, then its literals, and of its copies what cannot be
// guessed. The encoder and the decoder are both this class, over their coders, so that they agree bit by bit.
#pragma once

#include "device/base/bytes.h"
#include "device/delta/huge/guesser.h"
#include "device/delta/huge/model.h"

namespace ferry::delta::huge {

inline constexpr std::uint32_t kMostBytes = (1U << 30U) - 1;  // of an image

template <class Coder>
class Codec {
 public:
  Codec(Coder& coder, Memory& memory, Window& old, const Bases& bases, bool is_code)
      : model_(coder, memory),
        memory_(memory),
        old_(old),
        guesser_(memory, old, map_, bases, is_code),
        is_code_(is_code) {
    memory_.seen.fill(0);
  }

  // What the images' pointers have in common.
  void upper_half(std::uint32_t truth) {
    const std::uint32_t high = model_.number(truth >> 16U, NumberKind::kSmall, 0, 0) & 0xFFFFU;
    guesser_.set_upper_half(high << 16U | (model_.number(truth & 0xFFFFU, NumberKind::kSmall, 0, 0) & 0xFFFFU));
  }

  // The plan of the section that begins at `at`; `truth` is the encoder's. Empty where it is not one.
  [[nodiscard]] std::span<const StoredPiece> section(std::uint32_t at, std::uint32_t image_size,
                                                     std::span<const Piece> truth) {
    const std::uint32_t count = model_.number(static_cast<std::uint32_t>(truth.size()), NumberKind::kSmall, 0, 0);
    if (count == 0 || count > kMostPieces) {
      return {};
    }
    for (std::size_t i = 0; i < count; ++i) {
      const Piece piece = this->piece(i < truth.size() ? truth[i] : Piece{}, at);
      const std::uint32_t room = image_size - at;
      const bool fits = piece.literals <= room && piece.length <= room - piece.literals;
      const bool inside =
          piece.length == 0 || (piece.old_start <= old_.size() && piece.length <= old_.size() - piece.old_start);
      if (!fits || !inside || piece.literals + piece.length == 0) {
        return {};
      }
      at += piece.literals;
      memory_.pieces[i] = {at, piece.old_start | static_cast<std::uint32_t>(piece.phase) << 30U,
                           piece.length | (piece.verbatim ? 0x80000000U : 0U) | (piece.words ? 0x40000000U : 0U)};
      at += piece.length;
    }
    const auto pieces = std::span<const StoredPiece>(memory_.pieces).first(count);
    map_.set(pieces);
    return pieces;
  }

  // The next of `left` literals at `at`, one byte or four, into `out`, which has room for four; the encoder has them
  // there. Returns how many.
  [[nodiscard]] std::size_t literal(std::uint32_t at, std::uint32_t left, bool words, ByteSpan out) {
    run_ = 0;
    if (words && at % 4 == 0 && left >= 4) {
      store_le32(out, literal_word(at, load_le32(out)));
      return 4;
    }
    out[0] = literal_byte(at, out[0]);
    return 1;
  }

  // The next bytes of the copy of `piece`, which stand at `from` of the old image and come to stand at `at` of the new
  // one, likewise. Up to four.
  [[nodiscard]] std::size_t copy(std::uint32_t at, std::uint32_t from, const StoredPiece& piece, ByteSpan out) {
    const std::uint32_t end = piece.old_start() + piece.length();
    const std::uint32_t past = (from - piece.phase()) & 3U;  // the word's beginning
    const std::uint32_t word = word_at(from);
    if (end - from >= 4 && past == 0) {
      const bool aligned = ((at | from) & 3U) == 0;
      const Guess guess =
          aligned ? guesser_.guess(word, at, from, piece.old_start(), end) : guesser_.guess_number(word);
      store_le32(out, copy_word(at, word, guess, load_le32(out)));
      return 4;
    }
    const std::uint32_t count = std::min(end - from, 4 - past);
    copy_bytes(word, out.first(count));
    return count;
  }

 private:
  static constexpr std::uint32_t kFirst = Model<Coder>::kFirstFlagSet;
  enum Set : std::uint32_t {
    kJumpSet = kFirst,
    kPieceSet = kFirst + 4,
    kByteSame = kFirst + 6,
    kReplaced = kFirst + 8,
    kWordSame = kFirst + 16
  };
  enum ByteSet : std::uint32_t {
    kLiteral,
    kWordLiteral,
    kWordReplaced = kWordLiteral + 4,
    kByteReplaced = kWordReplaced + 4
  };

  static constexpr std::uint32_t kCalm = 32;  // units as guessed, after which the next one is nearly certain

  [[nodiscard]] std::uint32_t word_at(std::uint32_t from) { return load_le32(old_.four(from)); }

  // --- The plan ---

  [[nodiscard]] Piece piece(const Piece& truth, std::uint32_t at) {
    Piece piece;
    const auto last_width = static_cast<std::uint32_t>(std::bit_width(before_.length));
    piece.literals =
        model_.number(truth.literals, NumberKind::kLiterals, std::min<std::uint32_t>(before_.literals, 64), jump_);
    piece.length =
        model_.number(truth.length, NumberKind::kLength, std::min<std::uint32_t>(piece.literals, 64), last_width);
    piece.words = piece.literals > 0 && is_code_ && piece_flag(truth.words, 0, before_.words ? 1 : 0);
    if (piece.length > 0) {
      piece.verbatim = piece_flag(
          truth.verbatim, 1, static_cast<std::uint32_t>(std::bit_width(piece.length)) * 2 + (before_.verbatim ? 1 : 0));
      if (!piece.verbatim) {
        piece.phase = static_cast<std::uint8_t>(
            model_.number(truth.phase, NumberKind::kSmall, 1 + before_.phase, piece.length > 4096 ? 1 : 0) & 3U);
      }
      const std::uint32_t new_start = at + piece.literals;
      piece.old_start = old_start(truth.old_start, new_start, piece.literals);
      const std::uint32_t shift = new_start - piece.old_start;
      if (shift != shift_) {
        shift_before_ = shift_;
        shift_ = shift;
      }
      end_ = piece.old_start + piece.length;
    }
    before_ = piece;
    return piece;
  }

  [[nodiscard]] bool piece_flag(bool bit, std::uint32_t which, std::uint32_t context) {
    const std::uint32_t base = which << 24U;
    return model_.flag(bit, kPieceSet + which,
                       {base, base + 1 + context, base + 0x100U + context * 64 + jump_, 0, 0, 0});
  }

  // Mostly one of three places: as if the literals replaced as many bytes, as if they were inserted, or on with the
  // copy before the last one.
  [[nodiscard]] std::uint32_t old_start(std::uint32_t truth, std::uint32_t new_start, std::uint32_t literals) {
    const std::array<std::uint32_t, 3> usual = {new_start - shift_, end_, new_start - shift_before_};
    for (std::uint32_t i = 0; i < usual.size(); ++i) {
      const std::uint32_t base = i << 20U;
      if (model_.flag(truth == usual[i], kJumpSet + i,
                      {base, base + 1 + jump_, base + 0x100U + std::min<std::uint32_t>(literals, 200),
                       base + 0x1000U + std::min<std::uint32_t>(literals, 200) * 16 + (jump_ & 15U), 0, 0})) {
        jump_ = (jump_ << 2U & 0xFCU) | i;
        return usual[i];
      }
    }
    jump_ = (jump_ << 2U & 0xFCU) | 3U;
    const std::uint32_t distance = truth - end_;
    const bool back =
        model_.flag(distance >> 31U != 0, kJumpSet + 3, {0x400000U, 0x400001U + jump_, 0x400100U + literals, 0, 0, 0});
    const std::uint32_t size = model_.number((back ? 0U - distance : distance) & 0x7FFFFFFFU, NumberKind::kJump,
                                             back ? 1 : 0, static_cast<std::uint32_t>(std::bit_width(literals)));
    return end_ + (back ? 0U - size : size);
  }

  // --- Literals ---

  [[nodiscard]] std::uint8_t literal_byte(std::uint32_t at, std::uint8_t truth) {
    const std::uint32_t p1 = recent_ & 0xFFU;
    const std::uint8_t expected =
        match_ != 0 ? memory_.history[match_ & (memory_.history.size() - 1)] : std::uint8_t{0};
    const std::uint8_t byte = model_.byte(
        truth, kLiteral,
        {p1 | (at & 3U) << 8U, recent_ & 0xFFFFU, recent_ & 0xFFFFFFU, recent_,
         hash(recent_) + (recent_high_ & 0xFFFFU), (recent_ >> 24U) | (recent_high_ >> 24U) << 8U | (at & 3U) << 16U},
        expected, match_ != 0 ? match_length_ : 0);
    take_literal(byte, expected);
    return byte;
  }

  void take_literal(std::uint8_t byte, std::uint8_t expected) {
    memory_.history[written_ & (memory_.history.size() - 1)] = byte;
    ++written_;
    take(byte);
    if (match_ != 0 && byte == expected) {
      ++match_;
      match_length_ = std::min<std::uint32_t>(match_length_ + 1, 0xFFFF);
    } else {
      match_ = 0;
      match_length_ = 0;
    }
    std::uint32_t& seen = memory_.seen[hash(recent_ + hash(recent_high_ & 0xFFFFU)) >> (32U - kSeenBits)];
    if (match_ == 0 && seen != 0 && written_ - seen < memory_.history.size()) {
      match_ = seen;
      match_length_ = 1;
    }
    seen = written_;
  }

  // Of a word, from its highest byte on, as that says what the others are. Addresses in it are as seen from everywhere.
  [[nodiscard]] std::uint32_t literal_word(std::uint32_t at, std::uint32_t truth) {
    const std::uint32_t absolute = to_absolute(truth, at);
    std::uint32_t word = 0;
    for (std::uint32_t i = 0; i < 4; ++i) {
      const std::uint32_t so_far = hash(word + (i << 24U) + i);
      const std::uint8_t expected =
          match_ != 0 ? memory_.history[match_ & (memory_.history.size() - 1)] : std::uint8_t{0};
      const std::uint8_t byte = model_.byte(
          static_cast<std::uint8_t>(absolute >> (24 - 8 * i)), kWordLiteral + i,
          {so_far, so_far + hash(words_[0] >> 21U), so_far + hash(words_[0]) * 3,
           so_far + hash(words_[0] + hash(words_[1])) * 5, hash(word & 0xFFU) + i + (words_[0] & 0x3FFU) * 0x10001U,
           so_far + hash((words_[0] >> 24U) | (words_[1] >> 24U) << 8U | (words_[2] >> 24U) << 16U)},
          expected, match_ != 0 ? match_length_ : 0);
      take_literal(byte, expected);
      word = word << 8U | byte;
    }
    take_word(word);
    return from_absolute(word, at);
  }

  // A word whose distance, if it has one, counts from the beginning of the image; and back again.
  [[nodiscard]] static std::uint32_t to_absolute(std::uint32_t word, std::uint32_t at) {
    const Form form = form_of(word);
    return turned(form, word, form == Form::kPage ? at >> 12U : at);
  }
  [[nodiscard]] static std::uint32_t from_absolute(std::uint32_t word, std::uint32_t at) {
    const Form form = form_of(word);
    return turned(form, word, 0U - (form == Form::kPage ? at >> 12U : at & ~3U));
  }

  void take_word(std::uint32_t word) {
    words_[2] = words_[1];
    words_[1] = words_[0];
    words_[0] = word;
  }
  void take(std::uint8_t byte) {
    recent_high_ = recent_high_ << 8U | recent_ >> 24U;
    recent_ = recent_ << 8U | byte;
  }

  // --- Copies ---

  [[nodiscard]] std::uint32_t copy_word(std::uint32_t at, std::uint32_t old, const Guess& guess, std::uint32_t truth) {
    const std::uint32_t kind = static_cast<std::uint32_t>(guess.operand) * 2 + (guess.sure ? 1 : 0);
    const bool same = guess.word == old;
    const bool calm = same && guess.operand == Operand::kNone && run_ >= kCalm;
    const bool done = calm ? model_.quick_flag(truth == old, static_cast<std::uint32_t>(std::bit_width(run_)))
                           : word_flag(kind * 4 + (same ? 1 : 0), old, guess, truth == guess.word);
    history_ = history_ << 1U | (done ? 0U : 1U);
    std::uint32_t& of_kind = kind_history_[static_cast<std::size_t>(guess.operand)];
    of_kind = of_kind << 1U | (done ? 0U : 1U);
    run_ = done ? run_ + 1 : 0;
    const std::uint32_t word = done ? guess.word : surprise(at, old, guess, kind, truth);
    guesser_.learn(guess, old, word, at);
    take_word(to_absolute(word, at));
    recent_ = (word & 0xFFU) << 24U | (word & 0xFF00U) << 8U | (word >> 8U & 0xFF00U) | word >> 24U;
    return word;
  }

  // Not as guessed: by the second guess, or as it was, or another one.
  [[nodiscard]] std::uint32_t surprise(std::uint32_t at, std::uint32_t old, const Guess& guess, std::uint32_t kind,
                                       std::uint32_t truth) {
    if (guess.second != guess.word && guess.second != old &&
        word_flag(kind * 4 + 3, old, guess, truth == guess.second)) {
      return guess.second;
    }
    if (guess.word != old && word_flag(kind * 4 + 2, old, guess, truth == old)) {
      return old;
    }
    return replaced_word(at, old, guess.word, kind, truth);
  }

  [[nodiscard]] bool word_flag(std::uint32_t set, std::uint32_t word, const Guess& guess, bool truth) {
    const std::uint32_t tag = set << 24U;
    const std::uint32_t run = std::min<std::uint32_t>(std::bit_width(run_), 15);
    return model_.flag(truth, kWordSame + set,
                       {tag + (history_ & 0xFFU) + run * 256, tag + hash(word), tag + hash(guess.target) + 1,
                        tag + (word >> 21U) + (run << 12U),
                        tag + (kind_history_[static_cast<std::size_t>(guess.operand)] & 0xFFU) + 0x800000U,
                        tag + hash(words_[0] + hash(word))});
  }

  // From its highest byte on; each is as guessed or another one.
  [[nodiscard]] std::uint32_t replaced_word(std::uint32_t at, std::uint32_t old_word, std::uint32_t guessed,
                                            std::uint32_t kind, std::uint32_t truth) {
    const std::uint32_t absolute = to_absolute(truth, at);
    const std::uint32_t old = to_absolute(old_word, at);
    const std::uint32_t near = to_absolute(guessed, at);
    std::uint32_t word = 0;
    for (std::uint32_t i = 0; i < 4; ++i) {
      const std::uint32_t shift = 24 - 8 * i;
      const std::uint32_t so_far = hash(word + (i << 24U) + i);
      const std::uint32_t old_byte = old >> shift & 0xFFU;
      const std::uint32_t near_byte = near >> shift & 0xFFU;
      const auto truth_byte = static_cast<std::uint8_t>(absolute >> shift);
      const std::uint32_t above = i == 0 ? 0 : near >> (shift + 8);
      const bool like = above == word;
      std::uint32_t byte = near_byte;
      const std::uint32_t state = kind * 8 + i * 2 + (like ? 1U : 0U);
      const typename Model<Coder>::Contexts contexts = {
          near_byte + (like ? 256U : 0U) + (kind << 10U),
          so_far + hash(old),
          so_far + hash(words_[0]) * 3,
          so_far + hash(old & 0xFFFFFC00U) * 5,
          so_far,
          hash(near_byte + ((word & 0xFFU) << 8U) + ((above & 0xFFU) << 16U)) + (words_[0] >> 24U)};
      model_.expect_byte(kWordReplaced + i, contexts);
      if (!model_.flag(truth_byte == near_byte, kReplaced + i * 2 + (like ? 1U : 0U),
                       {state, state * 256 + near_byte + 0x10000U, so_far + hash(old), state + hash(words_[0]) * 3,
                        so_far + hash(old & 0xFFFFFC00U) * 5, state + ((word_history_ & 0xFFU) << 16U) + 0x1000000U})) {
        byte = model_.byte(truth_byte, kWordReplaced + i, contexts, static_cast<std::uint8_t>(old_byte), 1);
      }
      word_history_ = word_history_ << 1U | (byte == near_byte ? 0U : 1U);
      word = word << 8U | byte;
    }
    return from_absolute(word, at);
  }

  // Bytes of which nothing is guessed but that they are the old ones, those of `word`.
  void copy_bytes(std::uint32_t word, ByteSpan out) {
    std::array<std::uint8_t, 4> old{};
    store_le32(old, word);
    const std::uint32_t run = std::min<std::uint32_t>(static_cast<std::uint32_t>(std::bit_width(run_)), 15);
    const bool same = model_.flag(
        equal(out, ByteView(old).first(out.size())), kByteSame,
        {(history_ & 0xFFU) + run * 256, hash(word) + 1, run + 0x10000U,
         (history_ & 0xFU) + (word >> 24U << 8U) + 0x20000U, hash(recent_) + 2, hash(word + hash(recent_))});
    history_ = history_ << 1U | (same ? 0U : 1U);
    run_ = same ? run_ + 1 : 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = same ? old[i] : replaced_byte(old[i], static_cast<std::uint32_t>(i), out[i]);
      take(out[i]);
    }
  }

  [[nodiscard]] std::uint8_t replaced_byte(std::uint8_t old, std::uint32_t index, std::uint8_t truth) {
    const std::uint32_t p1 = recent_ & 0xFFU;
    const bool same = model_.flag(truth == old, kByteSame + 1,
                                  {byte_history_ & 0xFFU, (old | index << 8U) + 0x1000U,
                                   (byte_history_ & 3U) + ((old | p1 << 8U) << 2U) + 0x100000U, 0, 0, 0});
    byte_history_ = byte_history_ << 1U | (same ? 0U : 1U);
    if (same) {
      return old;
    }
    return model_.byte(truth, kByteReplaced,
                       {old, p1, p1 | std::uint32_t{old} << 8U, recent_ & 0xFFFFU, recent_ & 0xFFFFFFU, index}, 0, 0);
  }

  Model<Coder> model_;
  Memory& memory_;
  Window& old_;
  AddressMap map_{memory_.order};
  Guesser guesser_;
  bool is_code_;

  Piece before_;
  std::uint32_t end_ = 0;  // of the copy before, in the old image
  std::uint32_t shift_ = 0;
  std::uint32_t shift_before_ = 0;
  std::uint32_t jump_ = 0;  // how the last copies were found

  std::uint32_t recent_ = 0;       // the last bytes of the new image
  std::uint32_t recent_high_ = 0;  // and the four before them
  std::array<std::uint32_t, 3> words_{};
  std::uint32_t written_ = 1;  // literals so far; 0 is none
  std::uint32_t match_ = 0;    // where the literals go on as before; 0: nowhere
  std::uint32_t match_length_ = 0;
  std::uint32_t history_ = 0;       // of copied units: 1 where not as guessed
  std::uint32_t byte_history_ = 0;  // of bytes of such units
  std::uint32_t word_history_ = 0;  // of bytes of words that were replaced
  std::array<std::uint32_t, 16> kind_history_{};
  std::uint32_t run_ = 0;  // units since the last one that was not as guessed
};

}  // namespace ferry::delta::huge
