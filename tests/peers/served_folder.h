// A folder under the temporary one that every server's account can read, gone at the end; and what is put in it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <sys/stat.h>

#include "host/files.h"

namespace ferry::peers {

namespace fs = std::filesystem;

// `size` bytes without a period, different for each seed.
inline std::string content(std::size_t size, std::uint32_t seed = 1) {
  std::string bytes(size, '\0');
  std::uint32_t state = seed * 2654435761U + 1;
  for (char& byte : bytes) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

class ServedFolder {
 public:
  ServedFolder() {
    std::string pattern = (fs::temp_directory_path() / "ferry-served-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
    ::chmod(path.c_str(), 0755);
  }
  ~ServedFolder() {
    std::error_code error;
    fs::remove_all(path, error);
  }
  ServedFolder(const ServedFolder&) = delete;
  ServedFolder& operator=(const ServedFolder&) = delete;

  void put(const fs::path& file, std::string_view bytes) const {
    host::FileSet files;
    files.put(path / file, bytes);
    files.commit();
  }
  [[nodiscard]] std::string get(const fs::path& file) const {
    const host::Bytes bytes = host::read_file(path / file);
    return std::string(as_text(bytes));
  }
  [[nodiscard]] bool has(const fs::path& file) const { return fs::exists(path / file); }

  fs::path path;
};

}  // namespace ferry::peers
