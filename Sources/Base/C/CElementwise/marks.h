// Keep marks of dropout: drawing them, several Philox4x32-10 blocks at a time, and multiplying by them.

static void drop(const float *values, const uint8_t *marks, float scale, float *output, ptrdiff_t count) {
  FOR_EACH_GROUP(count, {
    put(output + index, take(values + index, there) * (take_marks(marks + index, there) * scale), there);
  });
}

// Blocks side by side, a word of each in the low 32 bits of a lane: the products of 32 by 32 bits are one instruction.
enum { blocks_at_once = LANES / 2 };
typedef uint64_t block_words __attribute__((ext_vector_type(LANES / 2)));
typedef uint64_t unaligned_block_words __attribute__((ext_vector_type(LANES / 2), aligned(1)));
typedef uint16_t halves __attribute__((ext_vector_type(2 * LANES)));
typedef int16_t half_masks __attribute__((ext_vector_type(2 * LANES)));

// A byte for each of a lane's four halves, in its low 32 bits: 1 where the half is not below the limit.
INLINE block_words keep_marks(block_words words, halves limits) {
  const half_masks kept = (halves)words >= limits;
  const block_words spread = (block_words)kept & 0x0001000100010001;
  const block_words pairs = spread | spread >> 8;
  return (pairs & 0xFFFF) | (pairs >> 16 & 0xFFFF0000);
}

static void draw(
    const celementwise_stream *stream, uint64_t first_block, ptrdiff_t block_count, uint16_t limit, uint8_t *marks) {
  const block_words low = 0xFFFFFFFF;
  block_words keys[10][2];
  for (uint32_t round = 0; round < 10; round += 1) {
    keys[round][0] = stream->key[0] + round * 0x9E3779B9u;
    keys[round][1] = stream->key[1] + round * 0xBB67AE85u;
  }
  block_words indices;
  for (int lane = 0; lane < blocks_at_once; lane += 1) indices[lane] = first_block + (uint64_t)lane;
  for (ptrdiff_t block = 0; block < block_count; block += blocks_at_once) {
    block_words first = indices, second = indices >> 32, third = stream->site, fourth = stream->step;
    UNROLLED(int round = 0; round < 10; round += 1) {
      // The upper halves of words hold leftovers; only lower halves enter products.
      const block_words left = (first & low) * 0xD2511F53, right = (third & low) * 0xCD9E8D57;
      first = right >> 32 ^ second ^ keys[round][0];
      second = right;
      third = left >> 32 ^ fourth ^ keys[round][1];
      fourth = left;
    }
    const block_words front = keep_marks((first & low) | second << 32, limit);
    const block_words back = keep_marks((third & low) | fourth << 32, limit);
    *(unaligned_block_words *)(marks + 8 * block) = front | back << 32;
    indices += blocks_at_once;
  }
}
