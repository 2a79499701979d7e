// Reads the lines that another process appends to a file, as they come.
#pragma once

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

namespace ferry::tool {

class LogTail {
 public:
  explicit LogTail(std::filesystem::path file) : file_(std::move(file)) {}

  // The next whole line; nothing while there is none yet.
  [[nodiscard]] std::optional<std::string> next();

 private:
  std::filesystem::path file_;
  std::streamoff read_ = 0;
};

}  // namespace ferry::tool
