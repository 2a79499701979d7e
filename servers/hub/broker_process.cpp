#include "servers/hub/broker_process.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/failure.h"

namespace ferry::hub {
namespace {

constexpr std::chrono::milliseconds kTimeToSave{10000};

// Everything that the child needs, prepared before the fork: after it only async-signal-safe calls are allowed.
struct Image {
  const char* program;
  const char* folder;
  int lock;
  int report;
  pid_t parent;
  bool change_user;
  BrokerUser user;
};

// The folder is entered first, so that the broker's user need not be able to reach it. A change of user would clear the
// parent-death signal, so it comes before that, and mosquitto, which no longer is root, makes none of its own.
bool prepare(const Image& image) {
  if (::setpgid(0, 0) != 0 || ::chdir(image.folder) != 0) {
    return false;
  }
  if (image.change_user &&
      (::setgroups(1, &image.user.gid) != 0 || ::setgid(image.user.gid) != 0 || ::setuid(image.user.uid) != 0)) {
    return false;
  }
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != image.parent) {
    return false;
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  const int null = ::open("/dev/null", O_RDONLY);
  const int log = ::open("mosquitto.log", O_WRONLY | O_CREAT | O_APPEND, 0600);
  return ::dup2(null, STDIN_FILENO) >= 0 && ::dup2(log, STDOUT_FILENO) >= 0 && ::dup2(log, STDERR_FILENO) >= 0 &&
         ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0 && ::fcntl(image.lock, F_SETFD, 0) == 0;
}

[[noreturn]] void become(const Image& image) {
  if (prepare(image)) {
    ::execl(image.program, image.program, "-c", "mosquitto.conf", nullptr);
  }
  const int error = errno;
  [[maybe_unused]] const auto written = ::write(image.report, &error, sizeof error);
  ::_exit(127);
}

// The errno of what failed before the program ran; nothing comes through the pipe when it runs.
int read_report(int report) {
  int error = 0;
  ssize_t size = 0;
  do {
    size = ::read(report, &error, sizeof error);
  } while (size < 0 && errno == EINTR);
  return size == sizeof error ? error : 0;
}

}  // namespace

std::filesystem::path find_mosquitto() {
  const char* variable = std::getenv("PATH");
  std::string places = std::string(variable != nullptr ? variable : "") + ":/usr/sbin:/usr/local/sbin";
  for (std::size_t begin = 0; begin < places.size();) {
    const std::size_t end = std::min(places.find(':', begin), places.size());
    std::filesystem::path program = std::filesystem::path(places.substr(begin, end - begin)) / "mosquitto";
    if (end > begin && ::access(program.c_str(), X_OK) == 0) {
      return program;
    }
    begin = end + 1;
  }
  throw host::Failure("mosquitto, the MQTT broker, is not installed: apt-get install mosquitto, or use --mqtt URL");
}

BrokerUser broker_user() {
  BrokerUser user{.uid = ::geteuid(), .gid = ::getegid()};
  if (user.uid != 0) {
    return user;
  }
  for (const char* name : {"mosquitto", "nobody"}) {
    if (const passwd* entry = ::getpwnam(name); entry != nullptr) {
      return {.uid = entry->pw_uid, .gid = entry->pw_gid};
    }
  }
  return user;
}

BrokerProcess::BrokerProcess(const std::filesystem::path& program, const std::filesystem::path& folder, int lock) {
  int report[2];
  if (::pipe2(report, O_CLOEXEC) != 0) {
    throw host::Failure("no pipe: {}", std::strerror(errno));
  }
  const BrokerUser user = broker_user();
  const Image image{.program = program.c_str(),
                    .folder = folder.c_str(),
                    .lock = lock,
                    .report = report[1],
                    .parent = ::getpid(),
                    .change_user = user.uid != ::geteuid(),
                    .user = user};
  pid_ = ::fork();
  if (pid_ == 0) {
    become(image);
  }
  ::close(report[1]);
  const int error = pid_ < 0 ? errno : read_report(report[0]);
  ::close(report[0]);
  if (pid_ > 0) {
    watch_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  }
  if (error != 0) {
    end();
    throw host::Failure("{} does not start: {}", program.string(), std::strerror(error));
  }
}

void BrokerProcess::wait_for_end(std::chrono::milliseconds limit) const {
  pollfd ended{.fd = watch_, .events = POLLIN, .revents = 0};
  ::poll(&ended, 1, static_cast<int>(limit.count()));
}

bool BrokerProcess::has_ended() const {
  pollfd ended{.fd = watch_, .events = POLLIN, .revents = 0};
  return pid_ < 0 || ::poll(&ended, 1, 0) > 0;
}

void BrokerProcess::reload() const {
  if (pid_ > 0) {
    ::kill(pid_, SIGHUP);
  }
}

void BrokerProcess::end() {
  if (pid_ <= 0) {
    return;
  }
  // It is not reaped yet, so its id cannot belong to anybody else.
  ::kill(pid_, SIGTERM);
  wait_for_end(kTimeToSave);
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  ::close(watch_);
  watch_ = -1;
}

}  // namespace ferry::hub
