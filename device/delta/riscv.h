// The code of 32-bit RISC-V cores with compressed instructions (RV32IMC; The RISC-V Instruction Set Manual, Volume I):
// instructions of four bytes or of two, at even places. JAL holds a distance to a function. Other addresses are in two
// parts: AUIPC or LUI with the upper one, and behind it ADDI, a load, a store or JALR with the lower one.
#pragma once

#include "device/delta/instructions.h"
#include "device/delta/layout.h"

namespace ferry::delta {

// What registers hold of addresses, in the old image and the new one. The oldest are forgotten.
class HeldAddresses {
 public:
  static constexpr std::uint32_t kGlobal = 3;  // gp, which stays once it is set

  struct Held {
    std::uint32_t in_old = 0;
    std::uint32_t in_new = 0;
  };

  void hold(std::uint32_t number, std::uint32_t in_old);
  [[nodiscard]] const Held* find(std::uint32_t number) const;
  // Of the register that was held last.
  void set_in_new(std::uint32_t address) { held_[last_].in_new = address; }
  void forget(std::uint32_t number);
  // Those that a function that is called may use for itself; with `all`, the rest as well.
  void forget_most(bool all);

 private:
  static constexpr std::uint8_t kCount = 4;  // the first one is gp's

  std::array<Held, kCount> held_{};
  std::array<std::uint8_t, kCount> numbers_{};  // 0: nothing is held
  std::uint8_t last_ = 0;
};

class RiscV final : public Instructions {
 public:
  static constexpr Mode kMode = Mode::kRiscV;
  static constexpr std::size_t kBlocks = Layouts::kBlocks;  // of the address map, for the layouts
  RiscV(std::span<PackedBlock> room, const Bases& bases, std::uint32_t old_size) : layouts_(room, bases, old_size) {}

  // What a patch has of this mode alone: the layouts.
  [[nodiscard]] std::uint32_t read(coding::ByteReader& patch) { return layouts_.read(patch); }

  [[nodiscard]] Step step(Window& old, const Word& word, std::uint32_t at, std::uint32_t from,
                          std::uint32_t left) override;
  [[nodiscard]] Word moved(const Word& word, const Step& step, std::uint32_t to, std::uint32_t at) const override;
  [[nodiscard]] std::optional<std::uint32_t> target(const Word& word, const Step& step, std::uint32_t at) override;
  // By which byte of an instruction it is, and what kind of one.
  [[nodiscard]] LiteralPlace literal_place(std::uint32_t at, std::uint32_t recent) override;

 private:
  void begin(std::uint32_t at, std::uint32_t from, std::uint32_t size);
  void find_start(Window& old, std::uint32_t from);
  [[nodiscard]] Step instruction(Window& old, std::uint32_t word, std::uint32_t from);
  [[nodiscard]] static std::optional<std::uint32_t> lower_behind(Window& old, std::uint32_t word, std::uint32_t from);
  [[nodiscard]] Step upper_part(Window& old, std::uint32_t word, std::uint32_t from);
  [[nodiscard]] Step lower_part(std::uint32_t word);
  void follow(std::uint32_t word, std::uint32_t size);
  [[nodiscard]] Step address(std::uint32_t value) const;

  Layouts layouts_;
  HeldAddresses held_;
  std::uint32_t base_in_new_ = 0;  // of the last lower part: what its register holds
  std::uint8_t size_ = 0;          // of the last instruction that began, in the old image
  std::uint8_t new_size_ = 0;      // and in the new one
  std::uint32_t start_ = 0;        // where
  std::uint32_t new_start_ = 0;
};

}  // namespace ferry::delta
