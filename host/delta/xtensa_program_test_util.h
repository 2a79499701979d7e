// Images for tests: Xtensa code, made of functions as a linker lays them out, each with its literals in front of it.
#pragma once

#include <algorithm>
#include <random>
#include <vector>

#include "device/delta/xtensa.h"
#include "host/bytes.h"

namespace ferry::host::delta {

class XtensaProgram {
 public:
  static constexpr std::uint32_t kFlash = 0x40200000;
  static constexpr std::size_t kCallees = 10;  // functions that others call

  explicit XtensaProgram(std::uint32_t seed, std::size_t functions = 60) : dice_(seed) {
    for (std::size_t i = 0; i < functions; ++i) {
      add_function(i);
    }
  }
  void add_function(std::size_t at) {
    Function function{.id = next_id_++, .pointee = dice_(), .items = {}};
    for (std::size_t i = 0; i < 8 + dice_() % 90; ++i) {
      function.items.push_back({.kind = "clnxx"[dice_() % 5], .value = static_cast<std::uint32_t>(dice_())});
    }
    functions_.insert(functions_.begin() + static_cast<std::ptrdiff_t>(at), function);
  }

  [[nodiscard]] Bytes link(std::uint32_t base = kFlash) const {
    std::vector<std::uint32_t> starts(next_id_, 0);
    (void)lay_out(base, starts);
    return lay_out(base, starts);
  }

 private:
  struct Item {
    char kind;  // call, load of the literal, narrow, anything of three bytes
    std::uint32_t value;
  };
  struct Function {
    std::size_t id;
    std::size_t pointee;
    std::vector<Item> items;
  };

  // Fills `starts`, and uses what it has of before.
  Bytes lay_out(std::uint32_t base, std::vector<std::uint32_t>& starts) const {
    const std::vector<std::uint32_t> before = starts;
    const std::size_t callees = std::min(kCallees, functions_.size());
    std::array<ferry::delta::PackedBlock, ferry::delta::Xtensa::kBlocks> room;
    ferry::delta::Xtensa set(room, {.old_image = base, .new_image = base}, 0);
    Bytes image;
    for (const Function& function : functions_) {
      const auto literal = static_cast<std::uint32_t>(image.size());
      put(image, base + before[function.pointee % callees], 4);
      starts[function.id] = literal + 4;
      put(image, 0xF0C112, 3);  // addi a1, a1, -16
      for (const Item& item : function.items) {
        const auto at = static_cast<std::uint32_t>(image.size());
        const ferry::delta::Step step{.size = 3, .operand = ferry::delta::Operand::kBranch};
        switch (item.kind) {
          case 'c':
            put(image, load_le32(set.moved({0x05}, step, before[item.value % callees], at)), 3);
            break;
          case 'l':
            put(image, load_le32(set.moved({0x21}, step, literal, at)), 3);
            break;
          case 'n':
            put(image, (item.value & ~0xFU) | 0x8U, 2);
            break;
          default:
            put(image, (item.value & ~0xFU) | 0x2U, 3);
        }
      }
      image.resize((image.size() + 3) & ~std::size_t{3});
    }
    return image;
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
