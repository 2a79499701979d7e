// Runs the real `ferry` program in a folder of its own.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

#include "host/files.h"

namespace ferry::tool {

namespace fs = std::filesystem;

struct Outcome {
  int code = -1;
  std::string out;
  std::string error;
  [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(out); }
};

class Tool : public testing::Test {
 protected:
  Tool() {
    std::string name = (fs::temp_directory_path() / "ferry-tool-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~Tool() override { fs::remove_all(folder_); }

  // `line` is for the shell, in the test's folder.
  Outcome shell(const std::string& line) const {
    const std::string whole = "cd '" + folder_.string() + "' && ( " + line + " ) >.out 2>.err";
    const int status = std::system(whole.c_str());
    Outcome outcome{.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1, .out = slurp(".out"), .error = slurp(".err")};
    fs::remove(folder_ / ".out");
    fs::remove(folder_ / ".err");
    return outcome;
  }
  Outcome ferry(const std::string& arguments) const {
    return shell("timeout 60 " FERRY_PROGRAM " " + arguments);  // a server that runs where it must refuse: code 124
  }
  Outcome good(const std::string& arguments) const {
    Outcome outcome = ferry(arguments);
    EXPECT_EQ(outcome.code, 0) << arguments << "\n" << outcome.error;
    return outcome;
  }
  // Exit 1, one line that names the program and holds `part`, and not a byte more or less than before in any file.
  void expect_failure(const std::string& arguments, std::string_view part) const {
    const auto before = contents();
    const Outcome outcome = ferry(arguments);
    EXPECT_EQ(outcome.code, 1) << arguments << "\n" << outcome.error;
    EXPECT_TRUE(outcome.error.starts_with("ferry: ")) << arguments << "\n" << outcome.error;
    EXPECT_EQ(std::count(outcome.error.begin(), outcome.error.end(), '\n'), 1) << arguments << "\n" << outcome.error;
    EXPECT_NE(outcome.error.find(part), std::string::npos) << arguments << "\n" << outcome.error;
    EXPECT_TRUE(contents() == before) << arguments << "\nchanged files";
  }
  void expect_usage(const std::string& arguments) const {
    const auto before = contents();
    const Outcome outcome = ferry(arguments);
    EXPECT_EQ(outcome.code, 2) << arguments;
    EXPECT_EQ(outcome.out, "") << arguments;
    EXPECT_NE(outcome.error, "") << arguments;
    EXPECT_TRUE(contents() == before) << arguments << "\nchanged files";
  }

  void write(const fs::path& file, std::string_view content) const {
    fs::create_directories((folder_ / file).parent_path());
    std::ofstream(folder_ / file, std::ios::binary) << content;
  }
  [[nodiscard]] std::string slurp(const fs::path& file) const {
    const host::Bytes bytes = host::read_file(folder_ / file);
    return std::string(as_text(bytes));
  }
  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder_)) {
      names.push_back(entry.path().lexically_relative(folder_).string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  // All files by name, a folder's content being "/".
  [[nodiscard]] std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> all;
    for (const std::string& name : files()) {
      all[name] = fs::is_directory(folder_ / name) ? "/" : slurp(name);
    }
    return all;
  }
  [[nodiscard]] fs::path find(const std::string& name_part) const {
    for (const std::string& file : files()) {
      if (fs::path(file).filename().string().find(name_part) != std::string::npos) {
        return file;
      }
    }
    ADD_FAILURE() << "no file like " << name_part;
    return {};
  }

  // Keys, a product and one device: what every release needs.
  void set_up_product(const std::string& more = "") const {
    good("keys new keys");
    good("product new meter.toml --vendor acme.example --model m1 --hardware r2 " + more);
    good("provision " + provision_arguments() + " --out 0001.factory");
    write("app.bin", std::string(20'001, 'a'));
    write("modem.bin", std::string(5'000, 'm'));
  }
  static std::string provision_arguments() {
    return "--product meter.toml --serial 0001 --trust keys/release.pub --ftp ftp://dev:secret@files.example/firmware "
           "--business mqtt://hub.example";
  }
  static std::string release_arguments(const std::string& version) {
    return "--product meter.toml --version " + version + " --key keys/release.key --repo repository";
  }
  static constexpr const char* kManifest = "repository/acme.example/m1/r2/manifest.suit";

  fs::path folder_;
};

}  // namespace ferry::tool
