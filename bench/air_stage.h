// What the bench of bytes over the air plays on: a temporary folder with a repository, FTP servers behind proxies that
// count, a hub, and devices.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "host/peers/drop_proxy.h"
#include "host/peers/ftp_peer.h"

namespace ferry::bench {

// Readable by the servers' accounts; gone at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// "builtin" (ferry serve), "vsftpd", "pure-ftpd" or "proftpd", with a proxy in front of it.
class CountedServer {
 public:
  // `bin`: the folder of ferry. `log`: where the built-in server writes to. Throws host::Failure where it does not
  // start.
  CountedServer(std::string name, const std::filesystem::path& bin, const std::filesystem::path& repository,
                const std::filesystem::path& log);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::string url() const;  // through the proxy
  [[nodiscard]] host::DropProxy& proxy() { return *proxy_; }

 private:
  std::string name_;
  std::unique_ptr<host::FtpPeer> peer_;
  std::unique_ptr<host::ChildProcess> builtin_;
  std::unique_ptr<host::DropProxy> proxy_;
};

// Product, release key, repository and hub.
class Stage {
 public:
  explicit Stage(std::filesystem::path bin);

  [[nodiscard]] const std::filesystem::path& bin() const { return bin_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
  [[nodiscard]] std::filesystem::path repository() const { return folder() / "repo"; }
  [[nodiscard]] std::filesystem::path factory(const std::string& device) const;
  // A release with an image of so many bytes that cannot be packed.
  void release(const std::string& version, std::size_t image_size);
  [[nodiscard]] std::uint64_t manifest_size() const;
  [[nodiscard]] std::uint64_t payload_size(const std::string& version) const;  // of all files of the release
  void provision(const std::string& device, const std::string& ftp_url) const;
  void start_hub();  // after the devices were provisioned

 private:
  void run(std::vector<std::string> command) const;
  [[nodiscard]] std::filesystem::path product_folder() const;

  std::filesystem::path bin_;
  TemporaryFolder folder_;
  std::uint16_t business_port_;
  std::unique_ptr<host::ChildProcess> hub_;
};

}  // namespace ferry::bench
