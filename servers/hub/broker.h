// The hub's own MQTT broker: mosquitto as a child, with accounts from the registry, restarted when it dies.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "servers/hub/broker_files.h"
#include "servers/hub/registry.h"
#include "servers/hub/wake.h"

namespace ferry::hub {

class BrokerProcess;

class Broker {
 public:
  struct Options {
    std::string address;           // IP address to listen on
    std::uint16_t port = 0;        // 0: a free one, the same for all the broker's life
    std::filesystem::path folder;  // its files; made where it is missing
    std::string hub_password;
    // PEM. A certificate with its chain and its key: devices log in over TLS. With an authority of clients: only those
    // whose certificate is signed by it.
    std::filesystem::path certificate, key, client_authority;
  };

  // Returns when the broker takes connections. Throws host::Failure: not installed, the port is taken, another hub uses
  // the folder.
  Broker(Options options, const Registry& registry);
  ~Broker();  // ends it in good order
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  [[nodiscard]] std::uint16_t port() const { return options_.port; }
  // Where the hub itself logs in, without TLS: on loopback where devices need TLS.
  [[nodiscard]] std::string hub_address() const;
  [[nodiscard]] std::uint16_t hub_port() const { return is_tls() ? hub_port_ : options_.port; }
  [[nodiscard]] pid_t pid() const { return pid_; }  // -1 while there is none
  // Accounts and certificates anew; clients whose accounts are gone are disconnected. Throws host::Failure.
  void reload(const Registry& registry);

 private:
  enum class State : std::uint8_t { kStarting, kUp, kFailed };

  void lock_folder();
  [[nodiscard]] bool is_tls() const { return !options_.certificate.empty(); }
  void write_accounts(const Registry& registry) const;
  void write_certificates() const;
  void write_file(const char* name, std::string_view text) const;
  void supervise();
  void prepare();
  [[nodiscard]] bool begin();
  void keep_running();
  void start_again();
  [[nodiscard]] std::unique_ptr<BrokerProcess> start(const std::vector<BrokerListener>& listeners);
  [[nodiscard]] std::vector<BrokerListener> listeners() const;
  [[nodiscard]] bool run_until_it_ends(BrokerProcess& process);
  [[nodiscard]] bool comes_up(const BrokerProcess& process, const std::string& address, std::uint16_t port);
  void pause(std::chrono::milliseconds time);
  [[nodiscard]] std::string last_words() const;
  void report(State state, std::string failure = {});

  Options options_;
  std::uint16_t hub_port_ = 0;  // where devices need TLS
  std::filesystem::path program_;
  int lock_ = -1;
  std::unique_ptr<BrokerProcess> process_;  // the supervising thread's
  std::atomic<pid_t> pid_ = -1;
  std::atomic<bool> is_stopping_ = false;
  std::atomic<bool> is_reloading_ = false;
  Wake wake_;
  std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = State::kStarting;
  std::string failure_;
  std::thread thread_;
};

}  // namespace ferry::hub
