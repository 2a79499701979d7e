// One run of mosquitto, as a child of the calling thread: it is asked to end (SIGTERM) when that thread ends, however
// the hub ends, and then saves what it holds.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <sys/types.h>

namespace ferry::hub {

// Where mosquitto is, from PATH and where Debian has it. Throws host::Failure, saying how to install it.
[[nodiscard]] std::filesystem::path find_mosquitto();

// Whose files mosquitto's must be: as root, those of the user it runs as; otherwise ours.
struct BrokerUser {
  uid_t uid = 0;
  gid_t gid = 0;
};
[[nodiscard]] BrokerUser broker_user();

class BrokerProcess {
 public:
  // Runs in `folder`, with mosquitto.conf from there; its log is appended to mosquitto.log. `lock` stays open in it.
  // Throws host::Failure.
  BrokerProcess(const std::filesystem::path& program, const std::filesystem::path& folder, int lock);
  ~BrokerProcess() { end(); }
  BrokerProcess(const BrokerProcess&) = delete;
  BrokerProcess& operator=(const BrokerProcess&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] int watch() const { return watch_; }  // readable when it has ended
  [[nodiscard]] bool has_ended() const;
  void reload() const;  // it reads its accounts anew
  void end();           // in good order; SIGKILL 10 s later

 private:
  void wait_for_end(std::chrono::milliseconds limit) const;

  pid_t pid_ = -1;
  int watch_ = -1;
};

}  // namespace ferry::hub
