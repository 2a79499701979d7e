// A program for a RISC-V microcontroller around SQLite, so that there are two firmware images to make a delta of.
#include <stdio.h>

#include "sqlite3.h"

#define CONSOLE (*(volatile char*)0x60000000)

static int put(char byte, FILE* file) {
  (void)file;
  CONSOLE = byte;
  return byte;
}
static int get(FILE* file) {
  (void)file;
  return CONSOLE;
}
static FILE console = FDEV_SETUP_STREAM(put, get, 0, _FDEV_SETUP_RW);
FILE* const stdin = &console;
FILE* const stdout = &console;
FILE* const stderr = &console;

int sqlite3_os_init(void) {
  return SQLITE_OK;
}
int sqlite3_os_end(void) {
  return SQLITE_OK;
}

static int show(void* context, int count, char** values, char** names) {
  (void)context;
  for (int i = 0; i < count; ++i) {
    printf("%s=%s\n", names[i], values[i] ? values[i] : "");
  }
  return 0;
}

int main(void) {
  sqlite3* database;
  char line[200];
  if (sqlite3_open(":memory:", &database) != SQLITE_OK) {
    return 1;
  }
  while (fgets(line, sizeof line, stdin)) {
    char* error = 0;
    if (sqlite3_exec(database, line, show, 0, &error) != SQLITE_OK) {
      printf("%s\n", error);
      sqlite3_free(error);
    }
  }
  sqlite3_close(database);
  return 0;
}
