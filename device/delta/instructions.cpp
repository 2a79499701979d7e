#include "device/delta/instructions.h"

namespace ferry::delta {

Step Plain::step(Window& /*old*/, const Word& /*word*/, std::uint32_t at, std::uint32_t from, std::uint32_t left) {
  return plain(at, from, left);
}

Word Plain::moved(const Word& word, const Step& /*step*/, std::uint32_t /*to*/, std::uint32_t /*at*/) const {
  return word;
}

std::optional<std::uint32_t> Plain::target(const Word& /*word*/, const Step& /*step*/, std::uint32_t /*at*/) {
  return std::nullopt;
}

}  // namespace ferry::delta
