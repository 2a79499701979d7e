// Any bytes, split anywhere: the same replies, within bounds, and ports and sizes in range.
#include <cstdlib>
#include <string>
#include <vector>

#include "device/ftp/reply.h"

namespace {

std::vector<std::string> read(ferry::ByteView bytes, std::size_t piece) {
  ferry::ftp::ReplyReader reader;
  std::vector<std::string> replies;
  while (!bytes.empty()) {
    ferry::ByteView part = bytes.first(std::min(piece, bytes.size()));
    bytes = bytes.subspan(part.size());
    while (!part.empty()) {
      const auto reply = reader.receive(part);
      if (!reply) {
        replies.emplace_back(ferry::name(reply.error()));
        return replies;
      }
      if (reply->has_value()) {
        const auto& [code, text] = reply->value();
        if (code < 100 || code > 599 || text.size() > ferry::ftp::ReplyReader::kMaxText) {
          std::abort();
        }
        replies.push_back(std::to_string(code) + std::string(text));
        static_cast<void>(ferry::ftp::parse_epsv(text));
        static_cast<void>(ferry::ftp::parse_pasv(text));
        static_cast<void>(ferry::ftp::parse_size(text));
      }
    }
  }
  return replies;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) {
    return 0;
  }
  const ferry::ByteView bytes(data + 1, size - 1);
  if (read(bytes, 1 + data[0]) != read(bytes, size)) {
    std::abort();
  }
  return 0;
}
