// Any zlib decodes what the encoder makes, and random bytes cost neither time nor space.
#include "traces/chunk_encoder.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cmath>
#include <cstring>

#include "solvers/random_stream.hpp"

namespace memprop::traces {
namespace {

// HDF5's definition of the shuffle, on cases worked by hand.
TEST(Shuffle, GathersBytesOfEqualSignificance) {
  const std::vector<std::uint8_t> in = {1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24};
  std::vector<std::uint8_t> out(12);
  shuffle_bytes(in.data(), 3, 4, out.data());
  EXPECT_EQ(out, (std::vector<std::uint8_t>{1, 11, 21, 2, 12, 22, 3, 13, 23, 4, 14, 24}));
  const std::vector<std::uint8_t> wide = {1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18};
  out.resize(16);
  shuffle_bytes(wide.data(), 2, 8, out.data());
  EXPECT_EQ(out,
            (std::vector<std::uint8_t>{1, 11, 2, 12, 3, 13, 4, 14, 5, 15, 6, 16, 7, 17, 8, 18}));
}

// Decodes with zlib's own function and undoes the shuffle byte by byte.
std::vector<std::uint8_t> decoded(const EncodedChunk& chunk, std::size_t count,
                                  std::size_t value_size) {
  std::vector<std::uint8_t> shuffled(count * value_size);
  if (chunk.deflated) {
    uLongf length = shuffled.size();
    EXPECT_EQ(uncompress(shuffled.data(), &length, chunk.bytes, chunk.size), Z_OK);
    EXPECT_EQ(length, shuffled.size());
  } else {
    EXPECT_EQ(chunk.size, shuffled.size());
    std::memcpy(shuffled.data(), chunk.bytes, chunk.size);
  }
  std::vector<std::uint8_t> values(shuffled.size());
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t b = 0; b < value_size; ++b) {
      values[i * value_size + b] = shuffled[b * count + i];
    }
  }
  return values;
}

std::vector<std::uint8_t> bytes_of_doubles(const std::vector<double>& values) {
  std::vector<std::uint8_t> bytes(values.size() * 8);
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

TEST(ChunkEncoder, ComesBackForEveryMixOfOrderAndNoise) {
  const RandomStream random(3, "chunk");
  ChunkEncoder encoder;  // one for all: nothing of a chunk may stay in it
  for (const std::size_t count : {1U, 2U, 100U, 8192U, 53268U}) {
    for (const double noise : {0.0, 1e-12, 1e-4, 1e300}) {
      std::vector<double> values(count);
      for (std::size_t i = 0; i < count; ++i) {
        values[i] = std::exp(-1e-3 * static_cast<double>(i)) + noise * random.uniform(i);
      }
      const std::vector<std::uint8_t> bytes = bytes_of_doubles(values);
      for (const std::size_t size : {1U, 4U, 8U}) {
        const EncodedChunk chunk = encoder.encode(bytes.data(), bytes.size() / size, size);
        EXPECT_LE(chunk.size, bytes.size());
        ASSERT_EQ(decoded(chunk, bytes.size() / size, size), bytes) << count << " " << noise;
      }
    }
  }
}

// Random bits only: stored as they are. Zeros: nearly nothing.
TEST(ChunkEncoder, KnowsTheExtremes) {
  const RandomStream random(4, "chunk");
  std::vector<std::uint8_t> bytes(65536);
  ChunkEncoder encoder;
  EXPECT_LT(encoder.encode(bytes.data(), 8192, 8).size, 1000U);
  for (std::size_t i = 0; i < bytes.size(); i += 4) {
    const std::uint32_t word = random.words(i)[0];
    std::memcpy(bytes.data() + i, &word, 4);
  }
  EXPECT_FALSE(encoder.encode(bytes.data(), 8192, 8).deflated);
}

// Never much larger than zlib alone makes it.
TEST(ChunkEncoder, LosesLittleAgainstDeflateAlone) {
  const RandomStream random(5, "chunk");
  for (const double noise : {0.0, 1e-12, 1e-8, 1e-4, 1e-1}) {
    std::vector<double> values(8192);
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = 1.0 - std::exp(-1e-3 * static_cast<double>(i)) + noise * random.normal(i);
    }
    const std::vector<std::uint8_t> bytes = bytes_of_doubles(values);
    std::vector<std::uint8_t> shuffled(bytes.size());
    shuffle_bytes(bytes.data(), values.size(), 8, shuffled.data());
    std::vector<std::uint8_t> alone(compressBound(bytes.size()));
    uLongf length = alone.size();
    ASSERT_EQ(compress2(alone.data(), &length, shuffled.data(), shuffled.size(), 1), Z_OK);
    ChunkEncoder encoder;
    EXPECT_LT(static_cast<double>(encoder.encode(bytes.data(), values.size(), 8).size),
              1.05 * static_cast<double>(length))
        << noise;
  }
}

}  // namespace
}  // namespace memprop::traces
