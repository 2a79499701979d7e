#include "bench/air_stage.h"

#include <cstdlib>
#include <sys/stat.h>
#include <unistd.h>

#include "host/failure.h"
#include "host/files.h"
#include "host/peers/loopback.h"

namespace ferry::bench {
namespace {

namespace fs = std::filesystem;
using host::Failure;

constexpr std::string_view kFlashSize = "524288";

void wait_for(std::uint16_t port, const host::ChildProcess& program, const fs::path& log) {
  for (int attempt = 0; attempt < 200; ++attempt) {
    if (host::greets(port, 100ms)) {
      return;
    }
    if (program.has_ended(50ms)) {
      break;
    }
  }
  throw Failure("does not start: see {}", log.string());
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (fs::temp_directory_path() / "ferry-bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr || ::chmod(pattern.c_str(), 0755) != 0) {
    throw Failure("{}: cannot be made", pattern);
  }
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

CountedServer::CountedServer(std::string name, const fs::path& bin, const fs::path& repository, const fs::path& log)
    : name_(std::move(name)) {
  std::uint16_t port = 0;
  if (const auto kind = host::ftp_server_kind(name_)) {
    if (const auto reason = host::why_not(*kind)) {
      throw Failure("{}", *reason);
    }
    peer_ = std::make_unique<host::FtpPeer>(host::FtpPeerOptions{.kind = *kind, .folder = repository});
    port = peer_->port();
  } else {
    port = host::free_port();
    builtin_ = std::make_unique<host::ChildProcess>(host::ChildProcess::Program{
        .command = {bin / "ferry", "serve", repository, "--listen", fmt::format("127.0.0.1:{}", port)}, .output = log});
    wait_for(port, *builtin_, log);
  }
  proxy_ = std::make_unique<host::DropProxy>(port);
}

std::string CountedServer::url() const {
  return peer_ ? peer_->url(proxy_->port()) : fmt::format("ftp://anonymous:ferry@127.0.0.1:{}/", proxy_->port());
}

Stage::Stage(fs::path bin) : bin_(std::move(bin)), business_port_(host::free_port()) {
  run({"ferry", "keys", "new", "keys"});
  run({"ferry", "product", "new", "p.toml", "--vendor", "acme.example", "--model", "m1", "--hardware", "r2",
       "--slot-size", std::string(kFlashSize), "--staging-size", std::string(kFlashSize)});
}

void Stage::run(std::vector<std::string> command) const {
  command[0] = bin_ / command[0];
  const fs::path log = folder() / "commands.log";
  command.insert(command.begin(), {"/usr/bin/env", "-C", folder()});
  host::ChildProcess program({.command = command, .output = log});
  if (program.wait(60s) != 0) {
    throw Failure("ferry {} failed: {}", command[4], host::read_text_file(log));
  }
}

fs::path Stage::factory(const std::string& device) const {
  return folder() / (device + ".factory");
}

void Stage::release(const std::string& version, std::size_t image_size) {
  host::Bytes image(image_size);
  auto state = static_cast<std::uint32_t>(std::hash<std::string>{}(version)) | 1U;
  for (std::uint8_t& byte : image) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<std::uint8_t>(state >> 24U);
  }
  host::FileSet files;
  files.put(folder() / "image.bin", image);
  files.commit();
  run({"ferry", "release", "--product", "p.toml", "--version", version, "--image", "image.bin", "--key",
       "keys/release.key", "--repo", "repo"});
}

fs::path Stage::product_folder() const {
  return repository() / "acme.example" / "m1" / "r2";
}

std::uint64_t Stage::manifest_size() const {
  return fs::file_size(product_folder() / "manifest.suit");
}

std::uint64_t Stage::payload_size(const std::string& version) const {
  std::uint64_t size = 0;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(product_folder() / version)) {
    size += entry.is_regular_file() ? entry.file_size() : 0;
  }
  return size;
}

void Stage::provision(const std::string& device, const std::string& ftp_url) const {
  run({"ferry", "provision", "--product", "p.toml", "--serial", device, "--trust", "keys/release.pub", "--ftp", ftp_url,
       "--business", fmt::format("mqtt://127.0.0.1:{}", business_port_), "--devices", "devices.jsonl", "--out",
       factory(device)});
}

void Stage::start_hub() {
  const fs::path log = folder() / "hub.log";
  hub_ = std::make_unique<host::ChildProcess>(host::ChildProcess::Program{
      .command = {bin_ / "ferry", "hub", "--devices", folder() / "devices.jsonl", "--mqtt-listen",
                  fmt::format("127.0.0.1:{}", business_port_), "--dir", folder() / "hub"},
      .output = log});
}

}  // namespace ferry::bench
