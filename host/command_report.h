// Explains SUIT command sequences; a part of manifest_report.h.
#pragma once

#include "host/manifest_report.h"

namespace ferry::host {

class CommandReport {
 public:
  // `refusals`: what a device would not take is added there.
  explicit CommandReport(std::vector<std::string>& refusals) : refusals_(refusals) {}

  // `encoded`: the command sequence; `where`: its name, for messages. An array of commands.
  [[nodiscard]] Json sequence(ByteView encoded, const std::string& where, std::size_t depth = 0);

 private:
  [[nodiscard]] Json command(std::int64_t number, ByteView argument, const std::string& where, std::size_t depth);
  [[nodiscard]] Json branches(ByteView encoded, const std::string& where, std::size_t depth);
  [[nodiscard]] Json parameters(ByteView encoded, const std::string& where);
  [[nodiscard]] Json parameter(std::int64_t number, ByteView encoded, const std::string& where);
  void refuse(const std::string& where, const std::string& what);

  std::vector<std::string>& refusals_;
};

// Single values.
[[nodiscard]] Json digest_json(ByteView encoded);       // SUIT_Digest
[[nodiscard]] Json version_json(ByteView encoded);      // [+int]
[[nodiscard]] Json encrypt_json(ByteView encoded);      // COSE_Encrypt
[[nodiscard]] std::string cbor_text(ByteView encoded);  // anything, shortened

}  // namespace ferry::host
