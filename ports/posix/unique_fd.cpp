#include "ports/posix/unique_fd.h"

#include <cerrno>
#include <system_error>
#include <unistd.h>

namespace ferry::posix {

void UniqueFd::reset() {
  if (fd_ >= 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

std::string system_message(const std::string& name) {
  return name + ": " + std::generic_category().message(errno);
}

}  // namespace ferry::posix
