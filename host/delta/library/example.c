/* Makes a delta and applies it as it arrives, a piece at a time, in memory of its own: example OLD NEW DELTA */
#include <ferry/delta.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  FILE* old_image;
  FILE* delta;
} files;

static uint8_t* read_file(const char* name, size_t* size) {
  FILE* file = fopen(name, "rb");
  uint8_t* bytes = NULL;
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
    perror(name);
    exit(1);
  }
  *size = (size_t)ftell(file);
  rewind(file);
  bytes = malloc(*size + 1);
  if (bytes == NULL || fread(bytes, 1, *size, file) != *size) {
    perror(name);
    exit(1);
  }
  fclose(file);
  return bytes;
}

static void check(ferry_delta_status status) {
  if (status != FERRY_DELTA_OK) {
    fprintf(stderr, "example: %s\n", ferry_delta_message(status));
    exit(1);
  }
}

static int read_old(void* context, uint32_t offset, uint8_t* bytes, size_t size) {
  FILE* file = ((files*)context)->old_image;
  return fseek(file, (long)offset, SEEK_SET) != 0 || fread(bytes, 1, size, file) != size;
}

static int read_delta(void* context, uint8_t* bytes, size_t size) {
  return fread(bytes, 1, size, ((files*)context)->delta) != size;
}

int main(int argc, char** argv) {
  size_t old_size, new_size, delta_size, count, at = 0;
  uint8_t *old_image, *new_image, *delta, piece[256];
  FILE* file;
  files from;
  ferry_delta_source source;
  ferry_delta_decoder* decoder;
  void* storage;

  if (argc != 4) {
    fprintf(stderr, "usage: example OLD NEW DELTA\n");
    return 2;
  }
  old_image = read_file(argv[1], &old_size);
  new_image = read_file(argv[2], &new_size);
  check(ferry_delta_make(old_image, old_size, new_image, new_size, NULL, &delta, &delta_size));
  file = fopen(argv[3], "wb");
  if (file == NULL || fwrite(delta, 1, delta_size, file) != delta_size || fclose(file) != 0) {
    perror(argv[3]);
    return 1;
  }
  ferry_delta_free(delta);

  from.old_image = fopen(argv[1], "rb");
  from.delta = fopen(argv[3], "rb");
  source.context = &from;
  source.read_old = read_old;
  source.old_size = (uint32_t)old_size;
  source.read_delta = read_delta;
  source.delta_size = (uint32_t)delta_size;
  storage = malloc(ferry_delta_decoder_size(FERRY_DELTA_12_KIB));
  check(ferry_delta_decoder_begin(storage, ferry_delta_decoder_size(FERRY_DELTA_12_KIB), FERRY_DELTA_12_KIB, &source,
                                  &decoder));
  do {
    check(ferry_delta_decoder_read(decoder, piece, sizeof piece, &count));
    if (at + count > new_size || memcmp(piece, new_image + at, count) != 0) {
      fprintf(stderr, "example: another image\n");
      return 1;
    }
    at += count;
  } while (count != 0);
  printf("a delta of %lu bytes makes the %lu of the new image\n", (unsigned long)delta_size, (unsigned long)at);
  fclose(from.old_image);
  fclose(from.delta);
  free(storage);
  free(old_image);
  free(new_image);
  return at == new_size ? 0 : 1;
}
