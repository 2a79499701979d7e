/* What Ferry needs of mbedTLS on a microcontroller, behind the PSA Crypto API: SHA-256, AES-128 in ECB and CTR, ECDSA
 * verification and ECDH on P-256. No file system, no clock, no heap: an arena (arena.h) takes its place. */
#ifndef FERRY_MBEDTLS_CONFIG_H
#define FERRY_MBEDTLS_CONFIG_H

#include <stddef.h>

/* arena.cpp. mbedTLS has an allocator of its own, which takes 32 bytes more for each block where this takes four. */
#ifdef __cplusplus
extern "C" {
#endif
void* ferry_crypto_calloc(size_t count, size_t size);
void ferry_crypto_free(void* block);
#ifdef __cplusplus
}
#endif
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_PLATFORM_NO_STD_FUNCTIONS
#define MBEDTLS_PLATFORM_CALLOC_MACRO ferry_crypto_calloc
#define MBEDTLS_PLATFORM_FREE_MACRO ferry_crypto_free
#define MBEDTLS_HAVE_ASM

#define MBEDTLS_PSA_CRYPTO_C
#define MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG
#define MBEDTLS_PSA_KEY_SLOT_COUNT 4

#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA224_C
#define MBEDTLS_SHA256_SMALLER
#define MBEDTLS_AES_C
#define MBEDTLS_AES_ROM_TABLES
#define MBEDTLS_AES_FEWER_TABLES
#define MBEDTLS_CIPHER_C
#define MBEDTLS_CIPHER_MODE_CTR

#define MBEDTLS_BIGNUM_C
#define MBEDTLS_ECP_C
#define MBEDTLS_ECP_NO_INTERNAL_RNG
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_ECP_WINDOW_SIZE 2
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 0
#define MBEDTLS_ECDSA_C
#define MBEDTLS_ECDH_C
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_MPI_MAX_SIZE 32
#define MBEDTLS_MPI_WINDOW_SIZE 1

#include <mbedtls/check_config.h>

#endif
