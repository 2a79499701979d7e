// A TCP proxy in front of an FTP server, for tests and the demo: it stands in both connections and cuts them.
//
//   host::FtpPeer server({...});
//   host::DropProxy proxy(server.port(), {.after_bytes = 100'000, .times = 3});
//   fetch(server.url(proxy.port()) + "p");   // three data connections are reset, each after 100,000 bytes
//
// The control connection is passed on as it is, save that the port in replies 227 and 229 becomes one of this proxy, on
// which it then stands in the data connection too. (A client must connect to the control peer's host, whatever 227
// says.) Runs in a thread of its own until it goes out of scope.
#pragma once

#include <cstdint>
#include <memory>

namespace ferry::host {

struct DropPlan {
  // Data connections are reset once they have carried so many bytes, of both directions together...
  std::uint64_t after_bytes = 0;
  std::uint32_t times = 0;             // ... but only the first so many connections that get that far; then none
  bool orderly = false;                // ended as if all were said, instead of reset
  bool control_too = false;            // the session's control connection is reset with it
  std::uint64_t spare_first = 0;       // bytes that all data connections together carry before the plan begins
  std::uint64_t bytes_per_second = 0;  // of one data connection; 0: as fast as it goes
};

class DropProxy {
 public:
  // To 127.0.0.1:`server_port`. Throws where no port is free.
  explicit DropProxy(std::uint16_t server_port, DropPlan plan = {});
  ~DropProxy();
  DropProxy(const DropProxy&) = delete;
  DropProxy& operator=(const DropProxy&) = delete;

  [[nodiscard]] std::uint16_t port() const;  // on 127.0.0.1

  // From now on; connections that are open count what they carried so far. Any thread.
  void set_plan(DropPlan plan);
  void cut_all();  // every connection, now

  [[nodiscard]] std::uint32_t drops() const;       // data connections that were reset
  [[nodiscard]] std::uint64_t data_bytes() const;  // carried by all data connections
  [[nodiscard]] std::uint64_t bytes() const;       // carried by all connections, both directions: what TCP transports
  [[nodiscard]] std::uint32_t sessions() const;    // control connections so far
  [[nodiscard]] std::uint32_t data_connections() const;

 private:
  class Implementation;
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace ferry::host
