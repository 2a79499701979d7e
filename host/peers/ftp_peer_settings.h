// What each server is told: its configuration files and command line. For ftp_peer.cpp.
#pragma once

#include <sys/types.h>
#include <vector>

#include "host/peers/ftp_peer.h"

namespace ferry::host {

struct ServerAccount {
  uid_t user;
  gid_t group;
};

// The account that the server runs sessions under.
[[nodiscard]] ServerAccount server_account(FtpServerKind kind);

[[nodiscard]] std::filesystem::path server_program(FtpServerKind kind);

// Writes the configuration into `state` and returns the command line.
[[nodiscard]] std::vector<std::string> set_up(const FtpPeerOptions& options, const std::filesystem::path& state);

}  // namespace ferry::host
