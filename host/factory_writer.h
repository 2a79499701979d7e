// Writes a device's factory file from a product (spec/factory.md).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "device/factory/factory.h"
#include "host/product.h"

namespace ferry::host {

struct FactorySpec {
  Product product;
  P256PrivateKey class_key{};
  std::string serial;
  std::vector<P256PublicKey> anchors;  // trusted to sign releases, with ESP256
  std::optional<AesKey> seal_key;      // the device's own
};

// UUIDv5 of the serial number below the class id: the same device always gets the same id.
[[nodiscard]] Uuid device_id(const FactorySpec& spec);

// Throws Failure where the class key is not the product's, the anchors are too many, or a value is out of range for
// decode_factory().
[[nodiscard]] Bytes encode_factory_file(const FactorySpec& spec, const Settings& settings);

}  // namespace ferry::host
