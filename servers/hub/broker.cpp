#include "servers/hub/broker.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/failure.h"
#include "host/files.h"
#include "servers/hub/back_off.h"
#include "servers/hub/broker_process.h"
#include "servers/hub/mqtt_session.h"
#include "servers/hub/sockets.h"

namespace ferry::hub {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kTimeToStart = 10s;
constexpr auto kTimeToLock = 12s;  // a broker whose hub was killed saves what it holds, then lets go
constexpr int kPortsToTry = 5;
constexpr auto kPoll = 10ms;
constexpr const char* kLoopback = "127.0.0.1";

}  // namespace

Broker::Broker(Options options, const Registry& registry) : options_(std::move(options)), program_(find_mosquitto()) {
  lock_folder();
  try {
    write_accounts(registry);
    write_certificates();
    thread_ = std::thread([this] { supervise(); });
  } catch (...) {
    ::close(lock_);
    throw;
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return state_ != State::kStarting; });
  if (state_ == State::kFailed) {
    lock.unlock();
    thread_.join();
    ::close(lock_);
    throw host::Failure("{}", failure_);
  }
}

Broker::~Broker() {
  is_stopping_ = true;
  wake_.signal();
  thread_.join();
  ::close(lock_);
}

// The lock is on the open file, which the broker inherits: it is free when hub and broker both have ended.
void Broker::lock_folder() {
  std::error_code error;
  std::filesystem::create_directories(options_.folder, error);
  const std::filesystem::path file = options_.folder / "lock";
  lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) {
    throw host::Failure("{}: {}", file.string(), std::strerror(errno));
  }
  const auto deadline = Clock::now() + kTimeToLock;
  while (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    if (Clock::now() > deadline) {
      ::close(lock_);
      throw host::Failure("{}: another hub, or its broker, still uses this folder", options_.folder.string());
    }
    wake_.wait(-1, 0, kPoll);
  }
  const BrokerUser user = broker_user();
  if (::chown(options_.folder.c_str(), user.uid, user.gid) != 0 || ::chmod(options_.folder.c_str(), 0700) != 0) {
    const int reason = errno;
    ::close(lock_);
    throw host::Failure("{}: {}", options_.folder.string(), std::strerror(reason));
  }
}

void Broker::write_file(const char* name, std::string_view text) const {
  const std::filesystem::path file = options_.folder / name;
  host::FileSet files;
  files.put(file, text, host::Mode::kSecret);
  files.commit();
  const BrokerUser user = broker_user();
  if (::lchown(file.c_str(), user.uid, user.gid) != 0) {
    throw host::Failure("{}: {}", file.string(), std::strerror(errno));
  }
}

void Broker::write_accounts(const Registry& registry) const {
  write_file("passwords", broker_passwords(registry, options_.hub_password));
  write_file("acl", broker_acl(registry));
}

// Copies, for mosquitto may run as a user who cannot read those of the hub.
void Broker::write_certificates() const {
  constexpr std::uintmax_t largest = 1U << 20;
  if (is_tls()) {
    write_file("tls.crt", host::read_text_file(options_.certificate, largest));
    write_file("tls.key", host::read_text_file(options_.key, largest));
  }
  if (!options_.client_authority.empty()) {
    write_file("clients.crt", host::read_text_file(options_.client_authority, largest));
  }
}

std::string Broker::hub_address() const {
  return is_tls() ? kLoopback : connect_address(options_.address);
}

std::vector<BrokerListener> Broker::listeners() const {
  std::vector<BrokerListener> all = {{.address = options_.address,
                                      .port = options_.port,
                                      .is_tls = is_tls(),
                                      .wants_client_certificate = !options_.client_authority.empty()}};
  if (is_tls()) {
    all.push_back({.address = kLoopback, .port = hub_port_});
  }
  return all;
}

void Broker::reload(const Registry& registry) {
  write_accounts(registry);
  write_certificates();
  is_reloading_ = true;
  wake_.signal();
}

void Broker::report(State state, std::string failure) {
  const std::lock_guard lock(mutex_);
  state_ = state;
  failure_ = std::move(failure);
  changed_.notify_all();
}

// Runs for as long as the broker is wanted: a parent-death signal is sent when the thread ends that made the child.
void Broker::supervise() {
  try {
    prepare();
    if (begin()) {
      report(State::kUp);
      keep_running();
    }
  } catch (const std::exception& error) {
    report(State::kFailed, error.what());
  }
  process_.reset();
  pid_ = -1;
}

// A broker acknowledges also what nobody has subscribed to. So the hub's subscription is there before the first device
// is: it is made while the broker listens where no device looks, and stays in the broker's database from then on.
void Broker::prepare() {
  if (std::filesystem::exists(options_.folder / "mosquitto.db")) {
    return;
  }
  const std::uint16_t port = free_port(kLoopback);
  process_ = start({{.address = kLoopback, .port = port}});
  if (!comes_up(*process_, kLoopback, port)) {
    throw host::Failure("mosquitto does not start: {}", last_words());
  }
  MqttSession session(
      {.host = kLoopback, .port = port, .user = std::string(kHubUser), .password = options_.hub_password});
  const auto deadline = Clock::now() + kTimeToStart;
  while (!session.is_subscribed() && !is_stopping_) {
    if (Clock::now() > deadline) {
      throw host::Failure("mosquitto does not take the hub's subscription");
    }
    session.receive(wake_, kPoll);
    session.acknowledge();
  }
  session.say_goodbye();
  process_.reset();
}

std::unique_ptr<BrokerProcess> Broker::start(const std::vector<BrokerListener>& listeners) {
  write_file("mosquitto.conf", broker_configuration(listeners));
  return std::make_unique<BrokerProcess>(program_, options_.folder, lock_);
}

bool Broker::begin() {
  const bool any_port = options_.port == 0;
  std::string reason = "the port is taken";
  for (int attempt = 0; attempt < (any_port ? kPortsToTry : 1); ++attempt) {
    options_.port = any_port ? free_port(options_.address) : options_.port;
    if (!can_listen(options_.address, options_.port)) {
      continue;
    }
    hub_port_ = is_tls() ? free_port(kLoopback) : 0;
    process_ = start(listeners());
    if (comes_up(*process_, options_.address, options_.port)) {
      pid_ = process_->pid();
      return true;
    }
    reason = last_words();
  }
  report(State::kFailed,
         fmt::format("mosquitto does not start on {} port {}: {}", options_.address, options_.port, reason));
  return false;
}

void Broker::keep_running() {
  BackOff back_off(500ms, 30s);
  while (process_ == nullptr || run_until_it_ends(*process_)) {
    pid_ = -1;
    const auto wait = back_off.next();
    spdlog::error("mosquitto ended: {}; starts again in {} ms", last_words(), wait.count());
    pause(wait);
    if (is_stopping_) {
      return;
    }
    process_.reset();
    start_again();
    if (pid_ > 0) {
      back_off.reset();
    }
  }
}

void Broker::start_again() {
  try {
    process_ = start(listeners());
    if (comes_up(*process_, options_.address, options_.port)) {
      pid_ = process_->pid();
    }
  } catch (const host::Failure& failure) {
    spdlog::error("{}", failure.what());
  }
}

void Broker::pause(std::chrono::milliseconds time) {
  const auto resume = Clock::now() + time;
  while (!is_stopping_ && Clock::now() < resume) {
    wake_.wait(-1, 0, std::chrono::ceil<std::chrono::milliseconds>(resume - Clock::now()));
  }
}

// False when the broker is no longer wanted.
bool Broker::run_until_it_ends(BrokerProcess& process) {
  while (!is_stopping_) {
    if (process.has_ended()) {
      return true;
    }
    if (is_reloading_.exchange(false)) {
      process.reload();
    }
    wake_.wait(process.watch(), POLLIN, 60s);
  }
  return false;
}

bool Broker::comes_up(const BrokerProcess& process, const std::string& address, std::uint16_t port) {
  const auto deadline = Clock::now() + kTimeToStart;
  while (!process.has_ended() && !is_stopping_ && Clock::now() < deadline) {
    if (can_connect(address, port)) {
      return !process.has_ended();
    }
    wake_.wait(process.watch(), POLLIN, kPoll);
  }
  return false;
}

std::string Broker::last_words() const {
  try {
    std::string log = host::read_text_file(options_.folder / "mosquitto.log", 64U << 20);
    while (!log.empty() && log.back() == '\n') {
      log.pop_back();
    }
    const std::size_t begin = log.rfind('\n');
    return log.empty() ? "it says nothing" : log.substr(begin == std::string::npos ? 0 : begin + 1);
  } catch (const host::Failure& failure) {
    return failure.what();
  }
}

}  // namespace ferry::hub
