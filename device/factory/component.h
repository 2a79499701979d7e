// What a manifest's component identifiers mean on this device. spec/manifest.md, "Components".
//
//   [h'00']   the application, image 0          [h'01']         its payload in staging   [h'02']         as it runs now
//   [NAME]    a further component by its name   [h'01', NAME]   its payload in staging   [h'02', NAME]   as it runs now
// NAME is a byte string of the name's UTF-8. Images and handlers are numbered apart, in the order of the factory
// parameters; the application is image 0.
#pragma once

#include "device/factory/factory.h"

namespace ferry {

enum class ComponentRole : std::uint8_t {
  kTarget,   // what the release puts in place
  kStaged,   // its payload
  kRunning,  // what it takes the place of
};

struct ComponentRef {
  ComponentRole role = ComponentRole::kTarget;
  ComponentKind kind = ComponentKind::kImage;
  std::uint8_t index = 0;  // among images, or among handlers
  friend bool operator==(const ComponentRef&, const ComponentRef&) = default;
};

// `encoded_id`: an encoded SUIT_Component_Identifier. Errors: kCbor*, kNotForThisDevice (a component that this device
// does not have).
[[nodiscard]] Result<ComponentRef> resolve_component(const FactoryParameters& factory, ByteView encoded_id);

}  // namespace ferry
