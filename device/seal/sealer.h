// Seals what a device tells its business server: COSE_Encrypt0 with AES-CCM-16-64-128 under the device's own key
// (RFC 9052, 5.2; RFC 9053, 4.2). spec/sealed.md has the bytes.
//
//   Sealer sealer(*parameters.seal_key, parameters.device_id, journal, entropy);
//   const auto sealed = sealer.seal(Channel::kData, pack, buffer);
#pragma once

#include <array>

#include "device/base/business_link.h"
#include "device/base/entropy.h"
#include "device/factory/factory.h"
#include "device/journal/journal.h"

namespace ferry::seal {

inline constexpr std::size_t kOverhead = 28;      // bytes that sealing adds at most, to a message of less than 64 KiB
inline constexpr std::uint32_t kLeap = 256;       // numbers that are reserved at a time
inline constexpr std::size_t kPartialIvSize = 8;  // series and number, big-endian

class Sealer {
 public:
  // All must outlive the sealer. `journal` is mounted before the first seal().
  Sealer(const AesKey& key, const Uuid& device, Journal& journal, Entropy& entropy)
      : key_(key), device_(device), journal_(journal), entropy_(entropy) {}

  // Seals `message` into `buffer`, under a number that this key never had before, and returns that part of it. The
  // first call after a reset, and then one in 256, writes a record into the journal.
  // Errors: kNoSpace (the buffer is too small; no number is spent), kIo (no random number where one is needed),
  // kCryptoFailure. After kIo it refuses everything until a reset.
  [[nodiscard]] Result<ByteView> seal(Channel channel, ByteView message, ByteSpan buffer);

 private:
  [[nodiscard]] Status provide_number();
  void take_up();
  [[nodiscard]] Status begin_series();
  [[nodiscard]] Status reserve();

  const AesKey& key_;
  const Uuid& device_;
  Journal& journal_;
  Entropy& entropy_;
  std::uint32_t series_ = 0;
  std::uint32_t next_ = 0;
  std::uint32_t end_ = 0;  // of what is reserved; 0: nothing yet
  Error failed_{};
};

}  // namespace ferry::seal
