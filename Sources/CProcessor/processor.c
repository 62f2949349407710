// Compiled for the baseline instruction set, unlike everything written in Swift, so that a processor without AVX2 gets a
// sentence instead of an illegal instruction. Nothing else belongs here.
#include "processor.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

const char *cprocessor_missing_extension(void) {
#if defined(__x86_64__)
  // The other extensions of x86-64-v3 (F16C, LZCNT, MOVBE) came with these on every processor sold.
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2")) return "AVX2";
  if (!__builtin_cpu_supports("fma")) return "FMA";
  if (!__builtin_cpu_supports("bmi")) return "BMI1";
  if (!__builtin_cpu_supports("bmi2")) return "BMI2";
#endif
  return NULL;
}

static void say(const char *text) {
  ssize_t written = write(STDERR_FILENO, text, strlen(text));
  (void)written;
}

void cprocessor_require(void) {
  const char *missing = cprocessor_missing_extension();
  if (missing == NULL) return;
  say("seedsweep: this program is built for x86-64-v3 processors (2013 and later), and this one lacks ");
  say(missing);
  say("; build it on this machine with another -march in Package.swift.\n");
  _exit(2);
}
