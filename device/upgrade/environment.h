// What an upgrade needs of the device that it runs on. Everything must outlive it.
#pragma once

#include "device/base/board.h"
#include "device/base/business_link.h"
#include "device/base/clock.h"
#include "device/base/entropy.h"
#include "device/base/handler.h"
#include "device/base/network.h"
#include "device/base/power.h"
#include "device/coding/image_decoder.h"
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
  // Null: deltas are kPayloadKindUnsupported, and nothing of them is linked; packed images likewise.
  coding::ImageDecoder* delta_decoder = nullptr;
  coding::ImageDecoder* packed_decoder = nullptr;
};

// Working memory, by the port's choice: more is faster, less is smaller. One buffer for all: the manifest stands in
// front, behind it one of its severed members, what it leaves is where payloads are hashed and decrypted, and at the
// end what goes into flash is collected.
struct Memory {
  ByteSpan buffer;
  std::size_t longest_manifest;  // with the member behind it; kManifestTooLarge past it
  std::size_t page;              // a multiple of the flash's write size

  [[nodiscard]] ByteSpan manifest() const { return buffer.first(longest_manifest); }
  [[nodiscard]] ByteSpan flash_page() const { return buffer.last(page); }
  // Between a manifest of so many bytes and the page.
  [[nodiscard]] ByteSpan work(std::size_t manifest_size) const {
    const std::size_t aligned = (manifest_size + 7) & ~std::size_t{7};
    return buffer.first(buffer.size() - page).subspan(aligned);
  }
};

template <std::size_t kBuffer = 4096, std::size_t kPage = 256, std::size_t kManifest = kBuffer - kPage - 512>
struct MemoryOf {
  static_assert(kManifest % 8 == 0 && kManifest + 256 + kPage <= kBuffer);
  static constexpr std::size_t kLongestManifest = kManifest;
  alignas(8) std::array<std::uint8_t, kBuffer> buffer;
  [[nodiscard]] Memory memory() { return {buffer, kManifest, kPage}; }
};

struct Tuning {
  ftp::Timeouts ftp;
  ftp::RetryPolicy retry;
  Duration goodbye = 5s;                           // for the business link to close in good order, and for FTP's QUIT
  Duration longest_visit = std::chrono::hours(6);  // to the end of the downloads; then kTimedOut, and tried again
  std::uint8_t attempts_per_release = 2;           // of a release that crashed or never logged in: then kReleaseFailed
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
