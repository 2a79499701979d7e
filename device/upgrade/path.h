// Paths on the FTP server, built in a fixed buffer.
#pragma once

#include <array>
#include <string_view>

#include "device/base/result.h"
#include "device/ftp/client.h"

namespace ferry {

class PathBuilder {
 public:
  // Begins anew, below a product's folder.
  PathBuilder& begin(std::string_view root, std::string_view product);
  // Appends `segment`, with one '/' between it and what is there. An empty segment appends nothing.
  PathBuilder& add(std::string_view segment);
  // Appends `text` as it is.
  PathBuilder& append(std::string_view text);
  // Appends `bytes` in hexadecimal.
  PathBuilder& append_hex(ByteView bytes);
  // Errors: kBadUri (longer than ftp::Client::kMaxPath).
  [[nodiscard]] Result<std::string_view> finish() const;

 private:
  std::array<char, ftp::Client::kMaxPath> text_{};
  std::size_t size_ = 0;
  bool overflow_ = false;
};

}  // namespace ferry
