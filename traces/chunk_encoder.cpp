#include "traces/chunk_encoder.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "solvers/error.hpp"

namespace memprop::traces {
namespace {

constexpr int deflate_level = 1;
// Decided anew for every piece of a group of bytes: a waveform settles within a chunk.
constexpr std::size_t piece_bytes = 4096;
constexpr std::size_t sampled_bytes = 1024;
// A sample of 1024 random bytes shows 7.8 bits; deflate needs a good deal less to pay.
constexpr double bits_not_worth_it = 7.5;

// Entropy of single bytes [bits], from evenly spread ones.
double sampled_entropy(const std::uint8_t* bytes, std::size_t size) {
  const std::size_t stride = std::max<std::size_t>(1, size / sampled_bytes);
  std::array<std::uint32_t, 256> histogram{};
  std::uint32_t count = 0;
  for (std::size_t i = 0; i < size; i += stride, ++count) ++histogram[bytes[i]];
  double bits = 0;
  for (const std::uint32_t n : histogram) {
    if (n > 0) bits -= n * std::log2(static_cast<double>(n) / count);
  }
  return bits / count;
}

template <std::size_t size>
void shuffle_fixed(const std::uint8_t* in, std::size_t count, std::uint8_t* out) {
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t byte = 0; byte < size; ++byte) out[byte * count + i] = in[i * size + byte];
  }
}

}  // namespace

// zlib's state takes a quarter of a megabyte and is worth keeping.
struct ChunkEncoder::Deflater {
  z_stream stream{};
  Deflater() {
    if (deflateInit(&stream, deflate_level) != Z_OK) throw InternalError("deflateInit failed");
  }
  ~Deflater() { deflateEnd(&stream); }
};

ChunkEncoder::ChunkEncoder() : deflater_(std::make_unique<Deflater>()) {}
ChunkEncoder::~ChunkEncoder() = default;

void shuffle_bytes(const std::uint8_t* in, std::size_t count, std::size_t value_size,
                   std::uint8_t* out) {
  if (value_size == 8) {
    shuffle_fixed<8>(in, count, out);
  } else if (value_size == 4) {
    shuffle_fixed<4>(in, count, out);
  } else {
    std::copy(in, in + count * value_size, out);
  }
}

EncodedChunk ChunkEncoder::encode(const std::uint8_t* values, std::size_t count,
                                  std::size_t value_size) {
  const std::size_t size = count * value_size;
  const std::uint8_t* bytes = values;
  if (value_size > 1) {
    shuffled_.resize(size);
    shuffle_bytes(values, count, value_size, shuffled_.data());
    bytes = shuffled_.data();
  }
  z_stream& stream = deflater_->stream;
  deflateReset(&stream);
  // A chunk that would not shrink is stored without the filter, so no more room is needed.
  compressed_.resize(size);
  stream.next_out = compressed_.data();
  stream.avail_out = static_cast<uInt>(size);
  for (std::size_t done = 0; done < size;) {
    const std::size_t part = std::min(piece_bytes, count - done % count);
    const bool worth_it = sampled_entropy(bytes + done, part) < bits_not_worth_it;
    // Without effect as long as the setting stays; otherwise ends the block of the former one.
    if (deflateParams(&stream, worth_it ? deflate_level : 0, Z_DEFAULT_STRATEGY) != Z_OK) {
      return {bytes, size, false};
    }
    stream.next_in = const_cast<Bytef*>(bytes + done);  // zlib only reads it
    stream.avail_in = static_cast<uInt>(part);
    done += part;
    const bool last = done == size;
    const int status = deflate(&stream, last ? Z_FINISH : Z_NO_FLUSH);
    if (status != (last ? Z_STREAM_END : Z_OK) || stream.avail_in > 0) return {bytes, size, false};
  }
  return {compressed_.data(), size - stream.avail_out, true};
}

}  // namespace memprop::traces
