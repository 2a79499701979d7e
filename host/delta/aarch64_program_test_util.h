// Images for tests: AArch64 code, made of functions as a linker lays them out.
#pragma once

#include <random>
#include <vector>

#include "host/bytes.h"

namespace ferry::host::delta {

// Functions of AArch64 that call each other and name data, linked one behind the other, with a table of pointers.
class AArch64Program {
 public:
  explicit AArch64Program(std::uint32_t seed, std::size_t count = 60) : dice_(seed) {
    for (std::size_t i = 0; i < count; ++i) {
      functions_.push_back(make());
    }
  }
  void add_function(std::size_t place) {
    functions_.insert(functions_.begin() + static_cast<std::ptrdiff_t>(place), make());
    for (auto& function : functions_) {
      for (auto& word : function) {
        word.target += word.is_call && word.target >= place ? 1 : 0;
      }
    }
  }
  [[nodiscard]] Bytes link() const {
    std::vector<std::uint32_t> starts;
    std::uint32_t at = 0;
    for (const auto& function : functions_) {
      starts.push_back(at);
      at += static_cast<std::uint32_t>(function.size() * 4);
    }
    Bytes image;
    for (const auto& function : functions_) {
      for (const Word& word : function) {
        const auto here = static_cast<std::uint32_t>(image.size());
        put(image,
            word.is_call ? 0x94000000U | ((starts[word.target % starts.size()] - here) >> 2U & 0x3FFFFFFU) : word.bits);
      }
    }
    image.resize((image.size() + 7) / 8 * 8);
    for (const std::uint32_t start : starts) {
      put(image, start + 0x08000000U);
      put(image, 0xFFFF8000U);
    }
    return image;
  }

 private:
  struct Word {
    bool is_call = false;
    std::uint32_t bits = 0;
    std::size_t target = 0;
  };
  static void put(Bytes& image, std::uint32_t word) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      image.push_back(static_cast<std::uint8_t>(word >> shift));
    }
  }
  std::vector<Word> make() {
    std::vector<Word> function;
    for (std::size_t i = 0; i < 10 + dice_() % 40; ++i) {
      function.push_back(dice_() % 5 == 0
                             ? Word{true, 0, dice_() % 1000}
                             : Word{false, 0xF9400000U | (static_cast<std::uint32_t>(dice_()) & 0x3FFFFFU), 0});
    }
    function.push_back({false, 0xD65F03C0U, 0});
    return function;
  }
  std::mt19937 dice_;
  std::vector<std::vector<Word>> functions_;
};

}  // namespace ferry::host::delta
