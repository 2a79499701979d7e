// ferry delta, ferry patch, and releases with deltas.
#include "host/delta/program_test_util.h"
#include "tests/tool/tool.h"

namespace ferry::tool {
namespace {

class Delta : public Tool {
 protected:
  void SetUp() override {
    Tool::SetUp();
    host::delta::Program program(21, 30);
    put("v1.bin", program.link());
    put("v1-b.bin", program.link(0x08060000));
    program.add_function(12);
    put("v2.bin", program.link());
    put("v2-b.bin", program.link(0x08060000));
    put("noise.bin", noise(3000));
  }
  void put(const std::string& name, const host::Bytes& bytes) const { write(name, as_text(bytes)); }
  static host::Bytes noise(std::size_t size) {
    std::mt19937 dice(5);
    host::Bytes bytes(size);
    for (auto& byte : bytes) {
      byte = static_cast<std::uint8_t>(dice());
    }
    return bytes;
  }
};

TEST_F(Delta, ThereAndBack) {
  for (const char* options : {"", "--memory 8", "--memory 20 --mode plain", "--mode thumb2"}) {
    const auto made = good("delta --from v1.bin --to v2.bin --out d --json " + std::string(options)).json();
    EXPECT_EQ(made["file"], "d");
    EXPECT_EQ(made["size"], fs::file_size(folder_ / "d"));
    good("patch --from v1.bin --patch d --out out.bin");
    EXPECT_EQ(slurp("out.bin"), slurp("v2.bin"));
    fs::remove(folder_ / "d");
    fs::remove(folder_ / "out.bin");
  }
}

TEST_F(Delta, WhatDoesNotFitIsSaid) {
  good("delta --from v1.bin --to v2.bin --out d");
  expect_failure("patch --from v2.bin --patch d --out out.bin", "another old image");
  expect_failure("patch --from v1.bin --patch v2.bin --out out.bin", "no delta");
  expect_failure("delta --from nowhere.bin --to v2.bin --out e", "nowhere.bin");
  EXPECT_FALSE(fs::exists(folder_ / "out.bin"));
  EXPECT_FALSE(fs::exists(folder_ / "e"));
}

TEST_F(Delta, ReleaseCarriesOneForEachOlderImage) {
  set_up_product();
  const auto release = good(
      "release --product meter.toml --version 2.0.0 --image v2.bin --from v1.bin --from v1.bin --key keys/release.key "
      "--repo repo --json");
  EXPECT_NE(release.error.find("given before"), std::string::npos);
  const auto payloads = release.json()["payloads"];
  ASSERT_EQ(payloads.size(), 2U) << "the whole image and one delta";
  EXPECT_LT(payloads[1]["size"].get<int>() * 4, payloads[0]["size"].get<int>());
  good("verify repo");
}

TEST_F(Delta, ReleaseLeavesOutWhatSavesNothing) {
  set_up_product();
  const auto release = good(
      "release --product meter.toml --version 2.0.0 --image noise.bin --from v1.bin --key keys/release.key --repo repo "
      "--json");
  EXPECT_NE(release.error.find("would not be smaller"), std::string::npos);
  EXPECT_EQ(release.json()["payloads"].size(), 1U);
}

TEST_F(Delta, ReleaseLinkedPerSlotTakesOlderImagesPerSlot) {
  set_up_product("--linked");
  const std::string release =
      "release --product meter.toml --version 2.0.0 --slot-a v2.bin --slot-b v2-b.bin --key "
      "keys/release.key --repo repo ";
  expect_failure(release + "--from v1.bin", "--from-slot-a");
  const auto payloads = good(release + "--from-slot-a v1.bin --from-slot-b v1-b.bin --json").json()["payloads"];
  ASSERT_EQ(payloads.size(), 4U);
  good("verify repo");
}

}  // namespace
}  // namespace ferry::tool
