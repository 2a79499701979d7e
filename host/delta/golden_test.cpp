// The format, held in place: a patch that is stored here must decode for ever, and the encoder makes the same one on
// every machine.
#include <gtest/gtest.h>

#include "host/crypto.h"
#include "host/delta/container.h"
#include "host/delta/program_test_util.h"

namespace ferry::host::delta {
namespace {

struct Images {
  Bytes old;
  Bytes fresh;
};

Images images() {
  Program program(11, 12);
  Images made{.old = program.link(), .fresh = {}};
  program.change(4);
  program.add_function(6);
  made.fresh = program.link(0x08040000, 0x20000140);
  return made;
}

// host/delta/program_test_util.h makes the images; this is the delta of the second one from the first one.
constexpr const char* kGolden =
    "8946657272790d0a01030000d405000001010000a4050000001a82a168807159efe0b43600000208000004085aca7e0f6c12"
    "8764e24937b6d4c7022c3de0c503fb56c9bb033274a9e5cdcc276ef96d1fedecf4a33c4034f2118e98296e70b05ed2c18ac8"
    "3f961ef9680904ce0b46c9b1bafcbb";

TEST(DeltaGolden, ImagesAreTheSameOnEveryMachine) {
  const Images made = images();
  EXPECT_EQ(to_hex(sha256(made.old)), "001a82a168807159145c1ade873a66a7c593384a1f1ef63f277f7bff58fa7fff");
  EXPECT_EQ(to_hex(sha256(made.fresh)), "efe0b436d83184db872f28ec7de4b281f54128d8be08c6e96df720079d7fd37f");
}

TEST(DeltaGolden, StoredDeltaDecodes) {
  const Images made = images();
  EXPECT_EQ(apply_delta(made.old, from_hex(kGolden).value()), made.fresh);
}

TEST(DeltaGolden, EncoderMakesTheStoredOne) {
  const Images made = images();
  EXPECT_EQ(to_hex(make_delta(made.old, made.fresh)), kGolden);
}

}  // namespace
}  // namespace ferry::host::delta
