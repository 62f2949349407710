// Compiled for the baseline instruction set, unlike everything written in Swift, so that a processor without AVX2 gets a
// sentence instead of an illegal instruction. Nothing else belongs here.
#include "processor.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

static const char *missing_extension(const char *level) {
#if defined(__x86_64__)
  // The other extensions of x86-64-v3 (F16C, LZCNT, MOVBE) came with these on every processor sold.
  __builtin_cpu_init();
  if (strcmp(level, "x86-64") == 0) return NULL;
  if (!__builtin_cpu_supports("avx2")) return "AVX2";
  if (!__builtin_cpu_supports("fma")) return "FMA";
  if (!__builtin_cpu_supports("bmi")) return "BMI1";
  if (!__builtin_cpu_supports("bmi2")) return "BMI2";
  if (strcmp(level, "x86-64-v3") == 0) return NULL;
  if (!__builtin_cpu_supports("avx512f")) return "AVX-512";
#else
  (void)level;
#endif
  return NULL;
}

static void say(const char *text) {
  ssize_t written = write(STDERR_FILENO, text, strlen(text));
  (void)written;
}

void cprocessor_require(const char *level) {
  const char *missing = missing_extension(level);
  if (missing == NULL) return;
  say("seedsweep: this program is built for ");
  say(level);
  say(" processors, and this one lacks ");
  say(missing);
  say("; build it with a lower -march in Package.swift.\n");
  _exit(2);
}
