#include "device/delta/huge/aarch64.h"

#include <gtest/gtest.h>

namespace ferry::delta::huge {
namespace {

// From the assembler: as, objdump -d.
TEST(AArch64, FormsAreTold) {
  EXPECT_EQ(form_of(0x94000001), Form::kBranch26);  // bl .+4
  EXPECT_EQ(form_of(0x17FFFFFF), Form::kBranch26);  // b .-4
  EXPECT_EQ(form_of(0x54000020), Form::kBranch19);  // b.eq .+4
  EXPECT_EQ(form_of(0xB5FFFFE3), Form::kBranch19);  // cbnz x3, .-4
  EXPECT_EQ(form_of(0x58000040), Form::kBranch19);  // ldr x0, .+8
  EXPECT_EQ(form_of(0x37080060), Form::kBranch14);  // tbnz w0, #1, .+12
  EXPECT_EQ(form_of(0xB0000001), Form::kPage);      // adrp x1, .+4096
  EXPECT_EQ(form_of(0x10FFFFE2), Form::kPlace);     // adr x2, .-4
  EXPECT_EQ(form_of(0xD65F03C0), Form::kOther);     // ret
  EXPECT_EQ(form_of(0x91004021), Form::kOther);     // add x1, x1, #16
}

TEST(AArch64, TargetsAreRead) {
  EXPECT_EQ(target_of(Form::kBranch26, 0x94000001, 0x1000), 0x1004U);
  EXPECT_EQ(target_of(Form::kBranch26, 0x17FFFFFF, 0x1000), 0xFFCU);
  EXPECT_EQ(target_of(Form::kBranch19, 0xB5FFFFE3, 0x1000), 0xFFCU);
  EXPECT_EQ(target_of(Form::kBranch14, 0x37080060, 0x1000), 0x100CU);
  EXPECT_EQ(target_of(Form::kPage, 0xB0000001, 0x1234), 0x2000U);
  EXPECT_EQ(target_of(Form::kPlace, 0x10FFFFE2, 0x1000), 0xFFCU);
}

TEST(AArch64, TargetsAtTheEdgesComeBack) {
  struct Case {
    Form form;
    std::uint32_t word;
    std::uint32_t forward;  // the farthest
    std::uint32_t backward;
  };
  constexpr std::uint32_t kAt = 0x40000000;
  for (const Case& one :
       {Case{Form::kBranch26, 0x94000000, 0x7FFFFFC, 0x8000000}, Case{Form::kBranch19, 0x54000001, 0xFFFFC, 0x100000},
        Case{Form::kBranch14, 0x36080007, 0x7FFC, 0x8000}, Case{Form::kPage, 0x90000003, 0x3FFFF000, 0x40000000},
        Case{Form::kPlace, 0x10000004, 0xFFFFF, 0x100000}}) {
    for (const std::uint32_t target : {kAt + one.forward, kAt - one.backward, kAt}) {
      const std::uint32_t word = with_target(one.form, one.word, kAt, target);
      EXPECT_EQ(form_of(word), one.form);
      EXPECT_EQ(target_of(one.form, word, kAt), target);
      EXPECT_EQ(with_target(one.form, word, kAt, kAt), one.word);
    }
  }
}

TEST(AArch64, TurnedBackItIsTheSameWord) {
  for (std::uint32_t word :
       {0x94000000U, 0x97FFFFFFU, 0x16000000U, 0x90000003U, 0xF0FFFFFFU, 0xB0800000U, 0xD503201FU}) {
    const Form form = form_of(word);
    for (const std::uint32_t by : {0U, 4U, 0x1000U, 0x3FFFFFFCU, 0xFFFFFFFCU}) {
      EXPECT_EQ(turned(form, turned(form, word, by), 0U - by), word);
    }
  }
}

TEST(AArch64, OffsetsAreScaled) {
  EXPECT_TRUE(has_offset(0x91004021));
  EXPECT_EQ(offset_of(0x91004021), 16U);  // add x1, x1, #16
  EXPECT_EQ(offset_of(0xF9400821), 16U);  // ldr x1, [x1, #16]
  EXPECT_EQ(offset_of(0xB9401021), 16U);  // ldr w1, [x1, #16]
  EXPECT_EQ(offset_of(0x39404021), 16U);  // ldrb w1, [x1, #16]
  EXPECT_EQ(offset_of(0x3DC00421), 16U);  // ldr q1, [x1, #16]
  EXPECT_EQ(with_offset(0xF9400821, 0x7FF8), 0xF97FFC21U);
  EXPECT_EQ(offset_of(with_offset(0x3DC00421, 0xFFF0)), 0xFFF0U);
  EXPECT_FALSE(has_offset(0x91404021));  // add x1, x1, #16, lsl #12
  EXPECT_FALSE(has_offset(0xF8410421));  // ldr x1, [x1], #16
}

}  // namespace
}  // namespace ferry::delta::huge
