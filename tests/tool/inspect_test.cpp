#include "host/bytes.h"
#include "host/manifest_report.h"
#include "tests/tool/tool.h"

namespace ferry::tool {
namespace {

TEST_F(Tool, InspectExplainsAManifest) {
  set_up_product();
  write("notes.txt", "Fixes the clock.");
  good("release " + release_arguments("2.1.0") + " --image app.bin --expires 90d --notes notes.txt");
  const std::string file = kManifest;
  const nlohmann::json plain = good("inspect " + file + " --json").json();
  EXPECT_EQ(plain["kind"], "manifest");
  EXPECT_EQ(plain["accepted"], true) << plain["refusals"];
  EXPECT_FALSE(plain.contains("authentic"));
  EXPECT_EQ(plain["manifest"]["set-version"], "2.1.0");
  EXPECT_EQ(plain["manifest"]["text"]["content"]["en"]["update-description"], "Fixes the clock.");
  EXPECT_EQ(good("inspect " + file + " --factory 0001.factory --json").json()["authentic"], true);
  good("keys new other");
  const nlohmann::json foreign = good("inspect " + file + " --trust other/release.pub --json").json();
  EXPECT_EQ(foreign["authentic"], false);
  EXPECT_EQ(foreign["accepted"], false);
  const Outcome text = good("inspect " + file);
  EXPECT_NE(text.out.find("1 condition-vendor-identifier"), std::string::npos);
  EXPECT_NE(text.out.find("lower than 2.1.0"), std::string::npos);
}

TEST_F(Tool, InspectMasksSecrets) {
  set_up_product();
  const Outcome outcome = good("inspect 0001.factory --json");
  EXPECT_EQ(outcome.out.find("\"secret\""), std::string::npos);
  EXPECT_EQ(outcome.json()["settings"]["ftp"]["password"], "(secret, there)");
  EXPECT_EQ(outcome.json()["parameters"]["serial"], "0001");
  std::string damaged = slurp("0001.factory");
  damaged[40] = static_cast<char>(damaged[40] ^ 1);
  write("damaged.factory", damaged);
  expect_failure("inspect damaged.factory", "damaged");
}

TEST_F(Tool, InspectPayload) {
  set_up_product();
  good("release " + release_arguments("2.1.0") + " --image app.bin");
  const std::string payload = find("app-").string();
  const nlohmann::json closed = good("inspect " + payload + " --json").json();
  EXPECT_EQ(closed["encrypted"], true);
  EXPECT_NE(closed["content"].get<std::string>().find("--factory"), std::string::npos);
  const nlohmann::json open = good("inspect " + payload + " --factory 0001.factory --json").json();
  EXPECT_EQ(open["content"], "plain image");
  EXPECT_EQ(open["image-size"], 20'001);
  const std::string sum = shell("openssl dgst -sha256 -r app.bin").out.substr(0, 64);
  EXPECT_EQ(open["clear-sha256"], sum);
  fs::copy_file(folder_ / payload, folder_ / "alone.fpk");
  const nlohmann::json alone = good("inspect alone.fpk --json").json();
  EXPECT_NE(alone["content"].get<std::string>().find("unknown bytes"), std::string::npos);
  const nlohmann::json named = good("inspect alone.fpk --manifest " + std::string(kManifest) + " --json").json();
  EXPECT_EQ(named["encrypted"], true);
}

TEST_F(Tool, InspectRefusesOtherFiles) {
  set_up_product();
  write("picture.png", std::string("\x89PNG\r\n\x1a\n\0\0\0", 11));
  write("empty", "");
  for (const char* file : {"picture.png", "meter.toml", "keys/release.pub", "app.bin"}) {
    expect_failure(std::string("inspect ") + file, "no Ferry file");
  }
  expect_failure("inspect empty", "empty");
  expect_failure("inspect none", "no such file");
  expect_failure("inspect keys", "folder");
  expect_failure("inspect 0001.factory --factory picture.png", "no factory file");
}

// draft-ietf-suit-manifest-37, example 1: unsigned and complete, of other hands.
constexpr std::string_view kDraftExample =
    "d86ba2025827815824822f58201f2e7acca0dc2786f2fe4eb947f50873a6a3cfaa98866c5b02e621f42074daf2035894a50101020103"
    "585fa202818141000458568614a40150fa6b4a53d5ad5fdfbe9de663e4d41ffe02501492af1425695e48bf429b2d51f2ab4503582482"
    "2f582000112233445566778899aabbccddeeff0123456789abcdeffedcba98765432100e1987d0010f020f074382030f1458258614a1"
    "15781b687474703a2f2f6578616d706c652e636f6d2f66696c652e62696e1502030f";

TEST_F(Tool, InspectExplainsForeignManifests) {
  const auto bytes = host::from_hex(kDraftExample);
  ASSERT_TRUE(bytes.has_value());
  write("draft.suit", as_text(*bytes));
  const nlohmann::json document = good("inspect draft.suit --json").json();
  EXPECT_EQ(document["accepted"], false);
  EXPECT_NE(document["refusals"].dump().find("not signed"), std::string::npos) << document["refusals"];
}

// Every single-byte change and every truncation of a real manifest: explained or refused, never worse.
TEST_F(Tool, ReportSurvivesAnything) {
  ASSERT_TRUE(crypto::start().has_value());
  set_up_product();
  good("release " + release_arguments("2.1.0") + " --image app.bin");
  const host::Bytes whole = host::read_file(folder_ / kManifest);
  ASSERT_TRUE(host::report_manifest(whole, {})->refusals.empty());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    host::Bytes bytes = whole;
    bytes[i] ^= 0x20;
    if (const auto report = host::report_manifest(bytes, {})) {
      EXPECT_FALSE(report->document.dump(-1, ' ', false, host::Json::error_handler_t::replace).empty());
    }
    bytes.resize(i);
    const auto report = host::report_manifest(bytes, {});
    EXPECT_TRUE(!report || !report->refusals.empty()) << i;
  }
}

}  // namespace
}  // namespace ferry::tool
