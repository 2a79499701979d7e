#include "ports/posix/process_board.h"

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ports/posix/unique_fd.h"

namespace ferry::posix {

ResetCause ProcessBoard::take_reset_cause() {
  const char* value = std::getenv(kCauseVariable);
  const std::string_view cause = value != nullptr ? value : "";
  const ResetCause result = cause == "software"   ? ResetCause::kSoftware
                            : cause == "watchdog" ? ResetCause::kWatchdog
                                                  : ResetCause::kPowerOn;
  ::unsetenv(kCauseVariable);
  return result;
}

void ProcessBoard::restart(char* const* argv, ResetCause cause) {
  const char* value = cause == ResetCause::kSoftware   ? "software"
                      : cause == ResetCause::kWatchdog ? "watchdog"
                                                       : "power-on";
  ::setenv(kCauseVariable, value, 1);
  ::execv("/proc/self/exe", argv);
}

void ProcessBoard::feed_watchdog() {
  const char* path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  if (path == nullptr || *path == '\0' || std::strlen(path) >= sizeof address.sun_path) {
    return;
  }
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path, std::strlen(path));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path));
  if (address.sun_path[0] == '@') {
    address.sun_path[0] = '\0';  // a name in Linux's abstract space
  }
  constexpr std::string_view kAlive = "WATCHDOG=1";
  const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  (void)::sendto(socket.get(), kAlive.data(), kAlive.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
                 size);
}

}  // namespace ferry::posix
