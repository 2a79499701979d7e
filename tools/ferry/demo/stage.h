// Where the demo takes place: a temporary folder, the operator's commands, and the programs that run meanwhile.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "host/peers/child_process.h"
#include "tools/ferry/demo/story.h"

namespace ferry::tool {

// The folder of this program, and of the others of ours.
[[nodiscard]] std::filesystem::path program_folder();

class Stage {
 public:
  // From here to the destructor SIGINT, SIGTERM and SIGHUP end the demo in good order: await() throws.
  Stage(Story& story, bool keep);
  // Ends the programs and removes the folder, unless it is to be kept.
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

  // Runs `ferry ARGUMENTS` in the folder to its end and shows the command line. Returns the last line that it said;
  // throws Failure with it where it fails. A password goes through the environment.
  std::string ferry(const std::vector<std::string>& arguments, const std::string& ftp_password = "");
  // Starts a program of ours that runs until the stage is struck; it writes to `log` in the folder.
  const host::ChildProcess& start(const std::string& program, std::vector<std::string> arguments,
                                  const std::string& log);
  // Likewise another's program, found in PATH, which can be typed to.
  const host::ChildProcess& start_machine(std::vector<std::string> command, const std::string& log);
  void write(const std::string& file, const std::string& text) const;

  // Calls `done` until it answers true, for at most `seconds`. Throws Failure after that, where a program has ended
  // meanwhile, and at a signal.
  void await(const std::string& what, double seconds, const std::function<bool()>& done) const;

 private:
  struct Running {
    std::string program;
    std::filesystem::path log;
    std::unique_ptr<host::ChildProcess> process;
  };
  const host::ChildProcess& run(const std::string& label, host::ChildProcess::Program program, const std::string& log);
  void check_disk() const;
  void check_programs() const;

  Story& story_;
  bool keep_;
  std::filesystem::path folder_;
  std::vector<Running> running_;
};

}  // namespace ferry::tool
