// CBOR of any size, for host programs: the device's encoder over a buffer that grows.
#pragma once

#include "device/cbor/encoder.h"
#include "host/bytes.h"

namespace ferry::host {

// `write` gets an Encoder and may be called several times.
template <typename Write>
[[nodiscard]] Bytes encode_cbor(Write write) {
  for (Bytes buffer(512);; buffer.resize(buffer.size() * 2)) {
    cbor::Encoder encoder(buffer);
    write(encoder);
    if (const auto written = encoder.finish()) {
      return to_bytes(*written);
    }
  }
}

[[nodiscard]] inline Bytes cbor_bytes(ByteView content) {
  Bytes buffer(content.size() + 9);
  cbor::Encoder encoder(buffer);
  encoder.bytes(content);
  buffer.resize(encoder.size());
  return buffer;
}

}  // namespace ferry::host
