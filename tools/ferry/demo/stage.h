// Where the demo takes place: a temporary folder, the operator's commands, and the programs that run meanwhile.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "host/peers/child_process.h"
#include "host/peers/ftp_peer.h"
#include "tools/ferry/demo/log_tail.h"
#include "tools/ferry/demo/story.h"

namespace ferry::tool {

// Calls `done` until it answers true, for at most `seconds`. Throws Failure, with `what` did not happen, after that.
void await(const std::string& what, double seconds, const std::function<bool()>& done);

class Stage {
 public:
  Stage(Story& story, bool keep);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

  // Runs `ferry ARGUMENTS` in the folder to its end and shows the command line. Throws Failure where it fails.
  void ferry(const std::vector<std::string>& arguments);
  // Starts a program of ours that runs until the stage is struck; its stdout goes to `log`.
  host::ChildProcess& start(const std::string& program, std::vector<std::string> arguments,
                            const std::filesystem::path& log);

 private:
  Story& story_;
  bool keep_;
  std::filesystem::path folder_;
  std::vector<std::unique_ptr<host::ChildProcess>> children_;
};

}  // namespace ferry::tool
