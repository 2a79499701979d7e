#include "device/factory/component.h"

#include "device/cbor/reader.h"

namespace ferry {
namespace {

constexpr std::array<std::uint8_t, 1> kApplication = {0x00};
constexpr std::array<std::uint8_t, 1> kStaged = {0x01};

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
  const bool staged = equal(name, kStaged);
  if (parts == 2) {
    reader.require(staged, Error::kNotForThisDevice);
    name = reader.bytes();
  }
  reader.end();
  FERRY_TRY(reader.status());
  ComponentRef ref;
  if (parts == 2 || !(staged || equal(name, kApplication))) {
    FERRY_TRY_ASSIGN(ref, find(factory, name));
  }
  ref.staged = staged;
  return ref;
}

}  // namespace ferry
