// Factory parameters (written at manufacture, never changed) and settings (what may change later), in one signed-off
// CBOR file that `ferry provision` writes. spec/factory.md has the bytes: strict CBOR, CRC-32 at the end.
#pragma once

#include <array>

#include "device/cose/cose.h"

namespace ferry {

using Uuid = std::array<std::uint8_t, 16>;
using UuidText = std::array<char, 37>;  // with a terminating zero
[[nodiscard]] UuidText to_text(const Uuid& id);
// RFC 4122 version 5 (SHA-1) is a host affair: host/uuid.h.

inline constexpr std::size_t kMaxAnchors = 4;
inline constexpr std::size_t kMaxComponentNames = 8;

enum class ComponentKind : std::uint8_t { kImage = 0, kHandler = 1 };

struct ComponentName {    // one updatable component besides the application
  std::string_view name;  // as in the manifest's component identifier
  ComponentKind kind = ComponentKind::kImage;
  std::string_view program;  // handler on Linux: command line; else empty
};

struct FactoryParameters {
  Uuid vendor_id{};
  Uuid class_id{};
  Uuid device_id{};
  std::string_view serial;
  std::string_view product;   // path of the product below the repository's root, such as "acme.example/m1/r2"
  std::string_view hardware;  // for people
  std::array<cose::TrustAnchor, kMaxAnchors> anchors{};
  std::size_t anchor_count = 0;
  cose::DecryptionKeys keys;
  std::array<ComponentName, kMaxComponentNames> components{};
  std::size_t component_count = 0;
  std::optional<AesKey> seal_key;  // this device's own: what it says to its business server is sealed (seal/)
};

struct Endpoint {
  std::string_view host;
  std::uint16_t port = 0;
  std::string_view user;
  std::string_view password;
};

struct WindowSettings {
  std::int16_t zone_minutes = 0;       // local time = UTC + zone
  std::uint16_t start_minute = 60;     // after local midnight
  std::uint16_t length_minutes = 240;  // at most 1440; may pass midnight
  std::uint8_t days = 0x7F;            // bit 0 = Monday
};

struct FlashSettings {  // sizes in bytes, for ports that lay out flash from settings (posix)
  std::uint32_t sector_size = 4096;
  std::uint32_t slot_size = 1U << 20;  // of the application, envelope area included
  std::uint32_t staging_size = 1U << 20;
  std::uint32_t second_size = 1U << 20;  // of each further image's slots
};

struct Settings {
  Endpoint ftp;
  std::string_view ftp_root;  // path of the repository on the server; empty = where the login lands
  Endpoint business;
  WindowSettings window;
  FlashSettings flash;
  std::uint32_t trial_seconds = 600;    // login within this, or revert
  std::uint32_t report_seconds = 60;    // one pack of readings each
  std::uint32_t stale_days = 0;         // T7: report a manifest older than this; 0 = never
  bool expiring_without_clock = false;  // accept manifests with use-before while the time is not known (T6)
  bool device_manifest = false;         // ask for devices/<device-id>.suit first
};

struct FactoryFile {
  FactoryParameters parameters;
  Settings settings;
};

// Every text is a view into `bytes`, which must outlive the result. Errors: kCbor*, kCorrupt (CRC), kUnsupported
// (newer format), kInvalidArgument (a value out of its range).
[[nodiscard]] Result<FactoryFile> decode_factory(ByteView bytes);
// Errors: kNoSpace, kInvalidArgument (a value that decode_factory() would refuse).
[[nodiscard]] Result<ByteView> encode_factory(const FactoryFile& file, ByteSpan buffer);

}  // namespace ferry
