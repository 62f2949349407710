// The check that must run before any instruction of the level the package is built for (see Package.swift).
#pragma once

// Ends the process with one sentence and exit code 2 if the processor lacks what a program built for `level` needs.
void cprocessor_require(const char *level);

// The instruction set of whoever includes this: for Swift code, what Package.swift asks for.
static inline const char *cprocessor_build_level(void) {
#if defined(__AVX512F__)
  return "x86-64-v4";
#elif defined(__AVX2__)
  return "x86-64-v3";
#elif defined(__x86_64__)
  return "x86-64";
#elif defined(__aarch64__)
  return "arm64";
#else
  return "other";
#endif
}
