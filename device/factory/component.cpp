#include "device/factory/component.h"

#include "device/cbor/decoder.h"

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
  cbor::Decoder decoder(encoded_id);
  FERRY_TRY_ASSIGN(const std::size_t parts, decoder.read_array());
  if (parts < 1 || parts > 2) {
    return fail(Error::kNotForThisDevice);
  }
  FERRY_TRY_ASSIGN(const ByteView first, decoder.read_bytes());
  const bool staged = equal(first, kStaged);
  if (parts == 1) {
    FERRY_TRY(decoder.expect_end());
    if (staged || equal(first, kApplication)) {
      return ComponentRef{.staged = staged};
    }
    return find(factory, first);
  }
  if (!staged) {
    return fail(Error::kNotForThisDevice);
  }
  FERRY_TRY_ASSIGN(const ByteView name, decoder.read_bytes());
  FERRY_TRY(decoder.expect_end());
  FERRY_TRY_ASSIGN(ComponentRef ref, find(factory, name));
  ref.staged = true;
  return ref;
}

}  // namespace ferry
