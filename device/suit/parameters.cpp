#include "device/suit/parameters.h"

#include "device/suit/digest.h"
#include "device/suit/labels.h"

namespace ferry::suit {
namespace {

constexpr std::size_t kUuidSize = 16;

Status read_uuid(cbor::Decoder& decoder, std::optional<ByteView>& id) {
  FERRY_TRY_ASSIGN(const ByteView bytes, decoder.read_bytes());
  if (bytes.size() != kUuidSize) {
    return fail(Error::kManifestMalformed);
  }
  id = bytes;
  return ok();
}

Status read_number(cbor::Decoder& decoder, std::optional<std::uint64_t>& number) {
  FERRY_TRY_ASSIGN(number, decoder.read_unsigned());
  return ok();
}

Status read_bytes(cbor::Decoder& decoder, std::optional<ByteView>& bytes) {
  FERRY_TRY_ASSIGN(bytes, decoder.read_bytes());
  return ok();
}

Status read_flag(cbor::Decoder& decoder, std::optional<bool>& flag) {
  FERRY_TRY_ASSIGN(flag, decoder.read_bool());
  return ok();
}

Status read_image_digest(cbor::Decoder& decoder, Parameters& parameters) {
  FERRY_TRY_ASSIGN(const ByteView encoded, decoder.read_bytes());
  FERRY_TRY_ASSIGN(parameters.image_digest, decode_digest(encoded));
  return ok();
}

Status read_source(cbor::Decoder& decoder, std::size_t component_count, Parameters& parameters) {
  FERRY_TRY_ASSIGN(const std::uint64_t index, decoder.read_unsigned());
  if (index >= component_count) {
    return fail(Error::kManifestMalformed);
  }
  parameters.source_component = static_cast<Component>(index);
  return ok();
}

// bstr .cbor [comparison, [+ int]]
Status read_version(cbor::Decoder& decoder, Parameters& parameters) {
  FERRY_TRY_ASSIGN(const ByteView encoded, decoder.read_bytes());
  cbor::Decoder inner(encoded);
  FERRY_TRY_ASSIGN(const std::size_t items, inner.read_array());
  if (items != 2) {
    return fail(Error::kManifestMalformed);
  }
  FERRY_TRY_ASSIGN(const std::uint64_t comparison, inner.read_unsigned());
  if (comparison < 1 || comparison > static_cast<std::uint64_t>(Comparison::kLesser)) {
    return fail(Error::kManifestMalformed);
  }
  FERRY_TRY_ASSIGN(const ByteView version, inner.read_item());
  FERRY_TRY(inner.expect_end());
  FERRY_TRY_ASSIGN(parameters.version, Version::decode(version));
  parameters.version_comparison = static_cast<Comparison>(comparison);
  return ok();
}

}  // namespace

Status read_parameter(cbor::Decoder& decoder, std::int64_t label, std::size_t component_count, Parameters& parameters,
                      Steering& steering) {
  switch (label) {
    case label::kParameterVendorIdentifier:
      return read_uuid(decoder, parameters.vendor_id);
    case label::kParameterClassIdentifier:
      return read_uuid(decoder, parameters.class_id);
    case label::kParameterDeviceIdentifier:
      return read_uuid(decoder, parameters.device_id);
    case label::kParameterImageDigest:
      return read_image_digest(decoder, parameters);
    case label::kParameterImageSize:
      return read_number(decoder, parameters.image_size);
    case label::kParameterUseBefore:
      return read_number(decoder, parameters.use_before);
    case label::kParameterComponentSlot:
      return read_number(decoder, parameters.component_slot);
    case label::kParameterMinimumBattery:
      return read_number(decoder, parameters.minimum_battery);
    case label::kParameterContent:
      return read_bytes(decoder, parameters.content);
    case label::kParameterEncryptionInfo:
      return read_bytes(decoder, parameters.encryption_info);
    case label::kParameterInvokeArguments:
      return read_bytes(decoder, parameters.invoke_arguments);
    case label::kParameterFetchArguments:
      return read_bytes(decoder, parameters.fetch_arguments);
    case label::kParameterUri: {
      FERRY_TRY_ASSIGN(parameters.uri, decoder.read_text());
      return ok();
    }
    case label::kParameterSourceComponent:
      return read_source(decoder, component_count, parameters);
    case label::kParameterVersion:
      return read_version(decoder, parameters);
    case label::kParameterStrictOrder:
      return read_flag(decoder, steering.strict_order);
    case label::kParameterSoftFailure:
      return read_flag(decoder, steering.soft_failure);
    default:
      return fail(Error::kUnknownParameter);
  }
}

}  // namespace ferry::suit
