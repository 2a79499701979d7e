// A mosquitto of the test's own: free loopback port, password file, access list; ended by its process id.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

#include "ports/posix/temporary_folder.h"

namespace ferry::test {

// A child process; killed at the end unless it ended before.
class Child {
 public:
  Child() = default;
  explicit Child(std::vector<std::string> command, const std::string& output = "/dev/null");
  ~Child() { kill(); }
  Child(Child&& other) noexcept : pid_(other.pid_) { other.pid_ = -1; }
  Child& operator=(Child&& other) noexcept;

  [[nodiscard]] bool has_ended();
  int wait();  // its exit code, or -1
  void kill();

 private:
  pid_t pid_ = -1;
};

class BrokerProcess {
 public:
  // Runs until the end of scope. Accounts: "meter" and "other" (each writes below ferry/<client id>/ only), "hub"
  // (reads all).
  static constexpr const char* kPassword = "a secret of the test";
  [[nodiscard]] static bool is_installed();

  // Throws std::runtime_error where it does not come up.
  BrokerProcess();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  void stop() { broker_.kill(); }
  void start();  // again, on the same port

  // A subscriber to all topics that writes "RETAINED QOS TOPIC PAYLOAD" lines; ready when this returns.
  class Subscriber {
   public:
    explicit Subscriber(const BrokerProcess& broker);
    // Waits for a line that holds `text`, for ten seconds at most.
    [[nodiscard]] bool sees(const std::string& text);
    [[nodiscard]] std::string lines() const;

   private:
    ferry::posix::TemporaryFolder folder_;
    Child child_;
  };

 private:
  ferry::posix::TemporaryFolder folder_;
  std::uint16_t port_;
  Child broker_;
};

}  // namespace ferry::test
