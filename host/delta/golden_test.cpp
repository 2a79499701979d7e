// The format, held in place: a patch that is stored here must decode for ever, and the encoder makes the same one on
// every machine.
#include <gtest/gtest.h>

#include "host/crypto.h"
#include "host/delta/container.h"
#include "host/delta/program_test_util.h"
#include "host/delta/riscv_program_test_util.h"
#include "host/delta/xtensa_program_test_util.h"

namespace ferry::host::delta {
namespace {

struct Golden {
  const char* name;
  Bytes old;
  Bytes fresh;
  const char* old_digest;  // SHA-256
  const char* fresh_digest;
  const char* delta;
  Mode mode;
};

// host/delta/program_test_util.h and its kin make the images.
Golden thumb2() {
  Program program(11, 12);
  Golden made{.name = "Thumb-2",
              .old_digest = "001a82a168807159145c1ade873a66a7c593384a1f1ef63f277f7bff58fa7fff",
              .fresh_digest = "efe0b436d83184db872f28ec7de4b281f54128d8be08c6e96df720079d7fd37f",
              .delta =
                  "8946657272790d0a01030000d405000001010000a4050000001a82a168807159efe0b43600000208000004085aca7e0f6c"
                  "128764e24937b6d4c7022c3de0c503fb56c9bb033274a9e5cdcc276ef96d1fedecf4a33c4034f2118e98296e70b05ed2c1"
                  "8ac83f961ef9680904ce0b46c9b1bafcbb",
              .mode = Mode::kThumb2};
  made.old = program.link();
  program.change(4);
  program.add_function(6);
  made.fresh = program.link(0x08040000, 0x20000140);
  return made;
}

Golden xtensa() {
  XtensaProgram program(12, 6);
  Golden made{.name = "Xtensa",
              .old_digest = "e9601e409f63bfb20bf3b94e2deba61016af3dccefb479b0b831595ce558dfe2",
              .fresh_digest = "eb52ae6c32033e4cdd65886ba0e2663594132ab956b4edc6aadb5f91edc3eba1",
              .delta =
                  "8946657272790d0a01030000a40100000201000068010000e9601e409f63bfb2eb52ae6c000020400000284000"
                  "5ad25c29e465c4effbb50bfc91b9be7b873b5f4573c7301739135c0132a64e9853c92065305ace0cf7a9a1ae89"
                  "770cab0e7cc3d300afb518fe774ca3f31833a2cb6275702dd4565d2d33ff8187f279ddfa7688ae7ff15eebb64d"
                  "a4d59b96e120bdf2eb2cfb4d3941fabc0cc31420a5",
              .mode = Mode::kXtensa};
  made.old = program.link();
  program.add_function(3);
  made.fresh = program.link(XtensaProgram::kFlash + 0x80000);
  return made;
}

Golden riscv() {
  RiscVProgram program(13, 6);
  Golden made{.name = "RISC-V",
              .old_digest = "c78517a07a5dbf43aee4f156f0df939769b681cf3201a62d7b784172fb52ddaa",
              .fresh_digest = "9a64319e762a2c2b2fb3c97e6c816f2ddb77c90e2b0c8c42873a5cf25170c38d",
              .delta =
                  "8946657272790d0a01030000fc08000003010000ac070000c78517a07a5dbf439a64319e000000420000084200"
                  "11b7a1fb0a86c63e342ba36bf26b52f1e4465bcfdf0f988f72bca2c70aa5c8830230c49d78444f29bcfef3268d"
                  "bdf8d7c2a7cc815467624afc3d0105f6556dd550088d48d890704fdb24b3267d2c92468131a8a9913cdb61c9c0"
                  "8a88ad2bba04aea68dc0212c810fd282b46f9535a0d870e37f6db78495ea50ce3c14c088b329bb2e2ed830fa61"
                  "e8b4e88845c9d9cc5a2181b338b16f1a65b6f7e7eb02d5b26c5b4eaae3ed4c03fd130ac56e872fdd4628c4b591"
                  "450000c3af28f7415359138a725f90564230ceb89c7700122b373e936fa74df093c0c253105624f86f62211f54"
                  "c5523457fdac3c2b53c89ef032d0cd76d1a57949ff3c1b357d21b98e05ddedddd19e3eb3df36aac27402ddc05d"
                  "c06dd12766d8065e515a7f0310cbc58bd32cdf9ae7a3e39bb6d9b49ec6da2cda23da99dea817f80860b9e89568"
                  "c856e034fa982e6a2b13bde80ebaaaf7a2471ce8171eacefa430112d85ea05102f506ffc23d8ec3d5e384ac169"
                  "472f3584fd3ca6638e741a48a7ea6b95c074cee7e7aa6aa28e6d6ec0bd3a994a362d7f18633a440041d172a41b"
                  "af64bae0259383e7171e5c2d8fdf1b8879fab4b97b81609f51cc57ae1e3fcd32c81c3571f6cb93e943b7d162ca"
                  "4af8f7f1dd8ac4060826dfb618bf8c8a2535d2110b4edbdcfa31f206145f7eb8ed6fa09bc2a76982527b38cb0f"
                  "2b9b40cc514c4f2db242e4a73848f669db52233bd57db3f11a56ae21914c2ab1bc4fd4886488ccbe78a3be5091",
              .mode = Mode::kRiscV};
  made.old = program.link();
  program.add_function(3);
  made.fresh = program.link(RiscVProgram::kFlash + 0x80000, RiscVProgram::kRam + 0x40);
  return made;
}

std::array<Golden, 3> all() {
  return {thumb2(), xtensa(), riscv()};
}

TEST(DeltaGolden, ImagesAreTheSameOnEveryMachine) {
  for (const Golden& golden : all()) {
    EXPECT_EQ(to_hex(sha256(golden.old)), golden.old_digest) << golden.name;
    EXPECT_EQ(to_hex(sha256(golden.fresh)), golden.fresh_digest) << golden.name;
  }
}

TEST(DeltaGolden, StoredDeltaDecodes) {
  for (const Golden& golden : all()) {
    EXPECT_EQ(apply_delta(golden.old, from_hex(golden.delta).value()), golden.fresh) << golden.name;
  }
}

TEST(DeltaGolden, EncoderMakesTheStoredOne) {
  for (const Golden& golden : all()) {
    EXPECT_EQ(to_hex(make_delta(golden.old, golden.fresh, {.mode = golden.mode})), golden.delta) << golden.name;
  }
}

}  // namespace
}  // namespace ferry::host::delta
