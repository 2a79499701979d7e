// What a manifest's commands act on. The processor decides what is run; a Platform carries it out.
//
// Every operation answers kDone or kWait (long work: the same call comes again at the next step), or an error, which
// ends the sequence unless a try-each catches it. A condition that does not hold is an error too: the natural one
// (kNotForThisDevice, kNothingNewer, kExpired, kBatteryLow, kImageMismatch), kConditionFailed where there is none.
#pragma once

#include <cstdint>
#include <optional>

#include "device/crypto/crypto.h"
#include "device/suit/version.h"

namespace ferry::suit {

enum class Progress : std::uint8_t { kDone, kWait };

using Component = std::uint8_t;  // index into the manifest's components

// Of one component, as set so far. Views are into the manifest; one that was not set has no data(). Numbers past their
// type are as large as it can hold.
struct Parameters {
  ByteView vendor_id;  // 16 bytes, as the other ids
  ByteView class_id;
  ByteView device_id;
  ByteView image_digest;  // 32 bytes: SHA-256
  ByteView content;
  ByteView encryption_info;  // encoded COSE_Encrypt, tag 96
  std::string_view uri;
  ByteView invoke_arguments;
  ByteView fetch_arguments;
  ByteView version;                              // an encoded list: Version::read()
  std::optional<std::uint64_t> use_before;       // seconds since 1970
  std::optional<std::uint32_t> image_size;       // bytes
  std::optional<std::uint32_t> minimum_battery;  // mWh
  std::optional<std::uint8_t> component_slot;
  std::optional<Component> source_component;
  Comparison version_comparison = Comparison::kGreater;  // where there is a version
};

class Platform {
 public:
  // Conditions.
  virtual Result<Progress> vendor_identifier(Component component, ByteView id) = 0;
  virtual Result<Progress> class_identifier(Component component, ByteView id) = 0;
  virtual Result<Progress> device_identifier(Component component, ByteView id) = 0;
  virtual Result<Progress> image_match(Component component, const Sha256Digest& digest,
                                       std::optional<std::uint32_t> size) = 0;
  virtual Result<Progress> check_content(Component component, ByteView content) = 0;
  virtual Result<Progress> component_slot(Component component, std::uint64_t slot) = 0;
  virtual Result<Progress> use_before(std::uint64_t seconds) = 0;
  virtual Result<Progress> minimum_battery(std::uint64_t mwh) = 0;
  virtual Result<Progress> version(Component component, Comparison comparison, const Version& wanted) = 0;
  // Directives.
  virtual Result<Progress> fetch(Component component, const Parameters& parameters) = 0;
  virtual Result<Progress> write(Component component, const Parameters& parameters) = 0;
  virtual Result<Progress> copy(Component component, Component source, const Parameters& parameters) = 0;
  virtual Result<Progress> swap(Component component, Component source) = 0;
  virtual Result<Progress> invoke(Component component, const Parameters& parameters) = 0;

 protected:
  ~Platform() = default;  // never deleted through the port
};

}  // namespace ferry::suit
