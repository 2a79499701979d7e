// `ferry hub` as a process, and its API as a client sees it.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/peers/child_process.h"

namespace ferry::hub {

using Json = nlohmann::json;

inline constexpr const char* kMeter = "01234567-89ab-4cde-8f01-23456789abcd";
inline constexpr const char* kOther = "11234567-89ab-4cde-8f01-23456789abcd";

// A folder of its own with a registry of two devices: users "meter" and "other", passwords "secret" and "word".
class Place {
 public:
  Place();
  ~Place();
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  [[nodiscard]] std::filesystem::path file(const char* name) const { return folder_ / name; }
  // `seal`: the meter's key to seal with; empty: it does not.
  void write_registry(bool with_other = true, const std::string& seal = "") const;

 private:
  std::filesystem::path folder_;
};

struct HttpAnswer {
  int status = 0;  // 0: none
  std::string head;
  std::string body;
};
// Sends `bytes` as they are and reads to the end of the connection, or until `enough` bytes came.
[[nodiscard]] std::string talk_raw(const std::string& address, const std::string& bytes, std::size_t enough = SIZE_MAX);
// The same, and what HTTP says.
[[nodiscard]] HttpAnswer talk(const std::string& address, const std::string& bytes);

class Server {
 public:
  // Returns when it listens; fails the test where it does not.
  explicit Server(const Place& place, std::vector<std::string> options = {},
                  std::optional<std::uint64_t> largest_file = {});

  [[nodiscard]] std::uint16_t mqtt_port() const { return mqtt_port_; }
  [[nodiscard]] const std::string& http() const { return http_; }
  [[nodiscard]] const std::string& token() const { return token_; }
  [[nodiscard]] HttpAnswer get(const std::string& target) const;
  [[nodiscard]] Json json(const std::string& target) const;
  // The lines of JSON that it has printed so far.
  [[nodiscard]] std::vector<Json> lines() const;
  [[nodiscard]] std::string log() const;
  // Of its broker; -1 where there is none.
  [[nodiscard]] pid_t broker_pid() const;
  [[nodiscard]] pid_t pid() const { return process_->pid(); }
  host::ChildProcess& process() { return *process_; }

 private:
  std::filesystem::path output_;
  std::unique_ptr<host::ChildProcess> process_;
  std::uint16_t mqtt_port_ = 0;
  std::string http_;
  std::string token_;
};

[[nodiscard]] bool is_alive(pid_t pid);

}  // namespace ferry::hub
