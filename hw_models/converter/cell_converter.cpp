#include "hw_models/converter/cell_converter.hpp"

namespace memprop::hw {

CellConverter::CellConverter(unsigned bits, double noise_codes, std::uint64_t seed)
    : bits_(bits), noise_codes_(noise_codes), noise_(seed, "chip/verify/noise") {}

void CellConverter::add_tile(const analog::DevicePairs& pairs, double range_s) {
  tiles_.push_back({&pairs, SignedScale{range_s, bits_}});
}

void CellConverter::read_row(std::size_t tile, std::size_t row, Span<std::int32_t> codes) {
  const Tile& t = tiles_.at(tile);
  draw_.assign(codes.size(), 0.0);
  if (noise_codes_ > 0.0) noise_.normals(tile << 32U, reads_, draw_);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const double noise_s = noise_codes_ * draw_[i] * t.scale.lsb_v();
    codes[i] = t.scale.to_code(t.pairs->difference()(i, row) + noise_s, clipped_);
  }
  ++reads_;
}

}  // namespace memprop::hw
