#include "host/peers/ftp_peer_settings.h"

#include <crypt.h>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>

#include "host/failure.h"
#include "host/files.h"

namespace ferry::host {
namespace {

namespace fs = std::filesystem;

// daemon and nobody of every Debian. vsftpd wants a user whose home is there, which nobody's is not.
constexpr ServerAccount kDaemon{.user = 1, .group = 1};
constexpr ServerAccount kNobody{.user = 65534, .group = 65534};

fs::path servers_folder() {
  const char* folder = std::getenv("FERRY_FTP_SERVERS");
  return folder != nullptr ? folder : FERRY_FTP_SERVERS;
}

void write(const fs::path& file, std::string_view text) {
  FileSet files;
  files.put(file, text, Mode::kSecret);
  files.commit();
}

// SHA-512 with few rounds: it guards nothing, and every login costs one.
std::string password_hash(const std::string& password) {
  crypt_data data{};
  return ::crypt_r(password.c_str(), "$6$rounds=1000$ferrysalt$", &data);
}

std::string account_line(const FtpPeerOptions& options, std::string_view rest) {
  return fmt::format("{}:{}:{}:{}::{}{}\n", options.user, password_hash(options.password), kNobody.user, kNobody.group,
                     options.folder.string(), rest);
}

std::vector<std::string> set_up_vsftpd(const FtpPeerOptions& options, const fs::path& state) {
  fs::create_directory(state / "empty");
  std::string text = fmt::format(
      "listen=YES\nbackground=NO\nlisten_address=127.0.0.1\nlisten_port={}\nanonymous_enable=YES\nlocal_enable=NO\n"
      "ftp_username=daemon\nanon_root={}\nno_anon_password=NO\nsecure_chroot_dir={}\nseccomp_sandbox=NO\n"
      "xferlog_enable=YES\ndual_log_enable=NO\nsyslog_enable=NO\nvsftpd_log_file={}\nxferlog_std_format=NO\n",
      options.port, options.folder.string(), (state / "empty").string(), (state / "log").string());
  if (options.upload) {
    text +=
        "write_enable=YES\nanon_upload_enable=YES\nanon_mkdir_write_enable=YES\nanon_other_write_enable=YES\n"
        "anon_world_readable_only=NO\nanon_umask=022\nallow_writeable_chroot=YES\n";
  }
  write(state / "conf", text);
  return {server_program(options.kind), state / "conf"};
}

std::vector<std::string> set_up_pure_ftpd(const FtpPeerOptions& options, const fs::path& state) {
  write(state / "passwd", account_line(options, "/./::::::::::::"));
  ChildProcess converter({.command = {servers_folder() / "pure-ftpd/usr/bin/pure-pw", "mkdb", state / "accounts.pdb",
                                      "-f", state / "passwd"},
                          .output = state / "log"});
  if (converter.wait(10s) != 0) {
    throw Failure("pure-pw makes no account: {}", read_text_file(state / "log"));
  }
  return {server_program(options.kind),
          "-S",
          fmt::format("127.0.0.1,{}", options.port),
          "-E",  // no anonymous
          "-H",  // no names for addresses
          "-4",
          "-A",  // everybody in his folder
          "-u",
          "1",
          "-c",
          "500",
          "-C",
          "500",
          "-l",
          fmt::format("puredb:{}", (state / "accounts.pdb").string()),
          "-g",
          state / "pid"};
}

std::vector<std::string> set_up_proftpd(const FtpPeerOptions& options, const fs::path& state) {
  write(state / "passwd", account_line(options, ":/bin/false"));
  write(state / "group", fmt::format("nogroup:x:{}:\n", kNobody.group));
  std::string text = fmt::format(
      "ServerType standalone\nDefaultAddress 127.0.0.1\nSocketBindTight on\nPort {}\nUseIPv6 off\nUseReverseDNS off\n"
      "WtmpLog off\nTransferLog none\nAuthOrder mod_auth_file.c\nAuthUserFile {}\nAuthGroupFile {}\nAuthPAM off\n"
      "RequireValidShell off\nUser nobody\nGroup nogroup\nDefaultRoot ~\nPidFile {}\nScoreboardFile none\n"
      "DelayEngine off\nSystemLog {}\nAllowStoreRestart on\nAllowRetrieveRestart on\nAllowOverwrite on\nUmask 022\n",
      options.port, (state / "passwd").string(), (state / "group").string(), (state / "pid").string(),
      (state / "log").string());
  if (!options.upload) {
    text += "<Limit WRITE>\n  DenyAll\n</Limit>\n";
  }
  write(state / "conf", text);
  return {server_program(options.kind), "-n", "-q", "-c", state / "conf"};
}

}  // namespace

ServerAccount server_account(FtpServerKind kind) {
  return kind == FtpServerKind::kVsftpd ? kDaemon : kNobody;
}

fs::path server_program(FtpServerKind kind) {
  return servers_folder() / name(kind) / "usr/sbin" / name(kind);
}

std::vector<std::string> set_up(const FtpPeerOptions& options, const fs::path& state) {
  switch (options.kind) {
    case FtpServerKind::kVsftpd:
      return set_up_vsftpd(options, state);
    case FtpServerKind::kPureFtpd:
      return set_up_pure_ftpd(options, state);
    case FtpServerKind::kProftpd:
      return set_up_proftpd(options, state);
  }
  throw Failure("no such FTP server");
}

}  // namespace ferry::host
