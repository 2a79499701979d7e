// The operator's path, start to finish.
#include "device/factory/factory.h"
#include "tests/tool/tool.h"

namespace ferry::tool {
namespace {

TEST_F(Tool, KeysAreMadeOnce) {
  const Outcome outcome = good("keys new a/b --json");
  EXPECT_EQ(outcome.json()["private"], "a/b/release.key");
  EXPECT_EQ(fs::status(folder_ / "a/b/release.key").permissions(), fs::perms::owner_read | fs::perms::owner_write);
  const std::string key = slurp("a/b/release.key");
  EXPECT_TRUE(key.starts_with("-----BEGIN PRIVATE KEY-----")) << "PKCS#8";
  EXPECT_TRUE(slurp("a/b/release.pub").starts_with("-----BEGIN PUBLIC KEY-----"));
  expect_failure("keys new a/b", "is not overwritten");
  EXPECT_EQ(slurp("a/b/release.key"), key);
}

TEST_F(Tool, ProductHoldsNoSecret) {
  const Outcome outcome = good("product new meter.toml --vendor acme.example --model m1 --hardware r2 --json");
  EXPECT_EQ(outcome.json()["path"], "acme.example/m1/r2");
  EXPECT_EQ(slurp("meter.toml").find("PRIVATE"), std::string::npos);
  EXPECT_EQ(fs::status(folder_ / "meter.key").permissions(), fs::perms::owner_read | fs::perms::owner_write);
  expect_failure("product new meter.toml --vendor acme.example --model m1 --hardware r2", "is not overwritten");
}

TEST_F(Tool, ProvisionWritesWhatADeviceReads) {
  set_up_product("--component modem --component rootfs:handler='rauc install'");
  const Outcome outcome = good("provision " + provision_arguments() +
                               " --out x.factory --window 22:30+90m --days mon-fri --zone +08:00 --trial 900 --report "
                               "30 --device-manifest --devices devices.jsonl --json");
  const host::Bytes bytes = host::read_file(folder_ / "x.factory");
  const auto file = decode_factory(bytes);
  ASSERT_TRUE(file.has_value());
  const Settings& settings = file->settings;
  EXPECT_EQ(settings.ftp.host, "files.example");
  EXPECT_EQ(settings.ftp.port, 21);
  EXPECT_EQ(settings.ftp.user, "dev");
  EXPECT_EQ(settings.ftp.password, "secret");
  EXPECT_EQ(settings.ftp_root, "firmware");
  EXPECT_EQ(settings.business.port, 1883);
  EXPECT_EQ(settings.business.user, std::string_view(to_text(file->parameters.device_id).data()));
  EXPECT_EQ(settings.window.start_minute, 22 * 60 + 30);
  EXPECT_EQ(settings.window.length_minutes, 90);
  EXPECT_EQ(settings.window.days, 0x1F);
  EXPECT_EQ(settings.window.zone_minutes, 480);
  EXPECT_EQ(settings.trial_seconds, 900U);
  EXPECT_EQ(settings.report_seconds, 30U);
  EXPECT_TRUE(settings.device_manifest);
  EXPECT_EQ(file->parameters.component_count, 2U);
  const nlohmann::json line = outcome.json();
  EXPECT_EQ(line["serial"], "0001");
  EXPECT_EQ(line["password"], std::string(settings.business.password));
  EXPECT_EQ(nlohmann::json::parse(slurp("devices.jsonl")), line);
  EXPECT_EQ(fs::status(folder_ / "x.factory").permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(Tool, FtpWithoutAUserIsAnonymous) {
  set_up_product();
  good(
      "provision --product meter.toml --serial 1 --trust keys/release.pub --ftp ftp://f.example --business "
      "mqtt://hub.example --out x.factory");
  const host::Bytes bytes = host::read_file(folder_ / "x.factory");
  const auto file = decode_factory(bytes);
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(file->settings.ftp.user, "anonymous");
  EXPECT_NE(file->settings.ftp.password, "");
}

TEST_F(Tool, PasswordsAreEachDevicesOwn) {
  set_up_product();
  good("provision " + provision_arguments() + " --out a.factory --devices d.jsonl");
  good(
      "provision --product meter.toml --serial 0002 --trust keys/release.pub --ftp ftp://f.example --business "
      "mqtt://u:p@hub.example:1884 --out b.factory --devices d.jsonl");
  std::ifstream lines(folder_ / "d.jsonl");
  std::string a;
  std::string b;
  std::getline(lines, a);
  std::getline(lines, b);
  EXPECT_GE(nlohmann::json::parse(a)["password"].get<std::string>().size(), 32U);
  EXPECT_EQ(nlohmann::json::parse(b)["user"], "u");
  EXPECT_EQ(nlohmann::json::parse(b)["password"], "p");
  EXPECT_NE(nlohmann::json::parse(a)["device"], nlohmann::json::parse(b)["device"]);
}

TEST_F(Tool, ReleaseVerifiesAsADeviceWould) {
  set_up_product("--component modem");
  write("notes.txt", "Fixes the clock.\n");
  const Outcome outcome = good("release " + release_arguments("2.1.0") +
                               " --image app.bin --image modem=modem.bin --expires 90d --notes notes.txt "
                               "--min-battery 500 --json");
  EXPECT_EQ(outcome.json()["sequence"], 1);
  EXPECT_EQ(outcome.json()["payloads"].size(), 2U);
  const nlohmann::json check = good("verify repository --factory 0001.factory --json").json();
  ASSERT_EQ(check["manifests"].size(), 1U);
  EXPECT_EQ(check["manifests"][0]["verdict"], "good");
  EXPECT_EQ(check["manifests"][0]["images-checked"], true);
  EXPECT_EQ(check["manifests"][0]["authenticated"], true);
  EXPECT_EQ(check["manifests"][0]["payloads"].size(), 2U);
  EXPECT_EQ(slurp(find("app-")).find("aaaa"), std::string::npos) << "encrypted";
}

TEST_F(Tool, SequencesGoUpByThemselves) {
  set_up_product();
  EXPECT_EQ(good("release " + release_arguments("1.0.0") + " --image app.bin --json").json()["sequence"], 1);
  EXPECT_EQ(good("release " + release_arguments("1.1.0") + " --image app.bin --json").json()["sequence"], 2);
  EXPECT_EQ(good("release " + release_arguments("1.2.0") + " --image app.bin --sequence 10 --json").json()["sequence"],
            10);
  expect_failure("release " + release_arguments("1.3.0") + " --image app.bin --sequence 10", "already has 10");
  const std::string device = good("inspect 0001.factory --json").json()["parameters"]["device-id"];
  EXPECT_EQ(good("release " + release_arguments("1.3.0") + " --image app.bin --device " + device + " --json")
                .json()["sequence"],
            11);
  EXPECT_TRUE(fs::exists(folder_ / "repository/acme.example/m1/r2/devices" / (device + ".suit")));
  EXPECT_EQ(good("release " + release_arguments("1.4.0") + " --image app.bin --json").json()["sequence"], 12)
      << "a device has one floor for both its manifests";
  EXPECT_EQ(good("verify repository --factory 0001.factory --json").json()["manifests"].size(), 2U);
  const Outcome lower = good("release " + release_arguments("1.0.0") + " --image app.bin");
  EXPECT_NE(lower.error.find("nothing newer"), std::string::npos);
}

TEST_F(Tool, InClearAndLinkedAndSevered) {
  set_up_product("--linked");
  write("b.bin", std::string(100, 'b'));
  write("notes.txt", "n");
  good("release " + release_arguments("1.0.0") + " --slot-a app.bin --slot-b b.bin --no-encrypt --notes notes.txt");
  EXPECT_EQ(slurp(find("app-a-")), slurp("app.bin"));
  EXPECT_EQ(slurp(find("app-b-")), slurp("b.bin"));
  const nlohmann::json manifest = good("inspect " + std::string(kManifest) + " --json").json();
  ASSERT_EQ(manifest["members"].size(), 3U);
  for (const char* member : {"payload-fetch", "install", "text"}) {
    EXPECT_EQ(manifest["manifest"][member]["present"], true);
    EXPECT_EQ(manifest["manifest"][member]["digest-matches"], true);
  }
  EXPECT_TRUE(manifest["accepted"]);
  good("verify repository --factory 0001.factory");
  fs::copy(folder_ / kManifest, folder_ / "alone.suit");
  const nlohmann::json alone = good("inspect alone.suit --json").json();
  EXPECT_EQ(alone["manifest"]["install"]["present"], false);
  EXPECT_EQ(alone["members"][0]["found"], "missing");
}

TEST_F(Tool, WholeIsOneFile) {
  set_up_product();
  good("release " + release_arguments("1.0.0") + " --image app.bin --whole");
  EXPECT_FALSE(fs::exists((folder_ / kManifest).parent_path() / "members"));
  const nlohmann::json manifest = good("inspect " + std::string(kManifest) + " --json").json();
  EXPECT_FALSE(manifest.contains("members"));
  EXPECT_TRUE(manifest["manifest"]["install"].is_array());
  good("verify repository --factory 0001.factory");
}

TEST_F(Tool, ReproducibleBesidesKeysAndSignature) {
  set_up_product();
  good("release " + release_arguments("1.0.0") + " --image app.bin --no-encrypt");
  const nlohmann::json first = good("inspect " + std::string(kManifest) + " --json").json();
  fs::remove_all(folder_ / "repository");
  good("release " + release_arguments("1.0.0") + " --image app.bin --no-encrypt");
  EXPECT_EQ(good("inspect " + std::string(kManifest) + " --json").json(), first);
}

// The commands of docs/operator.md, as they stand there.
TEST_F(Tool, OperatorsGuideWorks) {
  std::ifstream guide(FERRY_SOURCE "/docs/operator.md");
  std::string script = "set -e; ferry() { " FERRY_PROGRAM " \"$@\"; }\n";
  bool inside = false;
  std::size_t commands = 0;
  for (std::string line; std::getline(guide, line);) {
    if (line.starts_with("```")) {
      inside = line == "```sh";
      continue;
    }
    script += inside ? line + "\n" : "";
    commands += inside && line.starts_with("ferry ") ? 1 : 0;
  }
  EXPECT_GE(commands, 7U);
  write("app.bin", std::string(20'001, 'a'));
  write("old.bin", std::string(20'000, 'a'));
  write("new.bin", std::string(20'001, 'b'));
  write("script", script);
  const Outcome outcome = shell("sh ./script");
  EXPECT_EQ(outcome.code, 0) << outcome.error;
}

TEST_F(Tool, EveryHelpEndsWithAnExample) {
  for (const char* command :
       {"keys new", "product new", "provision", "release", "inspect", "verify", "publish", "serve", "hub", "demo"}) {
    const Outcome outcome = good(std::string(command) + " --help");
    const std::size_t example = outcome.out.rfind("\nExample: ");
    ASSERT_NE(example, std::string::npos) << command;
    EXPECT_NE(outcome.out.find(std::string("ferry ") + command + " ", example), std::string::npos) << command;
  }
}

}  // namespace
}  // namespace ferry::tool
