// A program that runs as long as this object, in a process group of its own with whatever it starts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "device/base/time.h"

namespace ferry::host {

class ChildProcess {
 public:
  struct Program {
    std::vector<std::string> command;                // program (looked for in PATH) and arguments
    std::filesystem::path output;                    // stdout and stderr are appended to it; empty: to /dev/null
    std::vector<std::string> environment = {};       // "NAME=value", besides the caller's
    bool takes_input = false;                        // by type(); else its stdin is empty
    std::optional<std::uint64_t> largest_file = {};  // bytes: writing more fails, as on a full disk
  };

  // Throws Failure where there is no such program. The child is killed when the thread that started it ends.
  explicit ChildProcess(const Program& program);
  ~ChildProcess() { end(); }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  // Whether it has ended by itself, or does so within `limit`.
  [[nodiscard]] bool has_ended(Duration limit = Duration::zero()) const;
  void signal(int number) const;
  // Writes to its stdin. Throws Failure where it takes no input, or none any more; SIGPIPE must be ignored.
  void type(std::string_view text) const;
  // SIGTERM, and SIGKILL to the whole group 5 s later or when the program itself has ended. Returns the exit code, or
  // 128 + signal; the second call does nothing and returns the same.
  int end();
  // Waits until it ends by itself, at most `limit`; then as end().
  int wait(Duration limit);
  // SIGKILL at once, as a power cut.
  int kill();

 private:
  int reap();

  pid_t pid_ = -1;
  int input_ = -1;  // the end of its stdin that is ours
  int watch_ = -1;  // readable when the program has ended
  int code_ = -1;
};

}  // namespace ferry::host
