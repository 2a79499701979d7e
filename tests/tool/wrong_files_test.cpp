// Every command, with every file it takes missing, empty, of another kind or a folder; and with every file it writes
// where nothing can be written. Always: exit 1, one clear line, nothing changed.
#include <csignal>

#include "host/peers/loopback.h"
#include "tests/tool/tool.h"

namespace ferry::tool {
namespace {

// One of each kind of file that an operator may take for another one.
constexpr const char* kKinds[] = {"picture.png",      "notes.txt",     "meter.toml", "meter.key",
                                  "keys/release.pub", "0001.factory",  "app.bin",    "alone.fpk",
                                  "alone.suit",       "devices.jsonl", "zeros.bin"};

class WrongFiles : public Tool {
 protected:
  WrongFiles() {
    set_up_product("--component modem");
    good("release " + release_arguments("1.0.0") + " --image app.bin");
    good(
        "provision --product meter.toml --serial 2 --trust keys/release.pub --ftp ftp://f.example --business "
        "mqtt://hub.example --out 2.factory --devices devices.jsonl");
    fs::copy_file(folder_ / find("app-"), folder_ / "alone.fpk");
    fs::copy_file(folder_ / kManifest, folder_ / "alone.suit");
    write("picture.png", std::string("\x89PNG\r\n\x1a\n\0\0\0\0", 12));
    write("notes.txt", "Fixes the clock.\n");
    write("zeros.bin", std::string(70'000, '\0'));
    write("empty", "");
    fs::create_directory(folder_ / "folder");
  }

  // `line` holds "{}" where the file stands. `right` are the kinds that are right there.
  void expect_refusals(const std::string& line, const std::vector<std::string>& right = {}) const {
    expect_failure(with(line, "none"), "none: no such file");
    expect_failure(with(line, "empty"), "empty");
    expect_failure(with(line, "folder"), "folder");
    for (const std::string kind : kKinds) {
      if (std::find(right.begin(), right.end(), kind) == right.end()) {
        expect_failure(with(line, kind), kind);
      }
    }
  }
  // A place under a file, in a file system that takes nothing, and a full disk.
  void expect_unwritable(const std::string& line) const {
    expect_failure(with(line, "app.bin/new"), "app.bin");
    expect_failure(with(line, "/proc/new"), "/proc/new");
  }
  static std::string with(std::string line, const std::string& file) { return line.replace(line.find("{}"), 2, file); }
};

const std::string kProvisionRest = " --ftp ftp://f.example --business mqtt://hub.example";

TEST_F(WrongFiles, Keys) {
  expect_unwritable("keys new {}");
  expect_failure("keys new app.bin", "app.bin");
  expect_failure("keys new keys", "is not overwritten");
}

TEST_F(WrongFiles, Product) {
  const std::string rest = " --vendor acme.example --model m1 --hardware r2";
  expect_unwritable("product new {}" + rest);
  for (const char* there : {"folder", "app.bin", "empty"}) {
    expect_failure(std::string("product new ") + there + rest, "is not overwritten");
  }
}

TEST_F(WrongFiles, Provision) {
  const std::string trust = " --trust keys/release.pub";
  expect_refusals("provision --product {} --serial 3 --out 3.factory" + trust + kProvisionRest, {"meter.toml"});
  expect_refusals("provision --product meter.toml --serial 3 --out 3.factory --trust {}" + kProvisionRest,
                  {"keys/release.pub"});
  ASSERT_EQ(shell("openssl ec -in meter.key -pubout -out class.pub").code, 0);
  expect_failure("provision --product meter.toml --serial 3 --out 3.factory --trust class.pub" + kProvisionRest,
                 "class.pub: this is the class key");
  expect_refusals("provision --product meter.toml --serial 3 --out 3.factory --class-key {}" + trust + kProvisionRest,
                  {"meter.key"});
  const std::string most = "provision --product meter.toml --serial 3" + trust + kProvisionRest;
  expect_unwritable(most + " --out {}");
  expect_unwritable(most + " --out 3.factory --devices {}");
  expect_failure(most + " --out 3.factory --devices folder", "folder");
  for (const std::string kind : kKinds) {
    expect_failure(most + " --devices devices.jsonl --out " + kind, "is not overwritten");
    if (kind != "devices.jsonl") {
      expect_failure(most + " --out 3.factory --devices " + kind, kind);
    }
  }
}

TEST_F(WrongFiles, Release) {
  const std::string image = " --image app.bin";
  const std::string rest = " --version 2.0.0 --repo repository";
  expect_refusals("release --product {} --key keys/release.key" + rest + image, {"meter.toml"});
  expect_refusals("release --product meter.toml --key {}" + rest + image);
  const std::string most = "release --product meter.toml --key keys/release.key --version 2.0.0";
  for (const char* images : {" --image {}", " --image app.bin --image modem={}", " --slot-a {} --slot-b app.bin",
                             " --slot-a app.bin --slot-b {}", " --image app.bin --notes {}"}) {
    expect_failure(with(most + images, "none") + " --repo repository", "none: no such file");
    expect_failure(with(most + images, "empty") + " --repo repository", "empty");
    expect_failure(with(most + images, "folder") + " --repo repository", "folder");
  }
  for (const char* binary : {"picture.png", "0001.factory", "alone.fpk", "alone.suit"}) {
    expect_failure(most + image + " --repo repository --notes " + binary, binary);
  }
  expect_unwritable(most + image + " --repo {}");
}

TEST_F(WrongFiles, ReleaseReadsItsRepository) {
  for (const char* kind : {"picture.png", "empty", "app.bin", "0001.factory", "zeros.bin"}) {
    fs::copy_file(folder_ / kind, folder_ / kManifest, fs::copy_options::overwrite_existing);
    expect_failure("release " + release_arguments("2.0.0") + " --image app.bin", "manifest.suit");
  }
}

TEST_F(WrongFiles, Inspect) {
  expect_refusals("inspect {}", {"0001.factory", "alone.fpk", "alone.suit"});
  expect_refusals("inspect alone.suit --factory {}", {"0001.factory"});
  expect_refusals("inspect alone.suit --trust {}", {"keys/release.pub"});
  expect_refusals("inspect alone.fpk --manifest {}", {"alone.suit"});
}

TEST_F(WrongFiles, Verify) {
  expect_failure("verify none", "none: no such folder");
  expect_failure("verify empty", "empty");
  expect_failure("verify folder", "folder");
  expect_refusals("verify repository --factory {}", {"0001.factory"});
  expect_refusals("verify repository --trust {}", {"keys/release.pub"});
  for (const char* kind : {"picture.png", "empty", "app.bin", "0001.factory", "zeros.bin"}) {
    fs::copy_file(folder_ / kind, folder_ / kManifest, fs::copy_options::overwrite_existing);
    expect_failure("verify repository", "1 of 1 manifests would be refused");
  }
}

TEST_F(WrongFiles, Publish) {
  const std::string nobody = "ftp://127.0.0.1:" + std::to_string(host::free_port()) + "/fw";
  for (const char* folder : {"none", "empty", "app.bin", "folder", "keys"}) {
    expect_failure(std::string("publish ") + folder + " " + nobody, folder);
  }
  expect_failure("publish repository " + nobody, nobody);
  expect_failure("publish repository folder", "ftp://user@host/folder");
  for (const char* authorities : {"none", "empty", "folder", "picture.png"}) {
    expect_failure("publish repository ftps://127.0.0.1:1/fw --ca " + std::string(authorities), authorities);
  }
}

TEST_F(WrongFiles, Serve) {
  for (const char* folder : {"none", "empty", "app.bin"}) {
    expect_failure(std::string("serve --listen 127.0.0.1:0 ") + folder, folder);
  }
  const std::string account = "serve repository --listen 127.0.0.1:0 --user u --password-file ";
  for (const char* file : {"none", "empty", "folder"}) {
    expect_failure(account + file, file);
  }
  expect_failure("serve repository --listen 127.0.0.1", "127.0.0.1");
  expect_failure("serve repository --listen 127.0.0.1:99999", "99999");
  expect_failure("serve repository --listen example:21", "example:21");
  expect_failure("serve repository --listen 203.0.113.1:2121", "203.0.113.1 port 2121");
}

TEST_F(WrongFiles, Hub) {
  // An empty registry is right: devices come later, and SIGHUP.
  expect_failure("hub --dir hub --devices none", "none: no such file");
  expect_failure("hub --dir hub --devices folder", "folder");
  for (const std::string kind : kKinds) {
    if (kind != "devices.jsonl") {
      expect_failure("hub --dir hub --devices " + kind, kind);
    }
  }
  const std::string hub = "hub --devices devices.jsonl ";
  expect_unwritable(hub + "--dir {}");
  expect_failure(hub + "--dir app.bin", "app.bin");
  expect_failure(hub + "--dir hub --db mysql:x", "sqlite:");
  expect_failure(hub + "--dir hub --listen nonsense", "nonsense");
  expect_failure(hub + "--dir hub --mqtt-listen nonsense", "nonsense");
  expect_failure(hub + "--dir hub --mqtt http://127.0.0.1", "mqtt");
  for (const char* file : {"empty", "folder", "picture.png", "notes.txt"}) {
    expect_failure(hub + "--dir hub --token-file " + file, file);
  }
  expect_unwritable(hub + "--dir hub --token-file {}");
}

TEST_F(WrongFiles, Demo) {
  for (const char* file : {"none", "empty", "folder"}) {
    expect_failure(std::string("demo --image app.bin ") + file, file);
    expect_failure(std::string("demo --image ") + file + " app.bin", file);
  }
  fs::copy_file(folder_ / "app.bin", folder_ / "copy.bin");
  expect_failure("demo --image app.bin copy.bin", "are the same image");
  expect_failure("demo --image modem.bin app.bin --drops 9", "too short");
  for (const char* wrong : {"--image app.bin", "--image app.bin modem.bin zeros.bin", "--ftp-server none", "--drops -1",
                            "--drops few", "extra"}) {
    expect_usage(std::string("demo ") + wrong);
  }
}

// A limit on the size of files stands in for a full disk.
TEST_F(WrongFiles, FullDisk) {
  const auto before = contents();
  const std::vector<std::string> lines = {
      "keys new other", "product new p.toml --vendor acme.example --model m1 --hardware r2",
      "provision --product meter.toml --serial 3 --trust keys/release.pub --out 3.factory --devices devices.jsonl" +
          kProvisionRest,
      "release " + release_arguments("2.0.0") + " --image app.bin"};
  for (const std::string& line : lines) {
    const Outcome outcome = shell("(trap '' XFSZ; ulimit -f 0; exec " FERRY_PROGRAM " " + line + ") 2>&1 | cat >&2");
    EXPECT_NE(outcome.error.find("ferry: cannot write"), std::string::npos) << line << outcome.error;
    EXPECT_EQ(std::count(outcome.error.begin(), outcome.error.end(), '\n'), 1) << outcome.error;
    EXPECT_TRUE(contents() == before) << line;
  }
}

// What cannot be told was not done well.
TEST_F(WrongFiles, FullStdout) {
  for (const char* line : {"inspect alone.suit", "inspect alone.suit --json", "verify repository", "--help",
                           "--version", "verify repository --json"}) {
    const Outcome outcome = shell(std::string(FERRY_PROGRAM) + " " + line + " >/dev/full");
    EXPECT_EQ(outcome.code, 1) << line;
    EXPECT_EQ(outcome.error, "ferry: cannot write to stdout: No space left on device\n") << line;
  }
}

}  // namespace
}  // namespace ferry::tool
