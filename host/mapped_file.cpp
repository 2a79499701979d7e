#include "host/mapped_file.h"

#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/failure.h"

namespace ferry::host {

MappedFile::MappedFile(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (file < 0 || ::fstat(file, &status) != 0) {
    const int error = errno;
    if (file >= 0) {
      ::close(file);
    }
    throw Failure("{}: cannot read it: {}", path.string(), std::strerror(error));
  }
  if (!S_ISREG(status.st_mode)) {
    ::close(file);
    throw Failure("{}: this is no file", path.string());
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  void* const start = size > 0 ? ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0) : nullptr;
  const int error = errno;
  ::close(file);
  if (start == MAP_FAILED) {
    throw Failure("{}: cannot read it: {}", path.string(), std::strerror(error));
  }
  bytes_ = {static_cast<const std::uint8_t*>(start), size};
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) {
    ::munmap(const_cast<std::uint8_t*>(bytes_.data()), bytes_.size());
  }
}

}  // namespace ferry::host
