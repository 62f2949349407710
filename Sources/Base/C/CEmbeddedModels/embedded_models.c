// Takes the files below models/ into the program's read-only data. The assembler reads them as they are, which an array
// literal of millions of numbers would take the compiler minutes for. It does not track them: touch this file when one
// changes (scripts/develop/pretrain-embedded.sh does).

#include "embedded_models.h"

// The models, one line for each: the name of a folder below models/.
#define MODELS(MODEL)                                                                                                  \
  MODEL(embedded)                                                                                                      \
  MODEL(town)                                                                                                          \
  /* one line more for each model more */

// The files of each.
#define FILES(FILE, folder)                                                                                            \
  FILE(cembedded_##folder##_config, #folder "/config.json")                                                            \
  FILE(cembedded_##folder##_tokenizer, #folder "/tokenizer_config.json")                                               \
  FILE(cembedded_##folder##_vocabulary, #folder "/vocab.txt")                                                          \
  FILE(cembedded_##folder##_weights, #folder "/model.safetensors")

#define EMBED(name, path)                                                                                              \
  __asm__(                                                                                                             \
      ".section .rodata\n.balign 64\n"                                                                                 \
      #name "_begin:\n.incbin \"" path "\"\n" #name "_end:\n.byte 0\n.text\n");                                          \
  extern const unsigned char name##_begin[], name##_end[] __attribute__((visibility("hidden")));

#define LIST(name, path) {path, name##_begin, name##_end},
#define EMBED_MODEL(folder) FILES(EMBED, folder)
#define LIST_MODEL(folder) FILES(LIST, folder)

MODELS(EMBED_MODEL)

static const struct {
  const char *path;
  const unsigned char *begin, *end;
} files[] = {MODELS(LIST_MODEL)};

size_t cembedded_file_count(void) { return sizeof files / sizeof *files; }

const char *cembedded_file_path(size_t index) { return index < cembedded_file_count() ? files[index].path : 0; }

const void *cembedded_file_bytes(size_t index) { return index < cembedded_file_count() ? files[index].begin : 0; }

size_t cembedded_file_size(size_t index) {
  return index < cembedded_file_count() ? (size_t)(files[index].end - files[index].begin) : 0;
}
