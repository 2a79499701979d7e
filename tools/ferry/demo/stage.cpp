#include "tools/ferry/demo/stage.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fstream>
#include <stdlib.h>
#include <thread>

#include "host/failure.h"

namespace ferry::tool {
namespace {

constexpr std::chrono::milliseconds kPause(20);

// The programs stand beside this one.
std::filesystem::path program_path(const std::string& name) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
}

std::string last_line(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::string last = "it said nothing";
  for (std::string line; std::getline(stream, line);) {
    last = line.empty() ? last : line;
  }
  return last;
}

}  // namespace

void await(const std::string& what, double seconds, const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) {
      throw host::Failure("the demo waited {} s in vain: {}", seconds, what);
    }
    std::this_thread::sleep_for(kPause);
  }
}

Stage::Stage(Story& story, bool keep) : story_(story), keep_(keep) {
  std::string name = (std::filesystem::temp_directory_path() / "ferry-demo-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw host::Failure("no temporary folder can be made in {}", std::filesystem::temp_directory_path().string());
  }
  folder_ = name;
  // An FTP server drops its privileges and must still be able to read the repository.
  std::filesystem::permissions(folder_, std::filesystem::perms(0755));
}

Stage::~Stage() {
  children_.clear();
  if (!keep_) {
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
  }
}

void Stage::ferry(const std::vector<std::string>& arguments) {
  story_.command(fmt::format("ferry {}", fmt::join(arguments, " ")));
  const std::filesystem::path log = folder_ / "commands.log";
  std::string script = fmt::format("cd '{}' && exec '{}'", folder_.string(), program_path("ferry").string());
  for (const std::string& argument : arguments) {
    script += fmt::format(" '{}'", argument);
  }
  host::ChildProcess child({.command = {"/bin/sh", "-c", script}, .output = log});
  if (child.wait(std::chrono::minutes(2)) != 0) {
    throw host::Failure("`ferry {}` failed: {}", arguments.front(), last_line(log));
  }
}

host::ChildProcess& Stage::start(const std::string& program, std::vector<std::string> arguments,
                                 const std::filesystem::path& log) {
  arguments.insert(arguments.begin(), program_path(program).string());
  children_.push_back(std::make_unique<host::ChildProcess>(
      host::ChildProcess::Program{.command = std::move(arguments), .output = log}));
  return *children_.back();
}

}  // namespace ferry::tool
