#include "host/peers/ftp_peer.h"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/failure.h"
#include "host/files.h"
#include "host/peers/ftp_peer_settings.h"
#include "host/peers/loopback.h"

namespace ferry::host {
namespace {

namespace fs = std::filesystem;

constexpr Duration kTimeToStart = 20s;
constexpr Duration kNap = 20ms;
constexpr int kPorts = 5;  // so many are tried: a free port may be taken before the server has it

fs::path make_state_folder() {
  std::string pattern = (fs::temp_directory_path() / "ferry-ftp-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw Failure("no temporary folder {}: {}", pattern, std::strerror(errno));
  }
  ::chmod(pattern.c_str(), 0755);
  return pattern;
}

void give_to(ServerAccount account, const fs::path& path) {
  if (::lchown(path.c_str(), account.user, account.group) != 0) {
    throw Failure("{} cannot be given to user {}: {}", path.string(), account.user, std::strerror(errno));
  }
}

void give_all_to(ServerAccount account, const fs::path& folder) {
  fs::create_directories(folder);
  give_to(account, folder);
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    give_to(account, entry.path());
  }
}

}  // namespace

std::string_view name(FtpServerKind kind) {
  switch (kind) {
    case FtpServerKind::kVsftpd:
      return "vsftpd";
    case FtpServerKind::kPureFtpd:
      return "pure-ftpd";
    case FtpServerKind::kProftpd:
      return "proftpd";
  }
  return "unknown";
}

std::optional<FtpServerKind> ftp_server_kind(std::string_view text) {
  for (const FtpServerKind kind : kFtpServerKinds) {
    if (name(kind) == text) {
      return kind;
    }
  }
  return std::nullopt;
}

std::optional<std::string> why_not(FtpServerKind kind) {
  if (::access(server_program(kind).c_str(), X_OK) != 0) {
    return fmt::format("{} is not at {}: run script/fetch-ftp-servers", name(kind), server_program(kind).string());
  }
  if (::geteuid() != 0) {
    return fmt::format("{} must be started as root", name(kind));
  }
  return std::nullopt;
}

FtpPeer::FtpPeer(FtpPeerOptions options) : options_(std::move(options)) {
  if (const auto reason = why_not(options_.kind)) {
    throw Failure("{}", *reason);
  }
  options_.folder = fs::canonical(options_.folder);
  if (options_.kind == FtpServerKind::kVsftpd) {
    options_.user = "anonymous";
  }
  if (options_.upload) {
    if (options_.kind == FtpServerKind::kVsftpd && options_.upload->lexically_normal() == ".") {
      throw Failure("vsftpd takes no uploads at the top of an anonymous account: name a folder in it");
    }
    give_all_to(server_account(options_.kind), options_.folder / *options_.upload);
  }
  state_ = make_state_folder();
  try {
    start();
  } catch (...) {
    fs::remove_all(state_);
    throw;
  }
}

FtpPeer::~FtpPeer() {
  stop();
  std::error_code error;
  fs::remove_all(state_, error);
}

void FtpPeer::start() {
  const bool any_port = options_.port == 0;
  for (int attempt = 0; attempt < (any_port ? kPorts : 1); ++attempt) {
    if (any_port) {
      options_.port = free_port();
    }
    if (start_once()) {
      return;
    }
  }
  throw Failure("{} does not answer on port {}: {}", name(options_.kind), options_.port, log());
}

// False where it ended, which is what each does when its port is taken.
bool FtpPeer::start_once() {
  process_ = std::make_unique<ChildProcess>(ChildProcess::Program{
      .command = set_up(options_, state_), .output = state_ / "output", .largest_file = options_.largest_file});
  for (Duration waited{}; waited < kTimeToStart; waited += kNap) {
    if (process_->has_ended(kNap)) {
      return false;
    }
    if (greets(options_.port, kTimeToStart)) {
      return !process_->has_ended();  // else it was somebody else's greeting
    }
  }
  return false;
}

std::string FtpPeer::url(std::optional<std::uint16_t> proxy_port) const {
  return fmt::format("ftp://{}:{}@127.0.0.1:{}/", options_.user, options_.password, proxy_port.value_or(options_.port));
}

std::string FtpPeer::log() const {
  std::string text;
  for (const char* file : {"output", "log"}) {
    if (fs::exists(state_ / file)) {
      text += read_text_file(state_ / file, std::uintmax_t{1} << 26);
    }
  }
  return text;
}

void FtpPeer::stop() {
  process_.reset();
}

void FtpPeer::restart() {
  stop();
  start();
}

}  // namespace ferry::host
