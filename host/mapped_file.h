// A file as bytes that are read when they are looked at, for files that are too large to be copied.
#pragma once

#include <filesystem>

#include "host/bytes.h"

namespace ferry::host {

class MappedFile {
 public:
  // Throws Failure as read_file().
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  // What it holds, as long as nobody makes the file shorter.
  [[nodiscard]] ByteView bytes() const { return bytes_; }

 private:
  ByteView bytes_;
};

}  // namespace ferry::host
