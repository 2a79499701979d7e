#include "tools/ferry/demo/log_tail.h"

namespace ferry::tool {

std::optional<std::string> LogTail::next() {
  std::ifstream file(file_, std::ios::binary);
  std::string line;
  if (!file.seekg(read_) || !std::getline(file, line) || file.eof()) {
    return std::nullopt;  // eof: the line has no end yet
  }
  read_ += static_cast<std::streamoff>(line.size()) + 1;
  return line;
}

}  // namespace ferry::tool
