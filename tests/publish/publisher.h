// Runs the real `ferry publish` on a repository of its own.
#pragma once

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "host/peers/child_process.h"
#include "tests/peers/served_folder.h"

namespace ferry::publish {

namespace fs = std::filesystem;

class PublishTest : public testing::Test {
 protected:
  PublishTest() {
    repository.put(kManifest, "release 1");
    repository.put(kDeviceManifest, "for one device 1");
    repository.put(kPayload, payload);
  }

  struct Outcome {
    int code;
    std::string text;  // stdout and stderr
    [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(text.substr(0, text.rfind('}') + 1)); }
  };
  Outcome publish(std::vector<std::string> arguments, std::vector<std::string> environment = {}) const {
    std::vector<std::string> command = {FERRY_PROGRAM, "publish", repository.path};
    command.insert(command.end(), arguments.begin(), arguments.end());
    // Of the same name as the last one's, and appended to: removed first.
    fs::remove(scratch.path / "output");
    host::ChildProcess child(
        {.command = std::move(command), .output = scratch.path / "output", .environment = std::move(environment)});
    const int code = child.wait(120s);
    return {.code = code, .text = scratch.get("output")};
  }
  // Exit 1 and one line that holds `part`.
  void expect_failure(const Outcome& outcome, std::string_view part) const {
    EXPECT_EQ(outcome.code, 1) << outcome.text;
    EXPECT_THAT(outcome.text, testing::StartsWith("ferry: "));
    EXPECT_EQ(std::count(outcome.text.begin(), outcome.text.end(), '\n'), 1) << outcome.text;
    EXPECT_THAT(outcome.text, testing::HasSubstr(std::string(part)));
  }
  void make_release_2() const {
    repository.put(kManifest, "release 2");
    repository.put(kDeviceManifest, "for one device 2");
    repository.put(kPayload2, payload2);
  }
  // What a device must find: the manifests of one release, and all of its payloads.
  void expect_release(const fs::path& at, int number) const {
    const host::Bytes manifest = host::read_file(at / kManifest);
    EXPECT_EQ(as_text(manifest), "release " + std::to_string(number));
    const host::Bytes device = host::read_file(at / kDeviceManifest);
    EXPECT_EQ(as_text(device), "for one device " + std::to_string(number));
    const host::Bytes bytes = host::read_file(at / (number == 1 ? kPayload : kPayload2));
    EXPECT_TRUE(as_text(bytes) == (number == 1 ? payload : payload2));
  }
  // No temporary names.
  static void expect_no_leftovers(const fs::path& at) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(at)) {
      EXPECT_NE(entry.path().extension(), ".new") << entry.path();
    }
  }

  static constexpr const char* kManifest = "acme.example/m1/r2/manifest.suit";
  static constexpr const char* kDeviceManifest = "acme.example/m1/r2/devices/0102.suit";
  static constexpr const char* kPayload = "acme.example/m1/r2/1.0.0/app.payload";
  static constexpr const char* kPayload2 = "acme.example/m1/r2/2.0.0/app 100%.payload";

  const std::string payload = peers::content(400'000, 1);
  const std::string payload2 = peers::content(600'000, 2);
  peers::ServedFolder repository;
  peers::ServedFolder scratch;
};

}  // namespace ferry::publish
