// The demo's plot: the whole mission on this machine, step by step.
#pragma once

#include <filesystem>
#include <optional>

#include "tools/ferry/demo/stage.h"

namespace ferry::tool {

struct DemoOptions {
  bool json = false;
  bool keep = false;
  std::string ftp_server = "builtin";
  std::vector<std::filesystem::path> images;  // old and new; empty: two of a Debian package
};

class Rehearsal {
 public:
  explicit Rehearsal(DemoOptions options);
  void run();

 private:
  struct Actor {  // one device
    std::string serial;
    std::string hardware;
    std::string factory;  // file in the stage's folder
    std::optional<LogTail> log = {};
    DeviceRecord record = {};
    std::vector<Json> events = {};
    std::string device = {};   // its id
    std::string running = {};  // version
  };

  void make_keys_and_products();
  void start_servers();
  void provision_devices();
  void release_and_publish(const std::string& version, const std::filesystem::path& image);
  void install_first_release();
  void work_for_the_business_server();
  void let_the_night_come();
  void watch_the_upgrade();
  void close();

  [[nodiscard]] std::string ftp_url() const;
  void publish();
  void start_ftp_server();
  void start_hub();
  void follow();  // takes up what devices and hub have said since
  void follow_device(Actor& actor);
  void follow_hub();
  [[nodiscard]] bool has(const Actor& actor, std::string_view event) const;
  [[nodiscard]] std::string event_at_hub(const Actor& actor, std::string_view event) const;
  void set_clock_before_moment(const Actor& actor);
  [[nodiscard]] std::uint32_t flash_size() const;

  DemoOptions options_;
  Story story_;
  Stage stage_;
  std::filesystem::path old_image_;
  std::filesystem::path new_image_;
  std::unique_ptr<host::FtpPeer> ftp_peer_;
  std::uint16_t ftp_port_ = 0;
  std::string hub_mqtt_;
  std::optional<LogTail> hub_log_;
  std::vector<Json> hub_events_;
  Actor meter_{.serial = "0001", .hardware = "r2", .factory = "0001.factory"};
  Actor stranger_{.serial = "0002", .hardware = "r3", .factory = "0002.factory"};
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace ferry::tool
