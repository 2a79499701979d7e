// What an upgrade needs of the device that it runs on. Everything must outlive it.
#pragma once

#include "device/base/board.h"
#include "device/base/business_link.h"
#include "device/base/clock.h"
#include "device/base/entropy.h"
#include "device/base/handler.h"
#include "device/base/network.h"
#include "device/base/power.h"
#include "device/events/event.h"
#include "device/factory/factory.h"
#include "device/ftp/download.h"
#include "device/slots/boot_state.h"

namespace ferry {

struct Environment {
  const FactoryFile& factory;
  const Layout& layout;
  Journal& journal;  // mounted
  Network& network;
  Clock& clock;
  Entropy& entropy;
  Power& power;
  Board& board;
  BusinessLink& business;
  std::span<Handler* const> handlers;  // in the order of the factory parameters
};

// Working memory, by the port's choice: more is faster, less is smaller. Sizes are multiples of the flash's write size.
struct Memory {
  ByteSpan manifest;  // holds one envelope: kManifestTooLarge past it
  ByteSpan work;      // payloads are hashed and decrypted through it, 256 bytes or more
  ByteSpan staging;   // collects write units, 256 bytes or more
  ByteSpan slot;      // likewise
};

template <std::size_t kManifest = 4096, std::size_t kWork = 512, std::size_t kPage = 256>
struct MemoryOf {
  alignas(8) std::array<std::uint8_t, kManifest> manifest;
  alignas(8) std::array<std::uint8_t, kWork> work;
  alignas(8) std::array<std::uint8_t, kPage> staging;
  alignas(8) std::array<std::uint8_t, kPage> slot;
  [[nodiscard]] Memory spans() { return {manifest, work, staging, slot}; }
};

struct Tuning {
  ftp::Timeouts ftp;
  ftp::RetryPolicy retry;
  Duration goodbye = 5s;                  // for the business link to close in good order, and for FTP's QUIT
  std::uint8_t attempts_per_release = 2;  // of a release that crashed or never logged in: then kReleaseFailed
};

// Follows the upgrade as it happens: a log, a display. Called from within poll().
class Observer {
 public:
  virtual void on_event(const Event& event) = 0;
  // A payload on its way: `done` of `total` bytes.
  virtual void on_progress(EventKind phase, std::uint32_t done, std::uint32_t total) = 0;

 protected:
  ~Observer() = default;
};

}  // namespace ferry
