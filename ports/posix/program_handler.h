// A component that a program puts in force: `rauc install {file}`, `fw_setenv ...`, a copy to a partition.
//
// The bytes are FOLDER/NAME; NAME.part while they come in, NAME.new once they are whole and durable, NAME.old what was
// in force before. Every change is one rename, so a kill or a loss of power at any moment leaves one of these:
//
//   | NAME.new | NAME.old | means                              | activate()             | roll_back()                |
//   |----------|----------|------------------------------------|------------------------|----------------------------|
//   | no       | no       | at rest                            | true                   | true                       |
//   | yes      | no       | new bytes, or the very first ones  | runs with the new file | drops the new file         |
//   | yes      | yes      | the program was started            | runs with the new file | runs with the old file     |
//   | no       | yes      | in force; the old ones are kept    | true                   | runs with the old file     |
//
// So the program may be run again with the same file, and must come to the same end. NAME.old goes when the next
// bytes begin to come in. Where there are no old bytes, roll_back() cannot take back what the program did.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "device/base/handler.h"
#include "device/base/time.h"
#include "ports/posix/unique_fd.h"

namespace ferry::posix {

// A command line as words: split at blanks, "double" and 'single' quotes hold a word together, no shell. Nothing where
// a quote is not closed.
[[nodiscard]] std::optional<std::vector<std::string>> split_command(std::string_view line);

class ProgramHandler final : public Handler {
 public:
  // `command`: {file} becomes the path of the file; empty = the file itself is all there is to it.
  // Throws std::runtime_error where the folder cannot be made or the command line has no end of quote.
  ProgramHandler(std::filesystem::path folder, const std::string& name, std::string_view command);
  ~ProgramHandler();  // ends the program, where it runs
  ProgramHandler(const ProgramHandler&) = delete;
  ProgramHandler& operator=(const ProgramHandler&) = delete;

  [[nodiscard]] Status begin(std::uint32_t size) override;
  [[nodiscard]] Status write(ByteView bytes) override;
  [[nodiscard]] Status finish() override;
  [[nodiscard]] Status read(std::uint32_t offset, ByteSpan bytes) override;
  [[nodiscard]] Result<bool> activate() override;
  [[nodiscard]] Result<bool> roll_back() override;

 private:
  enum class Run : std::uint8_t { kNone, kActivate, kRollBack };

  [[nodiscard]] Status forget_old() const;
  [[nodiscard]] bool keep_old() const;
  [[nodiscard]] bool put_new_in_force() const;
  [[nodiscard]] bool put_old_in_force() const;
  [[nodiscard]] bool sync_folder() const;
  // Starts the program, or looks after it: true = it ended well, false = call again.
  [[nodiscard]] Result<bool> run(Run run, const std::filesystem::path& file);
  [[nodiscard]] Result<bool> wait_for_program();
  [[nodiscard]] bool stop_program();
  void kill_program();

  std::filesystem::path folder_;
  std::filesystem::path file_;
  std::filesystem::path part_;
  std::filesystem::path new_;
  std::filesystem::path old_;
  std::vector<std::string> command_;

  UniqueFd incoming_;
  std::uint32_t size_ = 0;
  std::uint32_t written_ = 0;

  Run run_ = Run::kNone;
  pid_t program_ = -1;
  Instant kill_at_ = kNever;  // it was asked to end
};

}  // namespace ferry::posix
