#include "host/command_sequence.h"

#include "device/cose/cose.h"
#include "host/suit_labels.h"

namespace ferry::host {

ParameterMap& ParameterMap::unsigned_integer(std::uint8_t parameter, std::uint64_t value) {
  values_[parameter] = encode_cbor([&](cbor::Encoder& out) { out.unsigned_integer(value); });
  return *this;
}

ParameterMap& ParameterMap::bytes(std::uint8_t parameter, ByteView value) {
  values_[parameter] = cbor_bytes(value);
  return *this;
}

ParameterMap& ParameterMap::text(std::uint8_t parameter, std::string_view value) {
  values_[parameter] = encode_cbor([&](cbor::Encoder& out) { out.text(value); });
  return *this;
}

Bytes ParameterMap::encode() const {
  return encode_cbor([&](cbor::Encoder& out) {
    out.map(values_.size());
    for (const auto& [parameter, value] : values_) {
      out.unsigned_integer(parameter).raw(value);
    }
  });
}

void CommandSequence::add(std::uint8_t command, ByteView encoded_argument) {
  append(content_, encode_cbor([&](cbor::Encoder& out) { out.unsigned_integer(command).raw(encoded_argument); }));
  items_ += 2;
}

CommandSequence& CommandSequence::select(std::size_t component) {
  add(label::kSetComponentIndex, encode_cbor([&](cbor::Encoder& out) { out.unsigned_integer(component); }));
  return *this;
}

CommandSequence& CommandSequence::condition(std::uint8_t condition) {
  add(condition, encode_cbor([](cbor::Encoder& out) { out.unsigned_integer(label::kReportAll); }));
  return *this;
}

CommandSequence& CommandSequence::directive(std::uint8_t directive) {
  add(directive, encode_cbor([](cbor::Encoder& out) { out.unsigned_integer(label::kReportFailure); }));
  return *this;
}

CommandSequence& CommandSequence::set(const ParameterMap& parameters) {
  if (!parameters.empty()) {
    add(label::kOverrideParameters, parameters.encode());
  }
  return *this;
}

CommandSequence& CommandSequence::try_each(const std::vector<CommandSequence>& branches) {
  add(label::kTryEach, encode_cbor([&](cbor::Encoder& out) {
        out.array(branches.size());
        for (const CommandSequence& branch : branches) {
          out.bytes(branch.encode());
        }
      }));
  return *this;
}

CommandSequence& CommandSequence::raw(ByteView encoded_pairs, std::size_t pairs) {
  append(content_, encoded_pairs);
  items_ += 2 * pairs;
  return *this;
}

Bytes CommandSequence::encode() const {
  return encode_cbor([&](cbor::Encoder& out) { out.array(items_).raw(content_); });
}

Bytes encode_digest(const Sha256Digest& digest) {
  return encode_cbor([&](cbor::Encoder& out) { out.array(2).integer(cose::kSha256).bytes(digest); });
}

Bytes encode_version(const suit::Version& version) {
  return encode_cbor([&](cbor::Encoder& out) {
    out.array(version.count);
    for (std::size_t i = 0; i < version.count; ++i) {
      out.integer(version.parts[i]);
    }
  });
}

void append(Bytes& to, ByteView bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

}  // namespace ferry::host
