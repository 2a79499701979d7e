// Guesses what a word of the old image is in the new one. A wrong guess costs bits, never correctness.
#pragma once

#include "device/delta/huge/aarch64.h"
#include "device/delta/huge/memory.h"
#include "device/delta/window.h"

namespace ferry::delta::huge {

enum class Operand : std::uint8_t {
  kNone,
  kLearned,   // the word became another one the last time
  kNumber,    // words near it became others, by so much
  kCall,      // B, BL
  kBranch,    // the shorter ones
  kPage,      // ADRP
  kOffset,    // of what follows it
  kPointer,   // 8 bytes, an address in the image
  kDistance,  // 4 bytes, from themselves to a place in the image
};

struct Guess {
  Operand operand = Operand::kNone;
  bool sure = true;          // how: a place in a copy; else near one
  std::uint32_t word = 0;    // what the new image has, by this guess
  std::uint32_t second = 0;  // or by another one; the old word where there is none
  std::uint32_t target = 0;  // a place in the old image, or the old word
};

// Addresses at which the images run, and what their pointers have in common: the upper half.
struct Bases {
  std::uint32_t old_image = 0;
  std::uint32_t new_image = 0;
  std::uint32_t upper_half = 0;
};

class Guesser {
 public:
  // `is_code`: the images hold AArch64; else only words that were seen to change are guessed.
  Guesser(Memory& memory, Window& old, const AddressMap& map, const Bases& bases, bool is_code);

  void set_upper_half(std::uint32_t upper_half) { bases_.upper_half = upper_half; }

  // The word at `from` of the old image, which is to stand at `at` of the new one; both are multiples of four.
  // Between `first` and `end` of the old image everything moves as the word itself.
  [[nodiscard]] Guess guess(std::uint32_t word, std::uint32_t at, std::uint32_t from, std::uint32_t first,
                            std::uint32_t end);
  // A word of which no more is known than that it may be a number, as a word near it.
  [[nodiscard]] Guess guess_number(std::uint32_t word);
  // What did stand there.
  void learn(const Guess& guess, std::uint32_t old_word, std::uint32_t word, std::uint32_t at);

 private:
  struct Page {  // what ADRP put into a register
    std::uint32_t old_page = 0;
    std::uint32_t new_page = 0;
    std::uint32_t at = 0;  // where in the new image; 0: nowhere
  };

  [[nodiscard]] Guess guess_instruction(Form form, std::uint32_t word, std::uint32_t at, std::uint32_t from,
                                        std::uint32_t first, std::uint32_t end);
  [[nodiscard]] Guess guess_page(std::uint32_t word, std::uint32_t at, std::uint32_t from);
  [[nodiscard]] Guess guess_offset(std::uint32_t word, std::uint32_t at);
  [[nodiscard]] Guess guess_data(std::uint32_t word, std::uint32_t at, std::uint32_t from);
  [[nodiscard]] std::uint32_t moved(std::uint32_t place, bool& sure) const;
  [[nodiscard]] std::uint32_t offset_behind(std::uint32_t adrp, std::uint32_t from);
  [[nodiscard]] std::uint32_t word_at(std::uint32_t from);
  [[nodiscard]] std::uint32_t& shift_near(std::uint32_t word, unsigned bits);
  void learn_number(std::uint32_t old_word, std::uint32_t word);
  void remember(std::uint32_t key, std::uint32_t value);
  [[nodiscard]] const std::uint32_t* known(std::uint32_t key) const;

  Memory& memory_;
  Window& old_;
  const AddressMap& map_;
  Bases bases_;
  bool is_code_;
  std::array<Page, 32> pages_{};
  std::uint32_t before_ = 0;  // the old word before
};

}  // namespace ferry::delta::huge
