#include "tools/ferry/demo/stage.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fstream>
#include <stdlib.h>
#include <thread>

#include "host/failure.h"
#include "host/files.h"

namespace ferry::tool {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kPause(20);
constexpr std::uintmax_t kLeastSpace = 65536;
constexpr std::chrono::minutes kForOneCommand(2);

volatile std::sig_atomic_t interrupted = 0;

void check_interrupted() {
  if (interrupted != 0) {
    throw host::Failure("interrupted");
  }
}

void take_signals() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    std::signal(number, [](int) { interrupted = 1; });
  }
  std::signal(SIGPIPE, SIG_IGN);  // the story's listener may go; the folder must not stay
}

fs::path program_path(const std::string& name) {
  return program_folder() / name;
}

// What a program said last, without its own name.
std::string last_line(const fs::path& file) {
  std::ifstream stream(file);
  std::string last = "it said nothing";
  for (std::string line; std::getline(stream, line);) {
    last = line.empty() ? last : line;
  }
  for (const std::string_view name : {"ferry: ", "ferry-agent: ", "ferry-modem: ", "qemu-system-arm: "}) {
    last.erase(0, last.starts_with(name) ? name.size() : 0);
  }
  return last;
}

fs::path make_folder() {
  std::error_code error;
  const fs::path parent = fs::temp_directory_path(error);
  if (error) {
    throw host::Failure("no folder for temporary files: TMPDIR names none");
  }
  std::string name = (parent / "ferry-demo-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw host::Failure("no temporary folder can be made in {}: {}", parent.string(), std::strerror(errno));
  }
  return name;
}

}  // namespace

fs::path program_folder() {
  return fs::read_symlink("/proc/self/exe").parent_path();
}

Stage::Stage(Story& story, bool keep) : story_(story), keep_(keep) {
  take_signals();
  folder_ = make_folder();
  // An FTP server drops its privileges and must still be able to read the repository.
  std::error_code ignored;
  fs::permissions(folder_, fs::perms(0755), ignored);
}

Stage::~Stage() {
  for (const Running& each : running_) {
    each.process->signal(SIGTERM);  // all of them before the first is waited for
  }
  running_.clear();
  if (!keep_) {
    std::error_code error;
    fs::remove_all(folder_, error);
  }
}

std::string Stage::ferry(const std::vector<std::string>& arguments, const std::string& ftp_password) {
  story_.command(
      fmt::format("{}ferry {}", ftp_password.empty() ? "" : "FERRY_FTP_PASSWORD=... ", fmt::join(arguments, " ")));
  const fs::path log = folder_ / "commands.log";
  std::string script = fmt::format("cd '{}' && exec '{}'", folder_.string(), program_path("ferry").string());
  for (const std::string& argument : arguments) {
    script += fmt::format(" '{}'", argument);
  }
  host::ChildProcess child(
      {.command = {"/bin/sh", "-c", script}, .output = log, .environment = {"FERRY_FTP_PASSWORD=" + ftp_password}});
  const auto end = std::chrono::steady_clock::now() + kForOneCommand;
  while (!child.has_ended(kPause) && std::chrono::steady_clock::now() < end) {
    check_interrupted();
  }
  if (child.end() != 0) {
    throw host::Failure("ferry {} failed: {}", arguments.front(), last_line(log));
  }
  return last_line(log);
}

const host::ChildProcess& Stage::start(const std::string& program, std::vector<std::string> arguments,
                                       const std::string& log) {
  const std::string label = program == "ferry" ? "ferry " + arguments.front() : program;
  arguments.insert(arguments.begin(), program_path(program).string());
  return run(label, {.command = std::move(arguments), .output = {}}, log);
}

const host::ChildProcess& Stage::start_machine(std::vector<std::string> command, const std::string& log) {
  const std::string label = command.front();
  return run(label, {.command = std::move(command), .output = {}, .takes_input = true}, log);
}

const host::ChildProcess& Stage::run(const std::string& label, host::ChildProcess::Program program,
                                     const std::string& log) {
  program.output = folder_ / log;
  write(log, "");
  running_.push_back(
      {.program = label, .log = program.output, .process = std::make_unique<host::ChildProcess>(program)});
  return *running_.back().process;
}

void Stage::write(const std::string& file, const std::string& text) const {
  host::FileSet set;
  set.put(folder_ / file, text);
  set.commit();
}

// First of all: on a full disk nobody can log what goes wrong.
void Stage::check_disk() const {
  std::error_code error;
  if (const fs::space_info space = fs::space(folder_, error); !error && space.available < kLeastSpace) {
    throw host::Failure("the disk is full, which {} is on", folder_.parent_path().string());
  }
}

void Stage::check_programs() const {
  for (const Running& each : running_) {
    if (each.process->has_ended()) {
      throw host::Failure("{} ended: {}", each.program, last_line(each.log));
    }
  }
}

void Stage::await(const std::string& what, double seconds, const std::function<bool()>& done) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (!done()) {
    check_disk();
    check_programs();
    check_interrupted();
    if (std::chrono::steady_clock::now() > end) {
      throw host::Failure("the demo waited {} s in vain: {}", seconds, what);
    }
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace ferry::tool
