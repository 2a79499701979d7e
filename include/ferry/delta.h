/* libferry-delta: the difference of two firmware images, and one image out of the other and a delta.
 *
 * For programs in C and whatever can call C: a builder that makes deltas, a tool that checks them, a bootloader or
 * updater on Linux that applies one as it arrives. A delta is a file as `ferry delta` writes it (spec/payload.md).
 *
 *   uint8_t* delta;
 *   size_t size;
 *   ferry_delta_status status = ferry_delta_make(old, old_size, fresh, fresh_size, NULL, &delta, &size);
 *   if (status != FERRY_DELTA_OK) {
 *     fprintf(stderr, "%s\n", ferry_delta_message(status));
 *   }
 *   ...
 *   ferry_delta_free(delta);
 *
 * No function keeps global state; different objects may be used by different threads at a time. Nothing is thrown. */
#ifndef FERRY_DELTA_H
#define FERRY_DELTA_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The numbers stay as they are; further ones may be added. */
typedef enum ferry_delta_status {
  FERRY_DELTA_OK = 0,
  FERRY_DELTA_INVALID_ARGUMENT = 1, /* a pointer is null, or an option makes no sense */
  FERRY_DELTA_NO_MEMORY = 2,
  FERRY_DELTA_TOO_LARGE = 3,   /* an image of 16 MiB or more; of 1 GiB or more for FERRY_DELTA_8_MIB */
  FERRY_DELTA_NO_SPACE = 4,    /* the caller's memory is too small, or not aligned */
  FERRY_DELTA_MALFORMED = 5,   /* no delta, or a damaged one */
  FERRY_DELTA_UNSUPPORTED = 6, /* of a newer kind, or made for more memory than the decoder has */
  FERRY_DELTA_WRONG_OLD = 7,   /* made from another old image */
  FERRY_DELTA_READ_FAILED = 8, /* one of the caller's functions said so */
  FERRY_DELTA_WRONG_STATE = 9, /* the decoder has failed before */
  FERRY_DELTA_INTERNAL = 10
} ferry_delta_status;

/* What a status means, in a few words; for every number. */
const char* ferry_delta_message(ferry_delta_status status);

/* What the decoder needs of RAM. */
typedef enum ferry_delta_memory {
  FERRY_DELTA_8_KIB = 8,
  FERRY_DELTA_12_KIB = 12,
  FERRY_DELTA_20_KIB = 20,
  FERRY_DELTA_8_MIB = 8192 /* Linux: images of up to 1 GiB */
} ferry_delta_memory;

typedef enum ferry_delta_mode {
  FERRY_DELTA_AUTO = 0, /* whichever gives the smaller delta */
  FERRY_DELTA_PLAIN = 1,
  FERRY_DELTA_THUMB2 = 2, /* Cortex-M */
  FERRY_DELTA_XTENSA = 3, /* ESP8266, ESP32 */
  FERRY_DELTA_RISCV = 4,  /* RV32IMC, as of ESP32-C3 */
  FERRY_DELTA_AARCH64 = 5 /* with FERRY_DELTA_8_MIB alone */
} ferry_delta_mode;

typedef struct ferry_delta_options {
  ferry_delta_memory memory; /* 0: 12 KiB */
  ferry_delta_mode mode;
} ferry_delta_options;

/* Makes the delta from `old` to `fresh`; it takes seconds for some hundred KiB, and all cores. `options` may be NULL.
 * On success *delta is the caller's, who gives it back to ferry_delta_free(); else *delta is NULL.
 * Status: INVALID_ARGUMENT, NO_MEMORY, TOO_LARGE, INTERNAL. */
ferry_delta_status ferry_delta_make(const uint8_t* old_image, size_t old_size, const uint8_t* new_image,
                                    size_t new_size, const ferry_delta_options* options, uint8_t** delta,
                                    size_t* delta_size);

/* Makes the new image. Old and new image are checked by the digests in the delta, which guard against mistakes, not
 * against an attacker: who needs that compares a digest that was signed. *image as in ferry_delta_make().
 * Status: INVALID_ARGUMENT, NO_MEMORY, MALFORMED, UNSUPPORTED, WRONG_OLD, INTERNAL. */
ferry_delta_status ferry_delta_apply(const uint8_t* old_image, size_t old_size, const uint8_t* delta, size_t delta_size,
                                     uint8_t** image, size_t* image_size);

/* NULL is allowed. */
void ferry_delta_free(uint8_t* bytes);

typedef struct ferry_delta_info {
  uint32_t old_size;
  uint32_t new_size;
  ferry_delta_memory memory; /* what a decoder needs */
  ferry_delta_mode mode;
  uint8_t old_digest[4]; /* the first bytes of the old image's SHA-256 */
  uint8_t new_digest[4]; /* the first bytes of the new image's */
} ferry_delta_info;

#define FERRY_DELTA_HEADER_SIZE 30

/* Reads the beginning of a delta: `start` holds FERRY_DELTA_HEADER_SIZE bytes, or all of it where that is less;
 * `delta_size` is that of all of it. Status: INVALID_ARGUMENT, MALFORMED, UNSUPPORTED. */
ferry_delta_status ferry_delta_read_info(const uint8_t* start, size_t start_size, size_t delta_size,
                                         ferry_delta_info* info);

/* Where a decoder reads from. Both functions answer 0, or anything else where reading failed. */
typedef struct ferry_delta_source {
  void* context; /* handed to both */
  /* `size` bytes of the old image from `offset` on; always inside of it. */
  int (*read_old)(void* context, uint32_t offset, uint8_t* bytes, size_t size);
  uint32_t old_size;
  /* The next `size` bytes of the delta, from its beginning on, never past its end; `size` is small. */
  int (*read_delta)(void* context, uint8_t* bytes, size_t size);
  uint32_t delta_size;
} ferry_delta_source;

/* Decodes piece by piece, in memory that the caller gives, without any other. */
typedef struct ferry_delta_decoder ferry_delta_decoder;

/* Bytes that a decoder takes for deltas of up to `memory`; 0 where that is no class. */
size_t ferry_delta_decoder_size(ferry_delta_memory memory);

/* Sets up a decoder in `storage`, aligned as malloc() does, and reads the delta's beginning. `storage` and what the
 * source refers to must outlive it; the source itself is copied. It needs no end: give the storage back at any time.
 * Status: INVALID_ARGUMENT, NO_SPACE, MALFORMED, UNSUPPORTED, WRONG_OLD (it is too small), READ_FAILED. */
ferry_delta_status ferry_delta_decoder_begin(void* storage, size_t storage_size, ferry_delta_memory memory,
                                             const ferry_delta_source* source, ferry_delta_decoder** decoder);

/* The new image's next bytes, at most `capacity` (4 or more), into `out`; *count is 0 at the end, when all of the delta
 * was used as well. The new image is whole only then, and right only if its digest is: compare it with one you trust.
 * Status: INVALID_ARGUMENT, MALFORMED, READ_FAILED, WRONG_STATE. */
ferry_delta_status ferry_delta_decoder_read(ferry_delta_decoder* decoder, uint8_t* out, size_t capacity, size_t* count);

#ifdef __cplusplus
}
#endif

#endif
