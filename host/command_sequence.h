// Writes a SUIT command sequence: an array of commands and their arguments in turn.
#pragma once

#include <map>
#include <vector>

#include "device/crypto/crypto.h"
#include "device/suit/version.h"
#include "host/bytes.h"
#include "host/cbor.h"

namespace ferry::host {

// The argument of override-parameters; the map keeps the canonical order.
class ParameterMap {
 public:
  ParameterMap& unsigned_integer(std::uint8_t parameter, std::uint64_t value);
  ParameterMap& bytes(std::uint8_t parameter, ByteView value);
  ParameterMap& text(std::uint8_t parameter, std::string_view value);
  [[nodiscard]] bool empty() const { return values_.empty(); }
  [[nodiscard]] Bytes encode() const;

 private:
  std::map<std::uint8_t, Bytes> values_;
};

class CommandSequence {
 public:
  CommandSequence& select(std::size_t component);  // set-component-index
  CommandSequence& condition(std::uint8_t condition);
  CommandSequence& directive(std::uint8_t directive);  // with a reporting policy: fetch, copy, invoke
  CommandSequence& set(const ParameterMap& parameters);
  CommandSequence& try_each(const std::vector<CommandSequence>& branches);
  CommandSequence& raw(ByteView encoded_pairs, std::size_t pairs);
  [[nodiscard]] Bytes encode() const;

 private:
  void add(std::uint8_t command, ByteView encoded_argument);

  std::size_t items_ = 0;
  Bytes content_;
};

[[nodiscard]] Bytes encode_digest(const Sha256Digest& digest);     // SUIT_Digest
[[nodiscard]] Bytes encode_version(const suit::Version& version);  // [+int]
void append(Bytes& to, ByteView bytes);

}  // namespace ferry::host
