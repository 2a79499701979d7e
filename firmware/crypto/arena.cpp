#include "firmware/crypto/arena.h"

#include <cstring>
#include <psa/crypto.h>

#include "firmware/crypto/pool.h"

namespace ferry::firmware {
namespace {

Pool pool;
Entropy* random_source = nullptr;

}  // namespace

void give_memory_to_crypto(ByteSpan arena, Entropy& entropy) {
  random_source = &entropy;
  pool = Pool(arena);
}

std::size_t crypto_memory_used() {
  return pool.most_used();
}

}  // namespace ferry::firmware

// Named in mbedtls_config.h.
extern "C" void* ferry_crypto_calloc(std::size_t count, std::size_t size) {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    return nullptr;
  }
  void* block = ferry::firmware::pool.take(bytes);
  return block == nullptr ? nullptr : std::memset(block, 0, bytes);
}

extern "C" void ferry_crypto_free(void* block) {
  ferry::firmware::pool.give_back(block);
}

extern "C" psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t*, std::uint8_t* output,
                                                        std::size_t output_size, std::size_t* output_length) {
  *output_length = 0;
  if (ferry::firmware::random_source == nullptr ||
      !ferry::firmware::random_source->fill(ferry::ByteSpan(output, output_size))) {
    return PSA_ERROR_INSUFFICIENT_ENTROPY;
  }
  *output_length = output_size;
  return PSA_SUCCESS;
}
