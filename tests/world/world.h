// A whole world for whole-device tests: device, FTP server, business server, releases signed by the host's own builder.
#pragma once

#include <gtest/gtest.h>
#include <map>
#include <optional>

#include "host/manifest_builder.h"
#include "sim/device.h"
#include "sim/ftp_server.h"
#include "sim/mqtt_broker.h"
#include "sim/nor_flash.h"

namespace ferry::world {

inline constexpr std::int64_t kNoon = 1780315200;  // 2026-06-01 12:00 UTC, outside the window
inline constexpr std::string_view kProduct = "acme.example/m1/r2";

struct Keys {  // made once for all tests: making and checking keys costs more than everything else
  host::EcPrivateKey release;
  host::EcPrivateKey stranger;
  host::EcPrivateKey device;
  [[nodiscard]] static const Keys& instance();
};

struct WorldOptions {
  FlashGeometry geometry{.size = 96 * 1024, .sector_size = 1024, .write_size = 8};
  FlashSettings flash{.sector_size = 1024, .slot_size = 16 * 1024, .staging_size = 16 * 1024, .second_size = 4 * 1024};
  std::vector<ComponentName> components;
  bool device_manifest = false;
  bool expiring_without_clock = false;
  std::uint32_t stale_days = 0;
  std::uint32_t trial_seconds = 120;
  sim::Conditions conditions;
  std::uint64_t seed = 1;
};

struct ReleaseOptions {
  std::uint64_t sequence = 2;
  std::string version = "2.0.0";
  std::string image;                           // of the application
  std::map<std::string, std::string> further;  // other components by name
  std::vector<std::string> deltas_from;        // older images of the application
  bool packed = false;  // the whole image of the application, even where that does not make it smaller
  bool encrypted = true;
  bool severed = false;  // payload-fetch and install in files of their own
  std::optional<std::uint64_t> use_before;
  std::optional<std::uint64_t> minimum_battery;
  std::optional<Uuid> device;
};

class World {
 public:
  explicit World(WorldOptions options = {});

  [[nodiscard]] host::ReleaseSpec spec(const ReleaseOptions& release) const;
  [[nodiscard]] host::BuiltRelease build(const ReleaseOptions& release) const;
  // Puts it into the repository: payloads, then the manifest.
  void publish(const host::BuiltRelease& release);
  void publish(const ReleaseOptions& release) { publish(build(release)); }
  void put_manifest(host::Bytes envelope);
  [[nodiscard]] static std::string manifest_path();

  // Burns a release as a factory does, into slot A, confirmed. `release` must have one component.
  void program_at_factory(const ReleaseOptions& release);

  // Runs until `done` or for `limit` of virtual time; answers whether it was done.
  bool run(const std::function<bool()>& done, Duration limit = 600s);
  bool run_until_event(EventKind kind, Duration limit = 600s);
  [[nodiscard]] bool has_event(EventKind kind) const;
  [[nodiscard]] std::optional<Event> last_event(EventKind kind) const;
  // The device's events since the last clear_events(), for messages: "window, jump, refused(not_authentic)".
  [[nodiscard]] std::string story() const;
  // At work with nothing to tell any more: logged in, no trial, all events delivered.
  [[nodiscard]] bool settled();
  [[nodiscard]] std::string running_version();
  // Asks for a visit and runs until it led somewhere: a confirmed release, a revert, or an end without one.
  bool visit(Duration limit = 1200s);

  sim::Clock clock;
  sim::FaultPlan faults;
  sim::NorFlash flash;
  sim::Network network;
  sim::FtpServer ftp{"ftp.example"};
  sim::MqttBroker broker{"hub.example"};
  std::vector<std::unique_ptr<sim::FileHandler>> handlers;
  std::unique_ptr<sim::Device> device;
  host::BuiltRelease factory_release;  // what program_at_factory() burnt
  Uuid vendor_id{};
  Uuid class_id{};
  Uuid device_id{};

 private:
  [[nodiscard]] std::string factory_file(const WorldOptions& options) const;
};

// An image of `size` bytes that starts with `head` and is otherwise of no pattern; the same for the same head.
[[nodiscard]] std::string image(std::string_view head, std::size_t size = 5000);

}  // namespace ferry::world
