// ferry pack and ferry unpack, and releases whose whole image is packed.
#include "host/crypto.h"
#include "host/delta/program_test_util.h"
#include "host/packed/container.h"
#include "tests/tool/tool.h"

namespace ferry::tool {
namespace {

class PackedTool : public Tool {
 protected:
  void SetUp() override {
    Tool::SetUp();
    const host::Bytes image = host::delta::Program(21, 60).link();
    write("v1.bin", as_text(image));
    std::mt19937 dice(5);
    std::string noise(3000, ' ');
    for (char& byte : noise) {
      byte = static_cast<char>(dice());
    }
    write("noise.bin", noise);
    set_up_product();
  }
  [[nodiscard]] Outcome release(const std::string& image, const std::string& more) {
    return good("release --product meter.toml --version 2.0.0 --image " + image +
                " --key keys/release.key --repo repo --json " + more);
  }
};

TEST_F(PackedTool, PackAndInspect) {
  const auto made = good("pack --image v1.bin --out v1.fpk --json").json();
  EXPECT_EQ(made["size"], fs::file_size(folder_ / "v1.fpk"));
  const std::string packed = slurp("v1.fpk");
  EXPECT_EQ(as_text(host::packed::unpack(as_bytes(packed))), slurp("v1.bin"));
  const auto explained = good("inspect v1.fpk --json").json();
  EXPECT_EQ(explained["content"], "packed image");
  double sum = explained["header-bytes"].get<double>();
  std::size_t covered = 0;
  for (const auto& [name, unit] : explained["units"].items()) {
    sum += unit["bytes"].get<double>();
    covered += unit["image-bytes"].get<std::size_t>();
  }
  EXPECT_NEAR(sum, static_cast<double>(packed.size()), static_cast<double>(packed.size()) / 100.0 + 6.0);
  EXPECT_EQ(covered, fs::file_size(folder_ / "v1.bin"));
  write("cut.fpk", packed.substr(0, packed.size() - 1));
  expect_failure("inspect cut.fpk", "damaged");
}

TEST_F(PackedTool, ThereAndBack) {
  write("empty.bin", "");
  for (const char* image : {"v1.bin", "noise.bin", "empty.bin"}) {
    good("pack --image " + std::string(image) + " --out packed");
    const auto made = good("unpack --payload packed --out out.bin --json").json();
    EXPECT_EQ(slurp("out.bin"), slurp(image));
    EXPECT_EQ(made["file"], "out.bin");
    EXPECT_EQ(made["size"], fs::file_size(folder_ / image));
    EXPECT_EQ(made["sha256"], host::to_hex(host::sha256(as_bytes(slurp(image)))));
  }
}

TEST_F(PackedTool, WhatIsNoPackedImageLeavesNothingBehind) {
  good("pack --image v1.bin --out v1.fpk");
  const std::string packed = slurp("v1.fpk");
  write("cut.fpk", packed.substr(0, packed.size() - 1));
  write("longer.fpk", packed + "x");
  write("head.fpk", packed.substr(0, 16));
  good("delta --from noise.bin --to v1.bin --out a.delta");
  for (const char* file : {"cut.fpk", "longer.fpk", "head.fpk"}) {
    expect_failure("unpack --out out.bin --payload " + std::string(file), "damaged");
  }
  for (const char* file : {"v1.bin", "a.delta"}) {
    expect_failure("unpack --out out.bin --payload " + std::string(file), "no packed image");
  }
  expect_failure("unpack --out out.bin --payload nothing.fpk", "nothing.fpk");
  EXPECT_FALSE(fs::exists(folder_ / "out.bin"));
}

TEST_F(PackedTool, AReleaseKeepsTheSmaller) {
  const Outcome smaller = release("v1.bin", "--pack");
  EXPECT_NE(smaller.error.find("packed, "), std::string::npos) << smaller.error;
  EXPECT_LT(smaller.json()["payloads"][0]["size"], fs::file_size(folder_ / "v1.bin"));
  const std::string file = smaller.json()["payloads"][0]["file"];
  EXPECT_EQ(good("inspect " + file + " --factory 0001.factory --json").json()["content"], "packed image");
  const Outcome noise = release("noise.bin", "--pack --sequence 7");
  EXPECT_NE(noise.error.find("stays as it is"), std::string::npos) << noise.error;
  EXPECT_EQ(noise.json()["payloads"][0]["size"], 3000);
}

TEST_F(PackedTool, TheProductFileMaySaySo) {
  std::string product = slurp("meter.toml");
  const std::size_t at = product.find("packed = false");
  ASSERT_NE(at, std::string::npos) << product;
  write("meter.toml", product.replace(at, 14, "packed = true"));
  EXPECT_LT(release("v1.bin", "").json()["payloads"][0]["size"], fs::file_size(folder_ / "v1.bin"));
}

}  // namespace
}  // namespace ferry::tool
