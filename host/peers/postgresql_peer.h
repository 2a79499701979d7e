// PostgreSQL as Debian has it, on a free port of 127.0.0.1, with its data in a temporary folder. As root it runs as the
// user "postgres" or "nobody".
//
//   host::PostgresqlPeer server;
//   open_store(server.make_database());  // "postgresql://ferry:secret@127.0.0.1:port/name"
//
// What it writes is not synced: kill() is for the program, not for the power.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "host/peers/child_process.h"

namespace ferry::host {

class PostgresqlPeer {
 public:
  // Returns when it takes connections. Throws Failure: not installed, or what it said.
  PostgresqlPeer();
  ~PostgresqlPeer();
  PostgresqlPeer(const PostgresqlPeer&) = delete;
  PostgresqlPeer& operator=(const PostgresqlPeer&) = delete;

  // A new, empty one. Throws Failure.
  [[nodiscard]] std::string make_database();
  void start();  // again, on the same port, with what is there
  void kill();   // at once; its clients' connections end

 private:
  [[nodiscard]] std::filesystem::path program(const char* name) const;
  [[nodiscard]] std::vector<std::string> as_its_user(std::vector<std::string> command) const;
  void run(const std::vector<std::string>& command) const;
  void initialise();
  void launch();
  [[nodiscard]] bool is_ready() const;
  [[nodiscard]] std::string log() const;

  std::filesystem::path programs_;
  std::string user_;  // empty: ours
  std::filesystem::path folder_;
  std::uint16_t port_ = 0;
  int databases_ = 0;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace ferry::host
