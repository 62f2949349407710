// Takes the files below models/ into the program's read-only data. The assembler reads them as they are, which an array
// literal of millions of numbers would take the compiler minutes for. It does not track them: touch this file when one
// changes (scripts/develop/pretrain-embedded.sh does).

#include "embedded_models.h"

#define EMBED(name, path)                                                                                              \
  __asm__(                                                                                                             \
      ".section .rodata\n.balign 64\n"                                                                                 \
      #name "_begin:\n.incbin \"" path "\"\n" #name "_end:\n.byte 0\n.text\n");                                          \
  extern const unsigned char name##_begin[], name##_end[] __attribute__((visibility("hidden")))

EMBED(cembedded_config, "embedded/config.json");
EMBED(cembedded_tokenizer, "embedded/tokenizer_config.json");
EMBED(cembedded_vocabulary, "embedded/vocab.txt");
EMBED(cembedded_weights, "embedded/model.safetensors");

static const struct {
  const char *path;
  const unsigned char *begin, *end;
} files[] = {
    {"embedded/config.json", cembedded_config_begin, cembedded_config_end},
    {"embedded/tokenizer_config.json", cembedded_tokenizer_begin, cembedded_tokenizer_end},
    {"embedded/vocab.txt", cembedded_vocabulary_begin, cembedded_vocabulary_end},
    {"embedded/model.safetensors", cembedded_weights_begin, cembedded_weights_end},
};

size_t cembedded_file_count(void) { return sizeof files / sizeof *files; }

const char *cembedded_file_path(size_t index) { return index < cembedded_file_count() ? files[index].path : 0; }

const void *cembedded_file_bytes(size_t index) { return index < cembedded_file_count() ? files[index].begin : 0; }

size_t cembedded_file_size(size_t index) {
  return index < cembedded_file_count() ? (size_t)(files[index].end - files[index].begin) : 0;
}
