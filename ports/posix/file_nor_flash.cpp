#include "ports/posix/file_nor_flash.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <stdexcept>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ferry::posix {
namespace {

constexpr std::uint8_t kErased = 0xFF;
constexpr std::uint32_t kReadBack = 16384;

bool write_all(int fd, std::uint64_t offset, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written <= 0) {
      if (written < 0 && errno == EINTR) {
        continue;
      }
      return false;
    }
    offset += static_cast<std::uint64_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

bool read_all(int fd, std::uint64_t offset, ByteSpan bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (got <= 0) {
      if (got < 0 && errno == EINTR) {
        continue;
      }
      return false;
    }
    offset += static_cast<std::uint64_t>(got);
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

void lock(const UniqueFd& file, const std::string& name) {
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    throw std::runtime_error(errno == EWOULDBLOCK ? name + ": in use by another process" : system_message(name));
  }
}

void fill(const UniqueFd& file, const std::string& name, std::uint64_t size) {
  const std::vector<std::uint8_t> block(1U << 20, kErased);
  for (std::uint64_t at = 0; at < size; at += block.size()) {
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), size - at));
    if (!write_all(file.get(), at, ByteView(block).first(piece))) {
      const std::string message = system_message(name);
      ::unlink(name.c_str());
      throw std::runtime_error(message);
    }
  }
}

// False when somebody else finished the file under its final name before the lock was ours.
bool still_named(const UniqueFd& file, const std::string& name) {
  struct stat ours {};
  struct stat named {};
  return ::fstat(file.get(), &ours) == 0 && ::stat(name.c_str(), &named) == 0 && ours.st_ino == named.st_ino;
}

// Never over a file that is there already; not every file system can do that in one step.
bool rename_to_new(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
    return true;
  }
  return errno == EINVAL && ::link(from.c_str(), to.c_str()) == 0 && ::unlink(from.c_str()) == 0;
}

// Erased flash under another name, then renamed: a kill in between leaves no half flash. Keeps the lock throughout.
UniqueFd create(const std::filesystem::path& path, std::uint64_t size) {
  const std::string fresh = path.string() + ".new";
  UniqueFd file(::open(fresh.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file) {
    throw std::runtime_error(system_message(fresh));
  }
  lock(file, path.string());
  if (!still_named(file, fresh)) {
    throw std::runtime_error(path.string() + ": in use by another process");
  }
  if (::ftruncate(file.get(), 0) != 0) {
    throw std::runtime_error(system_message(fresh));
  }
  fill(file, fresh, size);
  if (::fsync(file.get()) != 0 || !rename_to_new(fresh, path)) {
    throw std::runtime_error(system_message(path.string()));
  }
  const UniqueFd folder(::open(path.has_parent_path() ? path.parent_path().c_str() : ".", O_RDONLY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) {
    throw std::runtime_error(system_message(path.string()));
  }
  return file;
}

UniqueFd open_or_create(const std::filesystem::path& path, std::uint64_t size) {
  UniqueFd file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!file && errno == ENOENT) {
    return create(path, size);
  }
  if (!file) {
    throw std::runtime_error(system_message(path.string()));
  }
  lock(file, path.string());
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) {
    throw std::runtime_error(system_message(path.string()));
  }
  if (static_cast<std::uint64_t>(status.st_size) != size) {
    throw std::runtime_error(path.string() + ": holds " + std::to_string(status.st_size) +
                             " bytes, but this device's " + "flash has " + std::to_string(size) +
                             ": it belongs to another device, or the flash " + "settings were changed");
  }
  return file;
}

void check(const std::filesystem::path& path, const FlashGeometry& geometry) {
  const bool fits = std::has_single_bit(geometry.sector_size) && std::has_single_bit(geometry.write_size) &&
                    geometry.write_size <= std::min(kMaxWriteSize, geometry.sector_size) && geometry.size > 0 &&
                    geometry.size % geometry.sector_size == 0;
  if (!fits) {
    throw std::runtime_error(path.string() + ": not a geometry of NOR flash");
  }
}

}  // namespace

FileNorFlash::FileNorFlash(const std::filesystem::path& file, FlashGeometry geometry, Options options)
    : geometry_(geometry), options_(options) {
  check(file, geometry);
  file_ = open_or_create(file, geometry.size);
  erased_sector_.assign(geometry.sector_size, kErased);
}

bool FileNorFlash::inside(std::uint32_t offset, std::size_t size) const {
  return offset <= geometry_.size && size <= geometry_.size - offset;
}

Status FileNorFlash::read(std::uint32_t offset, ByteSpan bytes) {
  if (!inside(offset, bytes.size())) {
    return fail(Error::kOutOfRange);
  }
  if (!buffered_.holds(offset, bytes.size()) && programmed_.holds(offset, bytes.size())) {
    FERRY_TRY(read_back(offset));
  }
  if (buffered_.holds(offset, bytes.size())) {
    copy(ByteView(buffer_).subspan(offset - buffered_.from), bytes);
    return ok();
  }
  return read_all(file_.get(), offset, bytes) ? ok() : fail(Error::kIo);
}

// Whoever programs reads back at once, in small pieces: one call of the system for many of them.
Status FileNorFlash::read_back(std::uint32_t offset) {
  buffered_ = {};
  buffer_.resize(std::min(programmed_.to - offset, kReadBack));
  if (!read_all(file_.get(), offset, buffer_)) {
    return fail(Error::kIo);
  }
  buffered_ = {.from = offset, .to = offset + static_cast<std::uint32_t>(buffer_.size())};
  return ok();
}

Status FileNorFlash::program(std::uint32_t offset, ByteView bytes) {
  if (!inside(offset, bytes.size()) || offset % geometry_.write_size != 0 || bytes.size() % geometry_.write_size != 0) {
    return fail(Error::kOutOfRange);
  }
  FERRY_TRY(before(offset));
  FERRY_TRY(check_erased(offset, bytes.size()));
  const std::uint32_t end = offset + static_cast<std::uint32_t>(bytes.size());
  if (erased_.holds(offset, bytes.size())) {
    erased_.from = end;
  } else if (offset < erased_.to && end > erased_.from) {
    erased_ = {};
  }
  programmed_ = {.from = offset, .to = end};
  return write(offset, bytes);
}

Status FileNorFlash::check_erased(std::uint32_t offset, std::size_t size) {
  if (erased_.holds(offset, size)) {
    return ok();
  }
  buffered_ = {};
  buffer_.resize(size);
  if (!read_all(file_.get(), offset, buffer_)) {
    return fail(Error::kIo);
  }
  const bool erased = std::all_of(buffer_.begin(), buffer_.end(), [](std::uint8_t byte) { return byte == kErased; });
  return erased ? ok() : fail(Error::kFlashNotErased);
}

Status FileNorFlash::erase(std::uint32_t offset) {
  if (!inside(offset, geometry_.sector_size) || offset % geometry_.sector_size != 0) {
    return fail(Error::kOutOfRange);
  }
  FERRY_TRY(before(offset));
  FERRY_TRY(write(offset, erased_sector_));
  erased_ = {.from = erased_.to == offset ? erased_.from : offset, .to = offset + geometry_.sector_size};
  return ok();
}

// What was written earlier must be on the medium before the journal says so.
Status FileNorFlash::before(std::uint32_t offset) const {
  const bool is_barrier = options_.sync == Sync::kBarriers && offset < options_.barrier_end;
  return is_barrier && ::fdatasync(file_.get()) != 0 ? fail(Error::kIo) : ok();
}

Status FileNorFlash::write(std::uint32_t offset, ByteView bytes) {
  buffered_ = {};
  if (!write_all(file_.get(), offset, bytes)) {
    return fail(Error::kIo);
  }
  const bool durable =
      options_.sync == Sync::kAlways || (options_.sync == Sync::kBarriers && offset < options_.barrier_end);
  return durable && ::fdatasync(file_.get()) != 0 ? fail(Error::kIo) : ok();
}

}  // namespace ferry::posix
