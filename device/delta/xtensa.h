// The code of Xtensa cores, those of ESP8266 and ESP32: instructions of three bytes, or of two, at any place (Xtensa
// Instruction Set Architecture Reference Manual, chapters 6 and 7). CALL0, 4, 8 and 12 hold a distance in words to a
// function, L32R one back to a word, which often is an address.
#pragma once

#include "device/delta/instructions.h"
#include "device/delta/layout.h"

namespace ferry::delta {

class Xtensa final : public Instructions {
 public:
  static constexpr Mode kMode = Mode::kXtensa;
  static constexpr std::size_t kBlocks = Layouts::kBlocks;  // of the address map, for the layouts
  Xtensa(std::span<PackedBlock> room, const Bases& bases, std::uint32_t old_size) : layouts_(room, bases, old_size) {}

  // What a patch has of this mode alone: the layouts.
  [[nodiscard]] std::uint32_t read(coding::ByteReader& patch) { return layouts_.read(patch); }

  [[nodiscard]] Step step(Window& old, const Word& word, std::uint32_t at, std::uint32_t from,
                          std::uint32_t left) override;
  [[nodiscard]] Word moved(const Word& word, const Step& step, std::uint32_t to, std::uint32_t at) const override;
  [[nodiscard]] std::optional<std::uint32_t> target(const Word& word, const Step& step, std::uint32_t at) override;
  // By which byte of an instruction it is, and what kind of one.
  [[nodiscard]] LiteralPlace literal_place(std::uint32_t at, std::uint32_t recent) override;

 private:
  [[nodiscard]] Step address(std::uint32_t value) const;
  [[nodiscard]] Step code(const Word& word, std::uint32_t from, std::uint32_t size) const;
  [[nodiscard]] bool is_address(Window& old, std::uint32_t place) const;
  // Bytes from the beginning of an instruction to that of the next one.
  [[nodiscard]] std::uint32_t length(Window& old, std::uint32_t place) const;
  void find_next(Window& old, std::uint32_t from);
  void begin(std::uint32_t at, std::uint32_t from, std::uint32_t size);

  Layouts layouts_;
  std::uint32_t start_ = 0;      // of the last instruction that began, in the old image
  std::uint32_t next_ = 0;       // of the one after it
  std::uint32_t new_start_ = 0;  // of the same in the new image
  std::uint32_t new_next_ = 0;
};

}  // namespace ferry::delta
