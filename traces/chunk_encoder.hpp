// One chunk of numbers as HDF5's shuffle and deflate filters store it, made faster than they do.
//
// The shuffle puts bytes of equal significance side by side. In measured or noisy doubles the low
// ones are random, and zlib spends most of its time finding nothing in them; igzip, of ISA-L, does
// not. The result is an ordinary zlib stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace memprop::traces {

struct EncodedChunk {
  const std::uint8_t* bytes = nullptr;  // valid until the next encode()
  std::size_t size = 0;
  bool deflated = false;  // otherwise only shuffled
};

class ChunkEncoder {
 public:
  ChunkEncoder();
  ~ChunkEncoder();

  // `count` values of `value_size` bytes (1, 4 or 8).
  EncodedChunk encode(const std::uint8_t* values, std::size_t count, std::size_t value_size);
  std::size_t memory() const { return shuffled_.capacity() + compressed_.capacity(); }

 private:
  struct Deflater;
  std::unique_ptr<Deflater> deflater_;
  std::vector<std::uint8_t> shuffled_;
  std::vector<std::uint8_t> compressed_;
};

// out: all first bytes, all second bytes, ...
void shuffle_bytes(const std::uint8_t* in, std::size_t count, std::size_t value_size,
                   std::uint8_t* out);

}  // namespace memprop::traces
