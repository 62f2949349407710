// The files of the pre-trained models that are part of the program, byte by byte. What they mean is not known here.
#ifndef SEEDSWEEP_EMBEDDED_MODELS_H
#define SEEDSWEEP_EMBEDDED_MODELS_H

#include <stddef.h>

/// The number of files.
size_t cembedded_file_count(void);
/// "FOLDER/FILE", the folder as below models/, such as "embedded/config.json"; null past the last.
const char *cembedded_file_path(size_t index);
/// The bytes of a file; null past the last.
const void *cembedded_file_bytes(size_t index);
/// The number of its bytes; 0 past the last.
size_t cembedded_file_size(size_t index);

#endif
