// Reading files whole, and writing several of them as one: nothing half-written is left behind.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/bytes.h"

namespace ferry::host {

inline constexpr std::uintmax_t kMaxFile = std::uintmax_t{1} << 32;

// Throws Failure with one clear line: not there, a folder, a device or pipe, not readable, larger than `limit`.
[[nodiscard]] Bytes read_file(const std::filesystem::path& path, std::uintmax_t limit = kMaxFile);
[[nodiscard]] std::string read_text_file(const std::filesystem::path& path, std::uintmax_t limit = 1U << 20);

enum class Mode { kPublic = 0644, kSecret = 0600 };
enum class Existing { kRefuse, kReplace };

// Files that appear together. put() writes each under a temporary name beside its place, commit() renames them into
// place in the order of put(); without commit(), and after a failure of it, everything that this object made is
// removed again, folders included. (A file that was replaced before the failure stays replaced: put it last.)
class FileSet {
 public:
  FileSet() = default;
  ~FileSet();
  FileSet(const FileSet&) = delete;
  FileSet& operator=(const FileSet&) = delete;

  // Throws Failure; also where `path` is a folder, a device or a pipe, and with kRefuse where it exists.
  void put(const std::filesystem::path& path, ByteView bytes, Mode mode = Mode::kPublic,
           Existing existing = Existing::kReplace);
  void put(const std::filesystem::path& path, std::string_view text, Mode mode = Mode::kPublic,
           Existing existing = Existing::kReplace);
  // More of the file that was put last.
  void append(ByteView bytes);
  void commit();

 private:
  struct Entry {
    std::filesystem::path temporary;
    std::filesystem::path path;
    Existing existing;
    bool made = false;      // in place, where there was nothing before
    bool appended = false;  // since it was last brought to the disk
  };
  void make_folders(const std::filesystem::path& folder);
  void place(Entry& entry);

  std::vector<Entry> entries_;
  std::vector<std::filesystem::path> folders_;  // made by this object, parents first
  bool committed_ = false;
};

// Appends one line, in one write, so that several writers do not mix. A new file gets mode 0600.
void append_line(const std::filesystem::path& path, std::string_view line);

}  // namespace ferry::host
