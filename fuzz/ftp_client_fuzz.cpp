// A peer that says anything: the client ends in bounded time, takes no byte too many, leaves nothing open.
// Input: one byte for the size of pieces, then records that end with 0x1e: the data, and the replies in order.
#include <cstdlib>

#include "tests/ftp/scripted_peer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) {
    return 0;
  }
  ferry::ftp::Transcript transcript{.replies = {}, .data = {}, .piece = data[0] % 16U};
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  bool is_data = true;
  while (!rest.empty()) {
    const std::string record(rest.substr(0, rest.find('\x1e')));
    rest.remove_prefix(std::min(rest.size(), record.size() + 1));
    if (is_data) {
      transcript.data = record;
    } else {
      transcript.replies.push_back(record);
    }
    is_data = false;
  }
  for (const std::uint32_t offset : {0U, 10U}) {
    const auto result = ferry::ftp::attack(transcript, offset, 100);
    if (!result.ended || !result.bounded) {
      std::abort();
    }
  }
  return 0;
}
