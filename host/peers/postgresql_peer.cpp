#include "host/peers/postgresql_peer.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <pwd.h>
#include <unistd.h>

#include "host/failure.h"
#include "host/files.h"
#include "host/peers/loopback.h"

namespace ferry::host {
namespace {

namespace fs = std::filesystem;

constexpr Duration kTimeToRun = 60s;
constexpr Duration kTimeToStart = 30s;
constexpr const char* kPassword = "secret";

// The newest of those that Debian keeps beside each other.
fs::path find_programs() {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", error)) {
    if (fs::exists(version.path() / "bin/initdb")) {
      found.push_back(version.path() / "bin");
    }
  }
  if (found.empty()) {
    throw Failure("PostgreSQL is not installed: apt-get install postgresql");
  }
  return *std::max_element(found.begin(), found.end());
}

std::string its_user() {
  if (::geteuid() != 0) {
    return {};
  }
  return ::getpwnam("postgres") != nullptr ? "postgres" : "nobody";
}

fs::path make_folder(const std::string& user) {
  std::string name = (fs::temp_directory_path() / "ferry-postgresql-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw Failure("{}: {}", name, std::strerror(errno));
  }
  if (const passwd* entry = user.empty() ? nullptr : ::getpwnam(user.c_str()); entry != nullptr) {
    if (::chown(name.c_str(), entry->pw_uid, entry->pw_gid) != 0) {
      throw Failure("{}: {}", name, std::strerror(errno));
    }
  }
  return name;
}

}  // namespace

PostgresqlPeer::PostgresqlPeer() : programs_(find_programs()), user_(its_user()), folder_(make_folder(user_)) {
  try {
    initialise();
    port_ = free_port();
    start();
  } catch (...) {
    process_.reset();
    fs::remove_all(folder_);
    throw;
  }
}

PostgresqlPeer::~PostgresqlPeer() {
  kill();
  std::error_code error;
  fs::remove_all(folder_, error);
}

fs::path PostgresqlPeer::program(const char* name) const {
  return programs_ / name;
}

std::string PostgresqlPeer::log() const {
  return read_text_file(folder_ / "log", 64U << 20);
}

// A change of user clears the parent-death signal; setpriv sets it again.
std::vector<std::string> PostgresqlPeer::as_its_user(std::vector<std::string> command) const {
  if (!user_.empty()) {
    command.insert(command.begin(),
                   {"setpriv", "--reuid=" + user_, "--regid=" + user_, "--clear-groups", "--pdeathsig=KILL", "--"});
  }
  return command;
}

void PostgresqlPeer::run(const std::vector<std::string>& command) const {
  ChildProcess process({.command = as_its_user(command),
                        .output = folder_ / "log",
                        .environment = {std::string("PGPASSWORD=") + kPassword, "LC_ALL=C"}});
  if (process.wait(kTimeToRun) != 0) {
    throw Failure("{}: {}", command.front(), log());
  }
}

void PostgresqlPeer::initialise() {
  const fs::path password = folder_ / "password";
  FileSet files;
  files.put(password, std::string(kPassword) + "\n");
  files.commit();
  run({program("initdb"), "-D", folder_ / "data", "-U", "ferry", "--pwfile=" + password.string(),
       "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"});
}

bool PostgresqlPeer::is_ready() const {
  ChildProcess probe(
      {.command = {program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", std::to_string(port_)}, .output = {}});
  return probe.wait(kTimeToRun) == 0;
}

void PostgresqlPeer::launch() {
  process_ = std::make_unique<ChildProcess>(ChildProcess::Program{
      .command =
          as_its_user({program("postgres"), "-D", folder_ / "data", "-h", "127.0.0.1", "-p", std::to_string(port_),
                       "-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=200"}),
      .output = folder_ / "log"});
}

// One that was killed leaves children, which go when they notice; until then there is no other one.
void PostgresqlPeer::start() {
  const auto deadline = std::chrono::steady_clock::now() + kTimeToStart;
  launch();
  while (!is_ready()) {
    if (std::chrono::steady_clock::now() > deadline) {
      throw Failure("PostgreSQL does not start: {}", log());
    }
    if (process_->has_ended(Duration(50))) {
      process_->end();
      launch();
    }
  }
}

void PostgresqlPeer::kill() {
  if (process_) {
    process_->kill();
    process_.reset();
  }
}

std::string PostgresqlPeer::make_database() {
  const std::string name = "hub" + std::to_string(++databases_);
  const std::string port = std::to_string(port_);
  run({program("createdb"), "-h", "127.0.0.1", "-p", port, "-U", "ferry", name});
  return std::string("postgresql://ferry:") + kPassword + "@127.0.0.1:" + port + "/" + name;
}

}  // namespace ferry::host
