// mbedTLS's memory: a fixed arena in the place of a heap.
#pragma once

#include "device/base/bytes.h"
#include "device/base/entropy.h"

namespace ferry::firmware {

// Once, before crypto::start(). `entropy` must outlive all cryptography; it blinds ECDH.
void give_memory_to_crypto(ByteSpan arena, Entropy& entropy);

// The most bytes that were ever in use.
[[nodiscard]] std::size_t crypto_memory_used();

}  // namespace ferry::firmware
