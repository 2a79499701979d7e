#include "host/files.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

#include "host/failure.h"

namespace ferry::host {
namespace {

namespace fs = std::filesystem;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

[[noreturn]] void throw_errno(const fs::path& path, std::string_view what) {
  throw Failure("cannot {} {}: {}", what, path.string(), std::strerror(errno));
}

void write_all(int descriptor, ByteView bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      throw_errno(path, "write");
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

fs::path temporary_name(const fs::path& path) {
  return path.parent_path() / fmt::format(".{}.{}.tmp", path.filename().string(), ::getpid());
}

}  // namespace

Bytes read_file(const fs::path& path, std::uintmax_t limit) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    throw Failure("{}: no such file", path.string());
  }
  if (fs::is_directory(status)) {
    throw Failure("{}: this is a folder; give a file", path.string());
  }
  if (!fs::is_regular_file(status)) {
    throw Failure("{}: this is no file", path.string());  // a pipe, whose size would be 0
  }
  const std::uintmax_t size = fs::file_size(path, error);
  if (size > limit) {
    throw Failure("{}: {} bytes; at most {} are expected here", path.string(), size, limit);
  }
  std::ifstream file(path, std::ios::binary);
  Bytes bytes(size);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  if (!file) {
    throw Failure("{}: cannot read it: {}", path.string(), std::strerror(errno));
  }
  return bytes;
}

std::string read_text_file(const fs::path& path, std::uintmax_t limit) {
  const Bytes bytes = read_file(path, limit);
  return std::string(as_text(bytes));
}

FileSet::~FileSet() {
  if (committed_) {
    return;
  }
  std::error_code ignored;
  for (const Entry& entry : entries_) {
    fs::remove(entry.temporary, ignored);
    if (entry.made) {
      fs::remove(entry.path, ignored);
    }
  }
  for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder) {
    fs::remove(*folder, ignored);  // only where empty
  }
}

void FileSet::put(const fs::path& path, std::string_view text, Mode mode, Existing existing) {
  put(path, as_bytes(text), mode, existing);
}

void FileSet::put(const fs::path& path, ByteView bytes, Mode mode, Existing existing) {
  if (existing == Existing::kRefuse && fs::exists(fs::symlink_status(path))) {
    throw Failure("{} exists and is not overwritten; move it away first", path.string());
  }
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    throw Failure("cannot write {}: this is no file", path.string());  // a device or pipe, which rename() would replace
  }
  make_folders(path.parent_path());
  const fs::path temporary = temporary_name(path);
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  fs::remove(temporary);  // of an earlier run with our process id
  const Descriptor file(::open(temporary.c_str(), flags, static_cast<mode_t>(mode)));
  if (file.number() < 0) {
    throw_errno(path, "write");
  }
  entries_.push_back({.temporary = temporary, .path = path, .existing = existing});
  write_all(file.number(), bytes, path);
  if (::fsync(file.number()) != 0) {
    throw_errno(path, "write");
  }
}

void FileSet::append(ByteView bytes) {
  Entry& entry = entries_.back();
  const Descriptor file(::open(entry.temporary.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  if (file.number() < 0) {
    throw_errno(entry.path, "write");
  }
  write_all(file.number(), bytes, entry.path);
  entry.appended = true;
}

void FileSet::make_folders(const fs::path& folder) {
  if (folder.empty() || fs::exists(folder)) {
    return;
  }
  make_folders(folder.parent_path());
  std::error_code error;
  fs::create_directory(folder, error);
  if (error) {
    throw Failure("cannot make the folder {}: {}", folder.string(), error.message());
  }
  folders_.push_back(folder);
}

void FileSet::place(Entry& entry) {
  if (entry.appended) {
    const Descriptor file(::open(entry.temporary.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.number() < 0 || ::fsync(file.number()) != 0) {
      throw_errno(entry.path, "write");
    }
  }
  const bool fresh = !fs::exists(fs::symlink_status(entry.path));
  // link() refuses an existing name where rename() would replace it.
  const int result = entry.existing == Existing::kRefuse ? ::link(entry.temporary.c_str(), entry.path.c_str())
                                                         : ::rename(entry.temporary.c_str(), entry.path.c_str());
  if (result != 0) {
    throw_errno(entry.path, "write");
  }
  entry.made = fresh;
  std::error_code ignored;
  fs::remove(entry.temporary, ignored);
}

void FileSet::commit() {
  for (Entry& entry : entries_) {
    place(entry);
  }
  committed_ = true;
}

void append_line(const fs::path& path, std::string_view line) {
  const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
  const Descriptor file(::open(path.c_str(), flags, static_cast<mode_t>(Mode::kSecret)));
  if (file.number() < 0) {
    throw_errno(path, "append to");
  }
  std::string whole(line);
  whole.push_back('\n');
  write_all(file.number(), as_bytes(whole), path);
}

}  // namespace ferry::host
