#include "servers/ftp/folder_sink.h"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "host/crypto.h"

namespace ferry::server::ftp {
namespace {

constexpr mode_t kFileMode = 0644;

class FileSink : public Sink {
 public:
  FileSink(Descriptor file, std::uint64_t offset, std::uint64_t max_size)
      : file_(std::move(file)), offset_(offset), max_size_(max_size) {}

  [[nodiscard]] TreeResult<void> write(ByteView bytes) override {
    if (bytes.size() > max_size_ || offset_ > max_size_ - bytes.size()) {
      return tl::unexpected(TreeError::kTooLarge);
    }
    while (!bytes.empty()) {
      const ssize_t written = ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset_));
      if (written < 0 && errno != EINTR) {
        return tl::unexpected(tree_error(errno));
      }
      const std::size_t size = written < 0 ? 0 : static_cast<std::size_t>(written);
      offset_ += size;
      bytes = bytes.subspan(size);
    }
    return {};
  }
  // close() is where some file systems say that the disk is full.
  [[nodiscard]] TreeResult<void> finish() override {
    if (::close(file_.release()) != 0) {
      return tl::unexpected(tree_error(errno));
    }
    return {};
  }

 private:
  Descriptor file_;
  std::uint64_t offset_;
  std::uint64_t max_size_;
};

class ReplacingSink final : public FileSink {
 public:
  ReplacingSink(Descriptor folder, std::string temporary, std::string name, Descriptor file, std::uint64_t max_size)
      : FileSink(std::move(file), 0, max_size),
        folder_(std::move(folder)),
        temporary_(std::move(temporary)),
        name_(std::move(name)) {}
  ~ReplacingSink() override {
    if (!placed_) {
      ::unlinkat(folder_.get(), temporary_.c_str(), 0);
    }
  }

  [[nodiscard]] TreeResult<void> finish() override {
    if (const auto closed = FileSink::finish(); !closed) {
      return closed;
    }
    if (::renameat(folder_.get(), temporary_.c_str(), folder_.get(), name_.c_str()) != 0) {
      return tl::unexpected(tree_error(errno));
    }
    placed_ = true;
    return {};
  }

 private:
  Descriptor folder_;
  std::string temporary_;
  std::string name_;
  bool placed_ = false;
};

struct OpenFile {
  Descriptor descriptor;
  std::uint64_t size;
};

// In place, and nobody else at the same time.
TreeResult<OpenFile> open_in_place(const Descriptor& folder, const std::string& name, int flags) {
  Descriptor file(::openat(folder.get(), name.c_str(),
                           O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags, kFileMode));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0) {
    return tl::unexpected(tree_error(errno));
  }
  if (!S_ISREG(status.st_mode)) {
    return tl::unexpected(TreeError::kNotAFile);
  }
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    return tl::unexpected(TreeError::kBusy);
  }
  return OpenFile{.descriptor = std::move(file), .size = static_cast<std::uint64_t>(status.st_size)};
}

}  // namespace

TreeError tree_error(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ELOOP:
      return TreeError::kNotFound;
    case ENOTDIR:
      return TreeError::kNotAFolder;
    case EISDIR:
    case ENXIO:
      return TreeError::kNotAFile;
    case EEXIST:
      return TreeError::kExists;
    case ENOTEMPTY:
      return TreeError::kNotEmpty;
    case EACCES:
    case EPERM:
    case EROFS:
      return TreeError::kDenied;
    case ENOSPC:
    case EDQUOT:
      return TreeError::kNoSpace;
    case EFBIG:
      return TreeError::kTooLarge;
    default:
      return TreeError::kFailed;
  }
}

TreeResult<std::unique_ptr<Sink>> open_replacing(Descriptor folder, const std::string& name, std::uint64_t max_size) {
  const auto random = host::random_array<std::array<std::uint8_t, 8>>();
  const std::string temporary = fmt::format("{}{}", Path::kReservedPrefix, host::to_hex(random));
  Descriptor file(
      ::openat(folder.get(), temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kFileMode));
  if (!file) {
    return tl::unexpected(tree_error(errno));
  }
  return std::make_unique<ReplacingSink>(std::move(folder), temporary, name, std::move(file), max_size);
}

TreeResult<std::unique_ptr<Sink>> open_appending(const Descriptor& folder, const std::string& name,
                                                 std::uint64_t max_size) {
  auto file = open_in_place(folder, name, O_CREAT);
  if (!file) {
    return tl::unexpected(file.error());
  }
  return std::make_unique<FileSink>(std::move(file->descriptor), file->size, max_size);
}

TreeResult<std::unique_ptr<Sink>> open_continuing(const Descriptor& folder, const std::string& name,
                                                  std::uint64_t offset, std::uint64_t max_size) {
  auto file = open_in_place(folder, name, 0);
  if (!file) {
    return tl::unexpected(file.error());
  }
  if (offset > file->size) {
    return tl::unexpected(TreeError::kBeyondEnd);
  }
  if (::ftruncate(file->descriptor.get(), static_cast<off_t>(offset)) != 0) {
    return tl::unexpected(tree_error(errno));
  }
  return std::make_unique<FileSink>(std::move(file->descriptor), offset, max_size);
}

}  // namespace ferry::server::ftp
