// The converter in the tiles' periphery that write-verify (U5) reads cells with:
//     code = round((G+ - G-) / LSB + noise),   LSB = range / 2^(bits - 1),
// range being the largest difference of nominal pairs. A row is read in one go; all tiles have
// converters of their own.
#pragma once

#include <cstdint>
#include <vector>

#include "analog/crossbar/device_pairs.hpp"
#include "digital/cell_reader.hpp"
#include "hw_models/converter/quantizer.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::hw {

class CellConverter final : public digital::CellReader {
 public:
  CellConverter(unsigned bits, double noise_codes, std::uint64_t seed);
  // The next tile, 0, 1, ...; `pairs` outlive the converter.
  void add_tile(const analog::DevicePairs& pairs, double range_s);

  void read_row(std::size_t tile, std::size_t row, Span<std::int32_t> codes) override;

  std::uint64_t reads() const { return reads_; }  // of rows; numbers the noise
  void restore(std::uint64_t reads) { reads_ = reads; }

 private:
  struct Tile {
    const analog::DevicePairs* pairs;
    SignedScale scale;  // of siemens
  };
  unsigned bits_;
  double noise_codes_;
  RandomStream noise_;
  std::vector<Tile> tiles_;
  std::vector<double> draw_;
  std::uint64_t reads_ = 0;
  std::uint64_t clipped_ = 0;
};

}  // namespace memprop::hw
