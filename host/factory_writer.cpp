#include "host/factory_writer.h"

#include "host/failure.h"
#include "host/uuid.h"

namespace ferry::host {
namespace {

void check(const FactorySpec& spec) {
  if (EcPrivateKey::from_scalar(spec.class_key).public_key().point() != spec.product.class_key) {
    throw Failure("the class key does not belong to the product {}; give the .key file that was made with it",
                  spec.product.path);
  }
  if (spec.anchors.empty() || spec.anchors.size() > kMaxAnchors) {
    throw Failure("{} keys to trust; a device takes 1 to {}", spec.anchors.size(), kMaxAnchors);
  }
}

FactoryParameters parameters(const FactorySpec& spec) {
  FactoryParameters factory;
  factory.vendor_id = spec.product.vendor_id;
  factory.class_id = spec.product.class_id;
  factory.device_id = device_id(spec);
  factory.serial = spec.serial;
  factory.product = spec.product.path;
  factory.hardware = spec.product.hardware;
  for (const P256PublicKey& anchor : spec.anchors) {
    factory.anchors[factory.anchor_count++] = {.algorithm = cose::kEsp256, .key = anchor};
  }
  factory.keys.ecdh = spec.class_key;
  factory.seal_key = spec.seal_key;
  for (const ProductComponent& component : spec.product.components) {
    factory.components[factory.component_count++] = {
        .name = component.name, .kind = component.kind, .program = component.program};
  }
  return factory;
}

}  // namespace

Uuid device_id(const FactorySpec& spec) {
  return uuid_v5(spec.product.class_id, spec.serial);
}

Bytes encode_factory_file(const FactorySpec& spec, const Settings& settings) {
  check(spec);
  constexpr std::size_t kMaxFactoryFile = 65536;
  Bytes buffer(kMaxFactoryFile);
  const auto encoded = encode_factory({.parameters = parameters(spec), .settings = settings}, buffer);
  // What a device would refuse must not leave the factory.
  const auto accepted = encoded ? decode_factory(*encoded) : Result<FactoryFile>(fail(encoded.error()));
  if (!accepted) {
    throw Failure(
        "a device would not accept these values ({}): a text is too long or has control characters, or a "
        "number is out of its range; see spec/factory.md",
        name(accepted.error()));
  }
  return to_bytes(*encoded);
}

}  // namespace ferry::host
