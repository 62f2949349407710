// What processes of our own need after a fork: see processes.h. Linux only.

#define _GNU_SOURCE
#include "processes.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

pid_t plain_fork(void) {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
  return _Fork();
#else
  return fork();
#endif
}

void close_descriptors_from(int first) {
  if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0) return;
  for (int descriptor = first; descriptor < 65536; descriptor++) close(descriptor);
}

int64_t monotonic_milliseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

// The number that a text begins with.
static uint64_t leading_number(const char *text) {
  uint64_t number = 0;
  for (; *text >= '0' && *text <= '9'; text++) number = number * 10 + (uint64_t)(*text - '0');
  return number;
}

static bool is_number(const char *name) { return name[strspn(name, "0123456789")] == 0; }

void visit_processes(void (*visit)(pid_t process, void *context), void *context) {
  struct entry {
    uint64_t inode;
    int64_t offset;
    unsigned short length;
    unsigned char type;
    char name[];
  };
  char entries[32768] __attribute__((aligned(8)));
  int folder = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  for (;;) {
    long count = syscall(SYS_getdents64, folder, entries, sizeof entries);
    if (count <= 0) break;
    for (long offset = 0; offset < count;) {
      struct entry *entry = (struct entry *)(entries + offset);
      offset += entry->length;
      if (is_number(entry->name)) visit((pid_t)leading_number(entry->name), context);
    }
  }
  close(folder);
}

ssize_t read_process(pid_t process, const char *name, char *text, size_t size) {
  char path[64] = "/proc/", digits[16];
  size_t length = strlen(path), count = 0;
  for (pid_t rest = process; rest > 0; rest /= 10) digits[count++] = (char)('0' + rest % 10);
  while (count > 0) path[length++] = digits[--count];
  path[length++] = '/';
  strncpy(path + length, name, sizeof path - length - 1);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  size_t sum = 0;
  ssize_t part;
  while (sum < size && (part = read(file, text + sum, size - sum)) > 0) sum += (size_t)part;
  close(file);
  return (ssize_t)sum;
}

int read_process_state(pid_t process, struct process_state *state) {
  // The fields: letter, parent, group, session, 15 others, start.
  enum { PARENT = 1, SESSION = 3, START = 19 };
  char text[512];
  ssize_t size = read_process(process, "stat", text, sizeof text - 1);
  if (size <= 0) return -1;
  text[size] = 0;
  // The name before them, in brackets, may hold anything.
  const char *field = strrchr(text, ')');
  if (field == NULL || field[1] == 0) return -1;
  field += 2;
  state->letter = *field;
  for (int index = 1; index <= START; index++) {
    field = strchr(field, ' ');
    if (field == NULL) return -1;
    field++;
    if (index == PARENT) state->parent = (pid_t)leading_number(field);
    if (index == SESSION) state->session = (pid_t)leading_number(field);
  }
  state->start = leading_number(field);
  return 0;
}
