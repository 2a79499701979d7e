// The demo's plot: the whole mission on this machine, step by step.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "host/peers/drop_proxy.h"
#include "host/peers/ftp_peer.h"
#include "tools/ferry/demo/device.h"
#include "tools/ferry/demo/hub_view.h"
#include "tools/ferry/demo/images.h"
#include "tools/ferry/demo/log_tail.h"

namespace ferry::tool {

class Rehearsal {
 public:
  explicit Rehearsal(DemoOptions options);
  void run();

 private:
  struct Actor {  // one device
    std::string serial;
    std::string hardware;
    std::unique_ptr<Device> device = {};
    DeviceRecord record = {};
    std::vector<Json> events = {};
    std::string id = {};       // of the device
    std::string running = {};  // version
    [[nodiscard]] std::string name() const { return "meter " + serial; }
  };
  struct FtpSite {
    std::uint16_t port = 0;
    std::string reader = {};     // "user:password@"
    std::string publisher = {};  // the account that `ferry publish` takes
    std::string password = {};   // its password
  };

  void make_keys_and_products();
  void start_servers();
  void provision_devices();
  void install_first_release();
  void work_for_the_business_server();
  void let_the_night_come();
  void watch_the_upgrade();
  void close();

  void start_own_ftp_server();
  void start_other_ftp_server();
  void start_hub();
  void wait_for_enter(const std::string& why);
  [[nodiscard]] std::string ftp_url(const Actor& actor) const;
  void release(const Actor& actor, const std::string& version, const ReleaseContent& content);
  void publish();
  void show_readings(const std::string& meter_version, const std::string& stranger_version);
  void follow();  // takes up what devices, hub and network have done since
  void follow_device(Actor& actor);
  void note(DeviceRecord& record, const Json& event);
  void follow_hub();
  [[nodiscard]] bool runs_first_release(const Actor& actor) const;
  [[nodiscard]] bool has(const Actor& actor, std::string_view event) const;
  [[nodiscard]] const Json* newest_at_hub(const Actor& actor, std::initializer_list<std::string_view> kinds) const;
  void set_clock_before_moment(const Actor& actor);
  [[nodiscard]] std::uint32_t flash_size() const;

  DemoOptions options_;
  std::array<ReleaseContent, 2> contents_;  // of release 1.0.0 and 2.0.0
  Story story_;
  Stage stage_;
  std::unique_ptr<host::FtpPeer> ftp_peer_;
  std::unique_ptr<host::DropProxy> proxy_;  // before the meter's FTP server
  FtpSite ftp_;
  std::uint32_t told_drops_ = 0;
  std::string hub_mqtt_;
  std::string dashboard_;  // address at which its first account is made
  const host::ChildProcess* hub_ = nullptr;
  bool hub_knows_devices_ = false;
  std::int64_t began_at_ = 0;  // UTC seconds at which the devices were provisioned
  std::optional<LogTail> hub_log_;
  std::optional<HubView> hub_view_;
  std::vector<Json> hub_events_;
  Actor meter_{.serial = "0001", .hardware = "r2"};
  Actor stranger_{.serial = "0002", .hardware = "r3"};
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace ferry::tool
