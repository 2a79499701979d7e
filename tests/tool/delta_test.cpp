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
  for (const char* options : {"", "--memory 8", "--memory 20 --mode plain", "--mode thumb2", "--memory 8192",
                              "--memory 8192 --mode aarch64"}) {
    const auto made = good("delta --from v1.bin --to v2.bin --out d --json " + std::string(options)).json();
    EXPECT_EQ(made["file"], "d");
    EXPECT_EQ(made["size"], fs::file_size(folder_ / "d"));
    good("patch --from v1.bin --patch d --out out.bin");
    EXPECT_EQ(slurp("out.bin"), slurp("v2.bin"));
    fs::remove(folder_ / "d");
    fs::remove(folder_ / "out.bin");
  }
}

TEST_F(Delta, InspectExplainsItBlockByBlock) {
  good("delta --from v1.bin --to v2.bin --out d --mode thumb2");
  EXPECT_NE(good("inspect d --json").json()["blocks"].get<std::string>().find("--from"), std::string::npos);
  const auto made = good("inspect d --from v1.bin --svg d.svg --json").json();
  EXPECT_EQ(made["mode"], "thumb2");
  double sum = 0;
  for (const auto& [part, bytes] : made["bytes"].items()) {
    sum += bytes.get<double>();
  }
  EXPECT_NEAR(sum, static_cast<double>(fs::file_size(folder_ / "d")), 6.0);
  std::size_t covered = 0;
  for (const auto& block : made["blocks"]) {
    EXPECT_EQ(block["at"], covered);
    covered += block.value("literals", std::size_t{0}) + block.value("copied", std::size_t{0});
  }
  EXPECT_EQ(covered, fs::file_size(folder_ / "v2.bin"));
  EXPECT_GT(made["copied-units"]["branches"]["as-predicted"].get<int>(), 10);
  const std::string drawing = slurp("d.svg");
  EXPECT_TRUE(drawing.starts_with("<svg ") && drawing.ends_with("</svg>\n"));
  EXPECT_NE(drawing.find("old image, "), std::string::npos);
  EXPECT_NE(good("inspect d --from v1.bin").out.find("address-map"), std::string::npos);
  expect_failure("inspect d --from v2.bin", "another old image");
  expect_failure("inspect d --svg e.svg", "--from OLD");
  set_up_product();
  expect_failure("inspect meter.toml --svg e.svg", "no Ferry file");
  expect_failure("inspect 0001.factory --svg e.svg", "nothing to draw");
  EXPECT_FALSE(fs::exists(folder_ / "e.svg"));
}

TEST_F(Delta, InspectExplainsAnEncryptedOneToWhoHasTheKey) {
  set_up_product();
  const auto release = good(
      "release --product meter.toml --version 2.0.0 --image v2.bin --from v1.bin --key keys/release.key --repo repo "
      "--json");
  const std::string file = release.json()["payloads"][1]["file"];
  EXPECT_FALSE(good("inspect " + file + " --from v1.bin --json").json().contains("copied-units"));
  const auto made = good("inspect " + file + " --from v1.bin --factory 0001.factory --json").json();
  EXPECT_EQ(made["content"], "delta to an older image");
  EXPECT_TRUE(made["blocks"].is_array());
  EXPECT_GT(made["bytes"]["copies"].get<double>(), 0.0);
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

// What does not fit into the manifest is left out from the end, and said.
TEST_F(Delta, ReleaseLeavesOutWhatDevicesHaveNoRoomFor) {
  set_up_product("--linked");
  const std::string release =
      "release --product meter.toml --version 2.0.0 --slot-a v2.bin --slot-b v2-b.bin --from-slot-a v1.bin "
      "--from-slot-a v2-b.bin --from-slot-b v1-b.bin --key keys/release.key --repo repo --json ";
  const auto all = good(release);
  EXPECT_EQ(all.json()["payloads"].size(), 5U);
  EXPECT_EQ(all.error.find("left out"), std::string::npos);
  const auto members = all.json()["members"];
  const auto room = all.json()["size"].get<int>() + members[0]["size"].get<int>() - 1;
  const auto less = good(release + "--room " + std::to_string(room));
  EXPECT_EQ(less.json()["payloads"].size(), 4U);
  EXPECT_NE(less.error.find("--from v2-b.bin: left out"), std::string::npos) << less.error;
  EXPECT_NE(less.error.find("1 deltas left out"), std::string::npos) << less.error;
  const auto none = good(release + "--room 300");
  EXPECT_EQ(none.json()["payloads"].size(), 2U);
  EXPECT_NE(none.error.find("manifest_too_large"), std::string::npos) << none.error;
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
