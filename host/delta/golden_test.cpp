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
  Golden made{
      .name = "Thumb-2",
      .old_digest = "001a82a168807159145c1ade873a66a7c593384a1f1ef63f277f7bff58fa7fff",
      .fresh_digest = "efe0b436d83184db872f28ec7de4b281f54128d8be08c6e96df720079d7fd37f",
      .delta =
          "89460d0a13d405000011a4050000001a82a1efe0b43600000208000004085aca7e0f6c128764e24b98eb943be3ba2d022a10"
          "e36df285ffd35ef428457a3ee299924461500821e3c7495f1932592f28982c7de9cbb2baf6e8d70d597c521f95b207b94d85",
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
                  "89460d0a13a40100001268010000e9601e40eb52ae6c0000204000002840005ad25c29e465c4effbb50bfc91b9be7b873b5f"
                  "4573c7301739135c0132a64e9853c92065305ace0cf7a9a1ae89770cab0e7cc3d300afb518fe774ca3f31833a2cb6275702d"
                  "d4565d2d33ff8187f279ddfa7688ae7ff15eebb64da4d59b96e120bdf2eb2cfb4d3941fabc0cc31420a5",
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
                  "89460d0a13fc08000013ac070000c78517a09a64319e00000042000008420011b7a1fb0a86c63e342ba36bf26b52f1e4465b"
                  "cfdf0f988f72bca2c70aa5c8830230c49d78444f29bcfef3268dbdf8d7c2a7cc815467624afc3d0105f6556dd550088d48d8"
                  "90704fdc9affdf9fca0c0ec720d9d84a0011f97e4f80134c0871332568221d4c711623124b9307c386b4fa84b852979167d7"
                  "aff3dfd58ffba4509bee51ba6f024456cd4625b0042c4f8fdc3f67afb3cc979b88ac54e2c5c1679ef414eb1345b0fa7daa30"
                  "6ce601fa86ce0fca87f6fe599cb94a65c0ea980722f0a7c0e2407d199f6fd0ce43c3970db24e0f9df2b6d72e573f0f6da3e4"
                  "b7793e5fdba7e6eb8d1d037711320666589392d79de98ad9f9e396c1bde786a9781000c0caadc5ce1e9e1844a61dc5a16c6f"
                  "f4f317a1c2d07e7549e45e3fafb5aab60d2b970586dfacfbf95cbecd0c78dbeef488f8d647c278df873de4a9bad086d59bbf"
                  "79d9f0ffcb87d7eba8dee6f0d9fcdff079139221cd403848c41cc988d7d888e3344af50b9932c93aa19f43c3d5e2dd5707d0"
                  "c77ab587cd2f8ae46ea7a1d9e7309b26b5fe76564343a626e5edde1d44276f4ee0f6b2a4d9ee15b31882d1e3a065da5bdd6b"
                  "43a5cbc67ff3e56c5ac5c2bdc734883b30ff872248a9b2da47f12a53982883fdc65d1ead4eaca2f42dbadf2ef36553223884"
                  "138f7369f8bcb87118cc795a70de0cfdea0c182da3a549bf69e9d73dd1386bdb88e8fb232b30cd3088e714c5ce529183a800"
                  "a3c91708b670b79ab721e78f8a7dfc738ae28f7470",
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
