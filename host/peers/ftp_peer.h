// Unmodified FTP servers of other people, started on a free port of 127.0.0.1 to serve one folder, for tests and the
// demo. script/fetch-ftp-servers unpacks them; the folder can be named by FERRY_FTP_SERVERS in the environment.
//
//   host::FtpPeer server({.kind = host::FtpServerKind::kVsftpd, .folder = repository});
//   fetch(server.url() + "acme.example/m1/r2/manifest.suit");
//
// They must be started as root (each drops its privileges itself); `folder` and its parents must be readable by
// everybody, as a mkdtemp() folder is after chmod 0755.
//
// Limits of each, as started here:
//   vsftpd     anonymous: users "anonymous" and "ftp", any password. No uploads at the top, only in a folder below it.
//   pure-ftpd  one account, 500 sessions. Reads only because the files belong to somebody else.
//   proftpd    one account. RNTO over an existing file works because AllowOverwrite is set here; it is not the default.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "host/peers/child_process.h"

namespace ferry::host {

enum class FtpServerKind : std::uint8_t { kVsftpd, kPureFtpd, kProftpd };
inline constexpr std::array kFtpServerKinds{FtpServerKind::kVsftpd, FtpServerKind::kPureFtpd, FtpServerKind::kProftpd};

// "vsftpd", "pure-ftpd", "proftpd"
[[nodiscard]] std::string_view name(FtpServerKind kind);
[[nodiscard]] std::optional<FtpServerKind> ftp_server_kind(std::string_view name);

// Nothing where `kind` can be started here and now; else one line that says why not and what to do.
[[nodiscard]] std::optional<std::string> why_not(FtpServerKind kind);

struct FtpPeerOptions {
  FtpServerKind kind = FtpServerKind::kVsftpd;
  std::filesystem::path folder;
  std::string user = "dev";  // vsftpd: always "anonymous"
  std::string password = "secret";
  // A folder below `folder` ("." for all of it) in which the account may store, make folders, rename and delete. It is
  // made where it is not there, and it and what is in it are given to the account that the server runs under.
  std::optional<std::filesystem::path> upload = {};
  std::uint16_t port = 0;                          // 0: a free one
  std::optional<std::uint64_t> largest_file = {};  // bytes: storing more fails, as on a full disk
};

class FtpPeer {
 public:
  // Returns when the server greets. Throws Failure, with what the server said, where it does not in 20 s.
  explicit FtpPeer(FtpPeerOptions options);
  ~FtpPeer();
  FtpPeer(const FtpPeer&) = delete;
  FtpPeer& operator=(const FtpPeer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return options_.port; }
  [[nodiscard]] const std::string& user() const { return options_.user; }
  [[nodiscard]] const std::string& password() const { return options_.password; }
  // "ftp://user:password@127.0.0.1:port/"; with the port of a proxy in front of it instead, where one is given.
  [[nodiscard]] std::string url(std::optional<std::uint16_t> proxy_port = {}) const;
  [[nodiscard]] pid_t pid() const { return process_->pid(); }
  // What it wrote to stdout, stderr and its own log.
  [[nodiscard]] std::string log() const;

  void stop();     // all its sessions with it
  void restart();  // on the same port

 private:
  void start();
  bool start_once();

  FtpPeerOptions options_;
  std::filesystem::path state_;  // its configuration and logs
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace ferry::host
