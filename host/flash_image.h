// A device's flash as it leaves the factory: factory parameters, and a first release in slot A, confirmed.
#pragma once

#include "device/factory/factory.h"
#include "device/slots/layout.h"
#include "host/bytes.h"

namespace ferry::host {

struct FlashImageSpec {
  Bytes factory;   // the factory file
  Bytes envelope;  // of the first release, signed by a key that the factory file trusts
  Bytes image;     // as it stands in slot A
  std::uint32_t factory_area =
      0;  // bytes in front for the factory file, behind its length in 32 bits; 0: kept elsewhere
  std::uint32_t write_size = 8;
};

// How the factory file of a device lays out its flash.
[[nodiscard]] LayoutPlan plan_of(const FactoryFile& factory);

// Throws Failure where the release is not one for this device, the image is not the release's, or something does not
// fit.
[[nodiscard]] Bytes make_flash_image(const FlashImageSpec& spec);

}  // namespace ferry::host
