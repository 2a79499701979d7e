#include "device/factory/component.h"

#include "device/cbor/reader.h"

namespace ferry {
namespace {

// A first part of one byte: the role.
std::optional<ComponentRole> role_of(ByteView part) {
  if (part.size() != 1 || part[0] > static_cast<std::uint8_t>(ComponentRole::kRunning)) {
    return std::nullopt;
  }
  return static_cast<ComponentRole>(part[0]);
}

Result<ComponentRef> find(const FactoryParameters& factory, ByteView name) {
  ComponentRef ref;
  std::array<std::uint8_t, 2> next = {1, 0};  // by kind; image 0 is the application
  for (std::size_t i = 0; i < factory.component_count; ++i) {
    const ComponentName& component = factory.components[i];
    auto& index = next[static_cast<std::size_t>(component.kind)];
    if (equal(as_bytes(component.name), name)) {
      ref.kind = component.kind;
      ref.index = index;
      return ref;
    }
    ++index;
  }
  return fail(Error::kNotForThisDevice);
}

}  // namespace

Result<ComponentRef> resolve_component(const FactoryParameters& factory, ByteView encoded_id) {
  cbor::Reader reader(encoded_id);
  const std::size_t parts = reader.array();
  reader.require(parts == 1 || parts == 2, Error::kNotForThisDevice);
  ByteView name = reader.bytes();
  const std::optional<ComponentRole> role = role_of(name);
  if (parts == 2) {
    reader.require(role && *role != ComponentRole::kTarget, Error::kNotForThisDevice);
    name = reader.bytes();
  }
  reader.end();
  FERRY_TRY(reader.status());
  ComponentRef ref;
  if (parts == 2 || !role) {
    FERRY_TRY_ASSIGN(ref, find(factory, name));
  }
  ref.role = role.value_or(ComponentRole::kTarget);
  return ref;
}

}  // namespace ferry
