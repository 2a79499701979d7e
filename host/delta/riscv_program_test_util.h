// Images for tests: RISC-V code, made of functions as a linker lays them out.
#pragma once

#include <algorithm>
#include <random>
#include <vector>

#include "host/bytes.h"

namespace ferry::host::delta {

class RiscVProgram {
 public:
  static constexpr std::uint32_t kFlash = 0x42000000;
  static constexpr std::uint32_t kRam = 0x3FC80000;
  static constexpr std::size_t kCallees = 10;  // functions that others call

  explicit RiscVProgram(std::uint32_t seed, std::size_t functions = 60) : dice_(seed) {
    for (std::size_t i = 0; i < functions; ++i) {
      add_function(i);
    }
  }
  void add_function(std::size_t at) {
    Function function{.id = next_id_++, .items = {}};
    const std::size_t items = 8 + dice_() % 90;
    for (std::size_t i = 0; i < items; ++i) {
      const char kind = "caurwxxx"[dice_() % 8];
      function.items.push_back({.kind = kind, .value = static_cast<std::uint32_t>(dice_())});
    }
    functions_.insert(functions_.begin() + static_cast<std::ptrdiff_t>(at), function);
  }

  [[nodiscard]] Bytes link(std::uint32_t base = kFlash, std::uint32_t ram = kRam) const {
    std::vector<std::uint32_t> starts(next_id_, 0);
    (void)lay_out(base, ram, starts);
    return lay_out(base, ram, starts);
  }

 private:
  struct Item {
    char kind;  // call, address from here, address in two parts, RAM, wide, anything of two bytes
    std::uint32_t value;
  };
  struct Function {
    std::size_t id;
    std::vector<Item> items;
  };

  // Fills `starts`, and uses what it has of before.
  Bytes lay_out(std::uint32_t base, std::uint32_t ram, std::vector<std::uint32_t>& starts) const {
    const std::vector<std::uint32_t> before = starts;
    const std::size_t callees = std::min(kCallees, functions_.size());
    Bytes image;
    for (const Function& function : functions_) {
      starts[function.id] = static_cast<std::uint32_t>(image.size());
      put(image, 0x1141, 2);  // c.addi sp, -16
      for (const Item& item : function.items) {
        put_item(image, item, base, ram, before[item.value % callees]);
      }
      put(image, 0x8082, 2);  // ret
    }
    image.resize((image.size() + 3) & ~std::size_t{3});
    for (const Function& function : functions_) {
      put(image, base + starts[function.id], 4);  // a table of all functions
    }
    return image;
  }
  static void put_item(Bytes& image, const Item& item, std::uint32_t base, std::uint32_t ram, std::uint32_t to) {
    const auto at = static_cast<std::uint32_t>(image.size());
    const std::uint32_t variable = ram + item.value % 2048 * 4;
    switch (item.kind) {
      case 'c': {  // jal ra
        const std::uint32_t distance = to - at;
        put(image,
            0xEFU | (distance & 0xFF000U) | (distance >> 11U & 1U) << 20U | (distance & 0x7FEU) << 20U |
                (distance >> 20U & 1U) << 31U,
            4);
        return;
      }
      case 'a':  // auipc a5; addi a5, a5
        put_pair(image, 0x797, 0x78793, to - at);
        return;
      case 'u':  // lui a5; addi a5, a5
        put_pair(image, 0x7B7, 0x78793, base + to);
        return;
      case 'r':  // lui a4; lw a0, (a4)
        put_pair(image, 0x737, 0x72503, variable);
        return;
      case 'w':  // ori a0, a0
        put(image, 0x56513U | item.value << 20U, 4);
        return;
      default:  // c.li a0
        put(image, 0x4501U | (item.value & 31U) << 2U, 2);
    }
  }
  static void put_pair(Bytes& image, std::uint32_t upper, std::uint32_t lower, std::uint32_t value) {
    put(image, upper | ((value + 0x800) & 0xFFFFF000U), 4);
    put(image, lower | value << 20U, 4);
  }
  static void put(Bytes& image, std::uint32_t number, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) {
      image.push_back(static_cast<std::uint8_t>(number >> 8 * i));
    }
  }

  std::mt19937 dice_;
  std::size_t next_id_ = 0;
  std::vector<Function> functions_;
};

}  // namespace ferry::host::delta
