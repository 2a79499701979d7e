#include "device/cbor/decoder.h"

namespace ferry::cbor {

Result<Type> Decoder::peek() const {
  Reader reader(rest_);
  const Type type = reader.peek();
  return reader.good() ? Result<Type>(type) : fail(reader.status().error());
}

Status Decoder::read_null() {
  Reader reader(rest_);
  reader.null();
  if (reader.good()) {
    rest_ = reader.rest();
  }
  return reader.status();
}

Status Decoder::expect_end() const {
  return rest_.empty() ? ok() : fail(Error::kCborTrailingData);
}

}  // namespace ferry::cbor
