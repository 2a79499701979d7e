// The sets of instructions that a build has.
#pragma once

#include <variant>

#include "device/delta/instructions.h"

namespace ferry::delta {

class InstructionSets {
 public:
  // The set of a patch, good until the next call; nullptr where the build has none of that mode.
  [[nodiscard]] virtual Instructions* begin(Mode mode, const Bases& bases, std::uint32_t old_size) = 0;

 protected:
  ~InstructionSets() = default;  // never deleted through it
};

// The plain mode and those of `Sets`: each is made of the bases and the size of the old image, and has a kMode.
template <class... Sets>
class SetsOf final : public InstructionSets {
 public:
  [[nodiscard]] Instructions* begin(Mode mode, const Bases& bases, std::uint32_t old_size) override {
    if (mode == Mode::kPlain) {
      return &set_.template emplace<Plain>();
    }
    Instructions* chosen = nullptr;
    ((mode == Sets::kMode ? void(chosen = &set_.template emplace<Sets>(bases, old_size)) : void()), ...);
    return chosen;
  }

 private:
  std::variant<Plain, Sets...> set_;
};

}  // namespace ferry::delta
