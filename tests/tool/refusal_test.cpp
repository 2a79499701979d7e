// Wrong files, wrong words: one line that says what to do, and nothing changed.
#include "tests/tool/tool.h"

namespace ferry::tool {
namespace {

TEST_F(Tool, WrongUsageIsTwo) {
  for (const char* arguments :
       {"", "nonsense", "keys", "keys new", "keys new a b", "product new x.toml", "provision", "release", "inspect",
        "verify", "release --nonsense", "provision --trial abc", "inspect a b", "verify a --trust"}) {
    expect_usage(arguments);
  }
}

TEST_F(Tool, ProductRefusesNames) {
  expect_failure("product new x.toml --vendor acme --model m1 --hardware r2", "domain name");
  expect_failure("product new x.toml --vendor acme.example --model ../m --hardware r2", "model");
  expect_failure("product new x.toml --vendor acme.example --model m1 --hardware r2 --component x", "component");
  expect_failure("product new x.toml --vendor acme.example --model m1 --hardware r2 --component xy:disk", "kind");
  expect_failure("product new x.toml --vendor acme.example --model m1 --hardware r2 --slot-size 5000", "whole sectors");
  expect_failure("product new x.key --vendor acme.example --model m1 --hardware r2", ".toml");
}

TEST_F(Tool, ProvisionRefusesWrongFiles) {
  set_up_product();
  write("junk", "junk");
  const std::string rest = " --ftp ftp://f.example --business mqtt://hub.example --out new.factory";
  const std::string trust = " --trust keys/release.pub";
  expect_failure("provision --product none.toml --serial 1" + trust + rest, "no such file");
  expect_failure("provision --product junk --serial 1" + trust + rest, "not TOML");
  expect_failure("provision --product meter.toml --serial 1 --trust junk" + rest, "no public key");
  expect_failure("provision --product meter.toml --serial 1 --trust keys/release.key" + rest, "this is a private key");
  expect_failure("provision --product meter.toml --serial 1 --class-key keys/release.key" + trust + rest,
                 "does not belong");
  expect_failure("provision --product meter.toml --serial '' --trust keys/release.pub" + rest, "--serial is empty");
  expect_failure("provision " + provision_arguments() + " --out 0001.factory", "is not overwritten");
  expect_failure("provision " + provision_arguments() + " --out n.factory --window 1:00", "is no window");
  expect_failure("provision " + provision_arguments() + " --out n.factory --zone 8", "is no time zone");
  expect_failure("provision " + provision_arguments() + " --out n.factory --days never", "no days");
  expect_failure("provision " + provision_arguments() + " --out n.factory --devices none/d.jsonl", "none/d.jsonl");
  expect_failure("provision --product meter.toml --serial 1" + trust +
                     " --ftp http://f.example --business mqtt://hub.example --out new.factory",
                 "no ftp URL");
  expect_failure("provision --product meter.toml --serial " + std::string(65, '1') + trust + rest, "would not accept");
  fs::remove(folder_ / "meter.key");
  expect_failure("provision " + provision_arguments() + " --out n.factory", "meter.key: no such file");
}

TEST_F(Tool, ReleaseRefusesWrongFiles) {
  set_up_product("--component modem");
  write("empty.bin", "");
  write("binary", std::string("\x00\xFF\xFE", 3));
  const std::string image = " --image app.bin";
  expect_failure("release " + release_arguments("1.0.0"), "application's image");
  expect_failure("release " + release_arguments("1.0.0") + " --image modem=modem.bin", "application's image");
  expect_failure("release " + release_arguments("1.0.0") + " --image none.bin", "none.bin: no such file");
  expect_failure("release " + release_arguments("1.0.0") + " --image keys", "this is a folder");
  expect_failure("release " + release_arguments("1.0.0") + " --image empty.bin", "empty");
  expect_failure("release " + release_arguments("1.0.0") + image + " --image other=modem.bin", "no component 'other'");
  expect_failure("release " + release_arguments("1.0.0") + image + " --image app=app.bin", "two images");
  expect_failure("release " + release_arguments("1.0.0") + " --slot-a app.bin --slot-b app.bin", "either slot");
  expect_failure("release " + release_arguments("first") + image, "is no version");
  expect_failure("release " + release_arguments("1.0.0") + image + " --expires soon", "no length of time");
  expect_failure("release " + release_arguments("1.0.0") + image + " --device 1", "no device id");
  expect_failure("release " + release_arguments("1.0.0") + image + " --notes none.txt", "none.txt: no such file");
  expect_failure("release " + release_arguments("1.0.0") + image + " --notes binary", "UTF-8");
  expect_failure("release --product meter.toml --version 1.0.0 --key keys/release.pub --repo r" + image,
                 "this is a public key");
  expect_failure("release --product meter.toml --version 1.0.0 --key app.bin --repo r" + image, "no private key");
  expect_failure("release --product app.bin --version 1.0.0 --key keys/release.key --repo r" + image, "not TOML");
  expect_failure("release --product meter.toml --version 1.0.0 --key keys/release.key --repo app.bin" + image,
                 "app.bin");
  expect_usage("release " + release_arguments("1.0.0") + " --slot-a app.bin");
  EXPECT_FALSE(fs::exists(folder_ / "repository"));
}

TEST_F(Tool, ReleaseKeepsTheOldOneInForceOnFailure) {
  set_up_product();
  good("release " + release_arguments("1.0.0") + " --image app.bin");
  const std::string before = slurp(kManifest);
  write("repository/acme.example/m1/r2/1.1.0", "a file where a folder must be");
  expect_failure("release " + release_arguments("1.1.0") + " --image app.bin", "1.1.0");
  EXPECT_EQ(slurp(kManifest), before);
}

TEST_F(Tool, ReleaseDoesNotTrustAForeignRepository) {
  set_up_product();
  good("release " + release_arguments("1.0.0") + " --image app.bin");
  good("keys new other");
  const std::string with_other =
      "release --product meter.toml --version 1.1.0 --key other/release.key --repo repository";
  expect_failure(with_other + " --image app.bin", "not signed by this key");
  good(with_other + " --image app.bin --sequence 2");
}

TEST_F(Tool, NotesOfAnyLengthFit) {
  set_up_product();
  write("long.txt", std::string(20'000, 'n'));
  expect_failure("release " + release_arguments("1.0.0") + " --image app.bin --notes long.txt --whole", "--whole");
  good("release " + release_arguments("1.0.0") + " --image app.bin --notes long.txt");
}

TEST_F(Tool, VerifyFindsMembersThatAreMissingOrAnother) {
  set_up_product();
  good("release " + release_arguments("1.0.0") + " --image app.bin");
  const nlohmann::json check = good("verify repository --json").json()["manifests"][0];
  ASSERT_EQ(check["members"].size(), 3U);
  for (const std::size_t which : {0U, 1U}) {
    const fs::path file = fs::path(kManifest).parent_path() / check["members"][which]["file"].get<std::string>();
    const std::string content = slurp(file);
    write(file, content.substr(1));
    expect_failure("verify repository", "would be refused");
    EXPECT_NE(ferry("verify repository").out.find("member_mismatch"), std::string::npos);
    fs::remove(folder_ / file);
    expect_failure("verify repository", "would be refused");
    EXPECT_NE(ferry("verify repository").out.find("is missing"), std::string::npos);
    EXPECT_EQ(good("inspect " + std::string(kManifest) + " --json").json()["members"][which]["found"], "missing");
    write(file, content);
  }
  good("verify repository --factory 0001.factory");
  write(fs::path(kManifest).parent_path() / "members/0011223344556677.cbor", "stray");
  EXPECT_EQ(good("verify repository --json").json()["unreferenced"].size(), 1U);
}

TEST_F(Tool, VerifyFindsWhatADeviceWouldRefuse) {
  set_up_product();
  write("junk", "junk");
  expect_failure("verify none", "no such folder");
  expect_failure("verify keys", "no manifest");
  good("release " + release_arguments("1.0.0") + " --image app.bin");
  good("verify repository");
  good("verify repository --trust keys/release.pub");
  expect_failure("verify repository --trust junk", "no public key");
  expect_failure("verify repository --factory junk", "no factory file");
  good("keys new other");
  expect_failure("verify repository --trust other/release.pub", "1 of 1 manifests");
  const fs::path payload = find("app-");
  const std::string whole = slurp(payload);
  std::string changed = whole;
  changed[100] = static_cast<char>(changed[100] ^ 1);
  write(payload, changed);
  expect_failure("verify repository", "would be refused");
  EXPECT_NE(ferry("verify repository").out.find("payload_mismatch"), std::string::npos);
  write(payload, whole.substr(1));
  expect_failure("verify repository", "would be refused");
  fs::remove(folder_ / payload);
  expect_failure("verify repository", "would be refused");
  write(payload, whole);
  good("verify repository --factory 0001.factory");
}

TEST_F(Tool, VerifyStandsInForOneDevice) {
  set_up_product();
  good("release " + release_arguments("1.0.0") + " --image app.bin");
  good("product new gateway.toml --vendor acme.example --model g1 --hardware r1");
  good(
      "provision --product gateway.toml --serial 1 --trust keys/release.pub --ftp ftp://f.example --business "
      "mqtt://hub.example --out gateway.factory");
  expect_failure("verify repository --factory gateway.factory", "nothing in it is for the device");
}

TEST_F(Tool, VerifyNotesLeftovers) {
  set_up_product();
  good("release " + release_arguments("1.0.0") + " --image app.bin");
  good("release " + release_arguments("1.1.0") + " --image app.bin");
  const nlohmann::json check = good("verify repository --json").json();
  ASSERT_EQ(check["unreferenced"].size(), 4U) << "payload, payload-fetch, install and text";
  EXPECT_NE(check["unreferenced"][0].get<std::string>().find("/1.0.0/"), std::string::npos);
  EXPECT_NE(check["unreferenced"][1].get<std::string>().find("/members/"), std::string::npos);
}

TEST_F(Tool, VerifyRefusesTheExpired) {
  set_up_product();
  good("release " + release_arguments("1.0.0") + " --image app.bin --expires 1s");
  shell("sleep 1.1");
  expect_failure("verify repository", "would be refused");
  EXPECT_NE(ferry("verify repository").out.find("expired: since"), std::string::npos);
}

}  // namespace
}  // namespace ferry::tool
