#include "tests/mosquitto/broker_process.h"

#include <arpa/inet.h>
#include <array>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <netinet/in.h>
#include <sstream>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "ports/posix/system.h"
#include "ports/posix/unique_fd.h"

namespace ferry::test {
namespace {

using posix::UniqueFd;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::uint16_t free_port() {
  const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no free port");
  }
  return ntohs(address.sin_port);
}

bool answers(std::uint16_t port) {
  const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(port);
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// True when it became so within ten seconds.
template <typename Condition>
bool becomes_true(Condition condition) {
  const Instant end = posix::monotonic_now() + 10s;
  while (!condition()) {
    if (posix::monotonic_now() >= end) {
      return false;
    }
    std::this_thread::sleep_for(10ms);
  }
  return true;
}

std::string content(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

}  // namespace

Child::Child(std::vector<std::string> command, const std::string& output) {
  std::vector<char*> argv;
  for (std::string& word : command) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    const int file = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(file, STDOUT_FILENO);
    ::dup2(file, STDERR_FILENO);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
}

Child& Child::operator=(Child&& other) noexcept {
  std::swap(pid_, other.pid_);
  return *this;
}

bool Child::has_ended() {
  if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) {
    pid_ = -1;
  }
  return pid_ <= 0;
}

int Child::wait() {
  int status = 0;
  if (pid_ <= 0 || ::waitpid(pid_, &status, 0) != pid_) {
    return -1;
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void Child::kill() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
}

bool BrokerProcess::is_installed() {
  return Child({"sh", "-c", "PATH=$PATH:/usr/sbin; command -v mosquitto mosquitto_sub mosquitto_passwd"}).wait() == 0;
}

BrokerProcess::BrokerProcess() : port_(free_port()) {
  const std::filesystem::path& folder = folder_.path();
  const std::string passwords = (folder / "passwords").string();
  std::ofstream(passwords).close();
  for (const char* user : {"meter", "other", "hub"}) {
    if (Child({"mosquitto_passwd", "-b", passwords, user, kPassword}).wait() != 0) {
      throw std::runtime_error("mosquitto_passwd does not work");
    }
  }
  std::ofstream(folder / "access") << "user hub\ntopic read #\n\npattern write ferry/%c/#\n";
  std::ofstream(folder / "mosquitto.conf")
      << "listener " << port_ << " 127.0.0.1\nallow_anonymous false\npassword_file " << passwords << "\nacl_file "
      << (folder / "access").string() << "\npersistence false\nuser root\n";
  start();
}

void BrokerProcess::start() {
  const std::string path = std::string(::getenv("PATH")) + ":/usr/sbin";
  ::setenv("PATH", path.c_str(), 1);
  broker_ = Child({"mosquitto", "-c", (folder_.path() / "mosquitto.conf").string()}, (folder_.path() / "log").string());
  if (!becomes_true([this] { return broker_.has_ended() || answers(port_); }) || broker_.has_ended()) {
    throw std::runtime_error("mosquitto does not come up: " + content(folder_.path() / "log"));
  }
}

// A retained message of its own topic tells that the subscription is in force.
BrokerProcess::Subscriber::Subscriber(const BrokerProcess& broker) {
  child_ = Child({"stdbuf", "-oL", "mosquitto_sub", "-d", "-h", "127.0.0.1", "-p", std::to_string(broker.port()), "-u",
                  "hub", "-P", kPassword, "-q", "1", "-t", "ferry/#", "-F", "message retained=%r qos=%q %t %p"},
                 (folder_.path() / "lines").string());
  if (!sees("Subscribed")) {
    throw std::runtime_error("mosquitto_sub does not subscribe: " + lines());
  }
}

bool BrokerProcess::Subscriber::sees(const std::string& text) {
  return becomes_true([&] { return lines().find(text) != std::string::npos; });
}

std::string BrokerProcess::Subscriber::lines() const {
  return content(folder_.path() / "lines");
}

}  // namespace ferry::test
