#include "host/peers/child_process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "host/failure.h"

namespace ferry::host {
namespace {

constexpr Duration kTimeToEnd = 5s;

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> list;
  for (std::string& word : words) {
    list.push_back(word.data());
  }
  list.push_back(nullptr);
  return list;
}

// What the child needs, prepared before the fork: after it only async-signal-safe calls are allowed.
struct Image {
  explicit Image(const ChildProcess::Program& program)
      : words(program.command),
        variables(program.environment),
        output(program.output.empty() ? "/dev/null" : program.output.string()),
        largest_file(program.largest_file) {
    for (char** variable = environ; *variable != nullptr; ++variable) {
      variables.emplace_back(*variable);
    }
    argv = pointers(words);
    envp = pointers(variables);
  }

  std::vector<std::string> words;
  std::vector<std::string> variables;
  std::string output;
  int input = -1;  // its stdin; -1: /dev/null
  std::optional<std::uint64_t> largest_file;
  std::vector<char*> argv;
  std::vector<char*> envp;
};

void prepare_files(const Image& image) {
  const int in = image.input >= 0 ? image.input : ::open("/dev/null", O_RDONLY);
  const int out = ::open(image.output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  if (image.largest_file) {
    const rlimit limit{.rlim_cur = *image.largest_file, .rlim_max = *image.largest_file};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    ::signal(SIGXFSZ, SIG_IGN);  // an error of write() instead
  }
}

[[noreturn]] void become(const Image& image, pid_t parent, int report) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  if (::getppid() == parent) {
    prepare_files(image);
    ::execvpe(image.argv[0], image.argv.data(), image.envp.data());
  }
  const int error = errno;
  [[maybe_unused]] const auto written = ::write(report, &error, sizeof error);
  ::_exit(127);
}

using Pipe = std::array<int, 2>;  // to read from, to write to

Pipe make_pipe() {
  Pipe ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw Failure("no pipe: {}", std::strerror(errno));
  }
  return ends;
}

// The errno of a failed exec; nothing comes through the pipe when it succeeds.
int exec_error(int report) {
  int error = 0;
  ssize_t size = 0;
  do {
    size = ::read(report, &error, sizeof error);
  } while (size < 0 && errno == EINTR);
  return size == sizeof error ? error : 0;
}

}  // namespace

ChildProcess::ChildProcess(const Program& program) {
  Image image(program);
  if (program.takes_input) {
    const Pipe input = make_pipe();
    image.input = input[0];
    input_ = input[1];
  }
  const Pipe report = make_pipe();
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) {
    become(image, parent, report[1]);
  }
  ::close(report[1]);
  if (image.input >= 0) {
    ::close(image.input);
  }
  const int error = pid_ < 0 ? errno : exec_error(report[0]);
  ::close(report[0]);
  if (pid_ > 0) {
    watch_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  }
  if (error != 0) {
    end();
    throw Failure("{} does not start: {}", program.command.front(), std::strerror(error));
  }
}

bool ChildProcess::has_ended(Duration limit) const {
  if (pid_ < 0) {
    return true;
  }
  pollfd ended{.fd = watch_, .events = POLLIN, .revents = 0};
  int ready = 0;
  do {
    ready = ::poll(&ended, 1, static_cast<int>(limit.count()));
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

void ChildProcess::signal(int number) const {
  if (pid_ > 0) {
    ::kill(pid_, number);
  }
}

void ChildProcess::type(std::string_view text) const {
  while (!text.empty()) {
    const ssize_t written = ::write(input_, text.data(), text.size());
    if (written < 0 && errno != EINTR) {
      throw Failure("cannot type: {}", std::strerror(errno));
    }
    text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
  }
}

int ChildProcess::end() {
  signal(SIGTERM);
  static_cast<void>(has_ended(kTimeToEnd));
  return kill();
}

int ChildProcess::wait(Duration limit) {
  static_cast<void>(has_ended(limit));
  return end();
}

int ChildProcess::kill() {
  if (pid_ <= 0) {
    return code_;
  }
  // The program is not reaped yet, so its id, and its group's, cannot belong to anybody else.
  ::kill(-pid_, SIGKILL);
  return reap();
}

int ChildProcess::reap() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  pid_ = -1;
  ::close(watch_);
  watch_ = -1;
  if (input_ >= 0) {
    ::close(std::exchange(input_, -1));
  }
  return code_;
}

}  // namespace ferry::host
