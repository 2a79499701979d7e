// The sets of instructions that a build has.
#pragma once

#include <variant>

#include "device/coding/byte_reader.h"
#include "device/delta/header.h"

namespace ferry::delta {

struct ChosenSet {
  Instructions* instructions = nullptr;
  std::uint32_t bytes = 0;  // that were read from the patch
  std::size_t blocks = 0;   // of the address map that it keeps for itself, the last ones
};

class InstructionSets {
 public:
  // The set of a patch, good until the next call. What the patch has of this mode alone comes from `patch`; some of the
  // address map may be its memory. Errors: kPayloadKindUnsupported where the build has no such mode, kPayloadMalformed.
  [[nodiscard]] virtual Result<ChosenSet> begin(const Header& header, coding::ByteReader& patch,
                                                std::span<PackedBlock> map) = 0;

 protected:
  ~InstructionSets() = default;  // never deleted through it
};

// The plain mode and those of `Sets`: each has a kMode and is made of the bases and the size of the old image. One with
// kBlocks has so many blocks of the address map as memory, and reads more from the patch.
template <class... Sets>
class SetsOf final : public InstructionSets {
 public:
  [[nodiscard]] Result<ChosenSet> begin(const Header& header, coding::ByteReader& patch,
                                        std::span<PackedBlock> map) override {
    if (header.mode == Mode::kPlain) {
      return ChosenSet{&set_.template emplace<Plain>()};
    }
    Result<ChosenSet> chosen = fail(Error::kPayloadKindUnsupported);
    ((header.mode == Sets::kMode ? void(chosen = make<Sets>(header, patch, map)) : void()), ...);
    return chosen;
  }

 private:
  template <class Set>
  [[nodiscard]] Result<ChosenSet> make(const Header& header, coding::ByteReader& patch, std::span<PackedBlock> map) {
    if constexpr (requires { Set::kBlocks; }) {
      Set& set = set_.template emplace<Set>(map.last(Set::kBlocks), header.bases, header.old_size);
      const std::uint32_t bytes = set.read(patch);
      return bytes > 0 ? Result<ChosenSet>(ChosenSet{&set, bytes, Set::kBlocks}) : fail(Error::kPayloadMalformed);
    } else {
      return ChosenSet{&set_.template emplace<Set>(header.bases, header.old_size)};
    }
  }

  std::variant<Plain, Sets...> set_;
};

}  // namespace ferry::delta
