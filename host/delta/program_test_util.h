// Images for tests: made of functions, as a linker lays them out.
#pragma once

#include <random>
#include <vector>

#include "device/delta/thumb2.h"
#include "host/bytes.h"

namespace ferry::host::delta {

inline constexpr std::uint32_t kBase = 0x08020000;
inline constexpr std::uint32_t kCallees = 10;  // functions that others call

// An image made of functions that call each other and hold addresses of each other, as a linker would lay them out.
class Program {
 public:
  explicit Program(std::uint32_t seed, std::size_t functions = 60) : dice_(seed) {
    for (std::size_t i = 0; i < functions; ++i) {
      add_function(i);
    }
  }
  void add_function(std::size_t at) {
    Function function;
    function.id = next_id_++;
    const std::size_t words = 4 + dice_() % 60;
    for (std::size_t i = 0; i < words; ++i) {
      const auto kind = dice_() % 6;
      function.words.push_back({.kind = kind == 0 ? 'c' : kind == 1 ? 'p' : kind == 2 ? 'r' : 'x', .value = random()});
    }
    functions_.insert(functions_.begin() + static_cast<std::ptrdiff_t>(at), function);
  }
  void change(std::size_t at) { functions_[at].words[1] = {.kind = 'x', .value = random()}; }

  [[nodiscard]] Bytes link(std::uint32_t base = kBase, std::uint32_t ram = 0x20000100) const {
    std::vector<std::uint32_t> starts(next_id_, 0);
    std::uint32_t at = 0;
    for (const Function& function : functions_) {
      starts[function.id] = at;
      at += static_cast<std::uint32_t>(function.words.size() * 4 + 4);
    }
    Bytes image;
    for (const Function& function : functions_) {
      put(image, 0xB500B500);  // push {lr}
      for (const Item& item : function.words) {
        const std::uint32_t callee = starts[item.value % kCallees];
        const auto here = static_cast<std::uint32_t>(image.size());
        if (item.kind == 'c') {
          const auto distance = static_cast<std::int32_t>(callee - here - 4);
          put(image, load_le32(ferry::delta::with_distance({0, 0xF0, 0, 0xF8}, distance)));
        } else {
          put(image, item.kind == 'p' ? base + callee + 1 : item.kind == 'r' ? ram + item.value % 512 * 4 : item.value);
        }
      }
    }
    return image;
  }

 private:
  struct Item {
    char kind;  // call, pointer, RAM address, anything
    std::uint32_t value;
  };
  struct Function {
    std::size_t id = 0;
    std::vector<Item> words;
  };
  static void put(Bytes& image, std::uint32_t word) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      image.push_back(static_cast<std::uint8_t>(word >> shift));
    }
  }
  [[nodiscard]] std::uint32_t random() { return static_cast<std::uint32_t>(dice_()); }

  std::mt19937 dice_;
  std::size_t next_id_ = 0;
  std::vector<Function> functions_;
};

}  // namespace ferry::host::delta
