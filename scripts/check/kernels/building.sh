# Sourced by the tests of our own kernels: builds programs of C files for this machine and, where Debian's packages for it are
# installed, for NEON under qemu-user. Each takes the program's path, options of the compiler, and C files.

# The compiler that builds the product: the one beside swift.
clang=$(dirname "$(realpath "$(command -v swift)")")/clang

build() { "$clang" -O2 "${@:2}" -o "$1" -lm -lpthread; }

build_for_neon() { build "$@" --target=aarch64-linux-gnu -static -fuse-ld=lld; }

# Whether NEON can be tried here; says what is missing where it cannot.
has_neon() {
  if command -v qemu-aarch64 > /dev/null && command -v aarch64-linux-gnu-gcc > /dev/null; then return 0; fi
  echo "NEON was not tried: it needs qemu-user, gcc-aarch64-linux-gnu and libc6-dev-arm64-cross"
  return 1
}
