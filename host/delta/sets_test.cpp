// What holds for deltas of every set of instructions.
#include <gtest/gtest.h>

#include "device/delta/decoder.h"
#include "device/delta/in_memory.h"
#include "device/delta/riscv.h"
#include "device/delta/xtensa.h"
#include "host/delta/encoder.h"
#include "host/delta/riscv_program_test_util.h"
#include "host/delta/xtensa_program_test_util.h"
#include "host/failure.h"

namespace ferry::host::delta {
namespace {

struct OfXtensa {
  using Program = XtensaProgram;
  using Set = ferry::delta::Xtensa;
};
struct OfRiscV {
  using Program = RiscVProgram;
  using Set = ferry::delta::RiscV;
};

template <class Case>
class DeltaSets : public testing::Test {};
using AllSets = testing::Types<OfXtensa, OfRiscV>;
TYPED_TEST_SUITE(DeltaSets, AllSets, );

void round_trip(const Bytes& old, const Bytes& fresh, const EncodeOptions& options) {
  const Patch patch = make_patch(old, fresh, options);
  EXPECT_EQ(apply_patch(old, patch.bytes, static_cast<std::uint32_t>(fresh.size())), fresh);
}

TYPED_TEST(DeltaSets, AnyBytesRoundTrip) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    std::mt19937 dice(seed);
    const Bytes old = typename TypeParam::Program(seed, 8).link();
    Bytes fresh = old;
    for (int i = 0; i < 8; ++i) {
      fresh[dice() % fresh.size()] = static_cast<std::uint8_t>(dice());
      const auto at = fresh.begin() + static_cast<std::ptrdiff_t>(dice() % fresh.size());
      fresh.insert(at, dice() % 9, static_cast<std::uint8_t>(dice()));
    }
    round_trip(old, fresh, {.mode = TypeParam::Set::kMode});
    round_trip(fresh, old, {.mode = TypeParam::Set::kMode});
  }
}

TYPED_TEST(DeltaSets, EveryFlippedBitIsHarmless) {
  typename TypeParam::Program program(6, 8);
  const Bytes old = program.link();
  program.add_function(4);
  const Bytes fresh = program.link();
  const Bytes patch = make_patch(old, fresh, {.mode = TypeParam::Set::kMode}).bytes;
  for (std::size_t bit = 0; bit < patch.size() * 8; ++bit) {
    Bytes changed = patch;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    try {
      EXPECT_EQ(apply_patch(old, changed, static_cast<std::uint32_t>(fresh.size())), fresh) << bit;
    } catch (const Failure&) {
    }
  }
}

TYPED_TEST(DeltaSets, CutAtEveryByteIsRefused) {
  typename TypeParam::Program program(8, 8);
  const Bytes old = program.link();
  program.add_function(4);
  const Bytes fresh = program.link();
  const Bytes patch = make_patch(old, fresh, {.mode = TypeParam::Set::kMode}).bytes;
  for (std::size_t length = 0; length < patch.size(); ++length) {
    EXPECT_THROW((void)apply_patch(old, ByteView(patch).first(length), static_cast<std::uint32_t>(fresh.size())),
                 Failure)
        << length;
  }
}

TYPED_TEST(DeltaSets, ADecoderWithoutTheModeRefusesIt) {
  const Bytes old = typename TypeParam::Program(7, 8).link();
  const Bytes patch = make_patch(old, old, {.mode = TypeParam::Set::kMode}).bytes;
  ferry::delta::ImageInMemory image(old);
  const auto begin = [&](ferry::coding::ImageDecoder& decoder) {
    ferry::delta::PatchInMemory source(patch);
    return decoder.begin(image, source, static_cast<std::uint32_t>(patch.size()),
                         static_cast<std::uint32_t>(old.size()));
  };
  ferry::delta::Decoder<> cortex_m;
  EXPECT_EQ(begin(cortex_m.image_decoder()).error(), Error::kPayloadKindUnsupported);
  ferry::delta::Decoder<MemoryClass::kMedium, ferry::delta::SetsOf<typename TypeParam::Set>> with_it;
  EXPECT_TRUE(begin(with_it.image_decoder()));
}

}  // namespace
}  // namespace ferry::host::delta
