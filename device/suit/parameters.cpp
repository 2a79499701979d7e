#include "device/suit/parameters.h"

#include <algorithm>
#include <limits>

#include "device/suit/digest.h"
#include "device/suit/labels.h"

namespace ferry::suit {
namespace {

constexpr std::size_t kUuidSize = 16;

ByteView read_uuid(cbor::Reader& reader) {
  const ByteView id = reader.bytes();
  reader.require(id.size() == kUuidSize, Error::kManifestMalformed);
  return id;
}

// A number past what is told apart is as large as can be.
template <typename T>
T read_at_most(cbor::Reader& reader) {
  return static_cast<T>(std::min<std::uint64_t>(reader.unsigned_integer(), std::numeric_limits<T>::max()));
}

Component read_source(cbor::Reader& reader, std::size_t component_count) {
  const std::uint64_t index = reader.unsigned_integer();
  reader.require(index < component_count, Error::kManifestMalformed);
  return static_cast<Component>(index);
}

// bstr .cbor [comparison, [+ int]]
void read_version(cbor::Reader& reader, Parameters& parameters) {
  cbor::Reader inner(reader.bytes());
  inner.require(inner.array() == 2, Error::kManifestMalformed);
  const std::uint64_t comparison = inner.unsigned_integer();
  inner.require(comparison >= 1 && comparison <= static_cast<std::uint64_t>(Comparison::kLesser),
                Error::kManifestMalformed);
  const ByteView before = inner.rest();
  static_cast<void>(Version::read(inner));
  parameters.version = before.first(before.size() - inner.rest().size());
  parameters.version_comparison = static_cast<Comparison>(comparison);
  reader.end(inner);
}

}  // namespace

void read_parameter(cbor::Reader& reader, std::int64_t label, std::size_t component_count, Parameters& parameters,
                    Steering& steering) {
  switch (label) {
    case label::kParameterVendorIdentifier:
      parameters.vendor_id = read_uuid(reader);
      break;
    case label::kParameterClassIdentifier:
      parameters.class_id = read_uuid(reader);
      break;
    case label::kParameterDeviceIdentifier:
      parameters.device_id = read_uuid(reader);
      break;
    case label::kParameterImageDigest:
      parameters.image_digest = read_wrapped_digest(reader);
      break;
    case label::kParameterImageSize:
      parameters.image_size = read_at_most<std::uint32_t>(reader);
      break;
    case label::kParameterUseBefore:
      parameters.use_before = reader.unsigned_integer();
      break;
    case label::kParameterComponentSlot:
      parameters.component_slot = read_at_most<std::uint8_t>(reader);
      break;
    case label::kParameterMinimumBattery:
      parameters.minimum_battery = read_at_most<std::uint32_t>(reader);
      break;
    case label::kParameterContent:
      parameters.content = reader.bytes();
      break;
    case label::kParameterEncryptionInfo:
      parameters.encryption_info = reader.bytes();
      break;
    case label::kParameterInvokeArguments:
      parameters.invoke_arguments = reader.bytes();
      break;
    case label::kParameterFetchArguments:
      parameters.fetch_arguments = reader.bytes();
      break;
    case label::kParameterUri:
      parameters.uri = reader.text();
      break;
    case label::kParameterSourceComponent:
      parameters.source_component = read_source(reader, component_count);
      break;
    case label::kParameterVersion:
      read_version(reader, parameters);
      break;
    case label::kParameterStrictOrder:
      steering.strict_order = reader.boolean();
      break;
    case label::kParameterSoftFailure:
      steering.soft_failure = reader.boolean();
      break;
    default:
      reader.require(false, Error::kUnknownParameter);
  }
}

}  // namespace ferry::suit
