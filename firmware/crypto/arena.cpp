#include "firmware/crypto/arena.h"

#include <mbedtls/memory_buffer_alloc.h>
#include <psa/crypto.h>

namespace ferry::firmware {
namespace {

Entropy* random_source = nullptr;

}  // namespace

void give_memory_to_crypto(ByteSpan arena, Entropy& entropy) {
  random_source = &entropy;
  mbedtls_memory_buffer_alloc_init(arena.data(), arena.size());
}

std::size_t crypto_memory_used() {
#ifdef MBEDTLS_MEMORY_DEBUG
  std::size_t used = 0;
  std::size_t blocks = 0;
  mbedtls_memory_buffer_alloc_max_get(&used, &blocks);
  return used;
#else
  return 0;
#endif
}

}  // namespace ferry::firmware

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
