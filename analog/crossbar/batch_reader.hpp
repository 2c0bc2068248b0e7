// Forward reads of one crossbar tile for many input vectors at once, between converters: codes in,
// codes out, with the read noise of the cells. What a chip does one vector after another, as two
// matrix products for the whole batch.
//
//     V_j = lsb_in code_j
//     I_i = sum_j (G+_ij - G-_ij) V_j + sigma sqrt( sum_j (G+_ij^2 + G-_ij^2) V_j^2 ) xi     [A]
//     code_i = round(I_i / lsb_out), clipped to the converter's range
#pragma once

#include <cstdint>
#include <memory>

#include "analog/crossbar/device_pairs.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::analog {

struct BatchReadConfig {
  double lsb_in_v = 1.0;            // of the input converter [V]
  double lsb_out_a = 1.0;           // of the output converter, referred to its input current [A]
  std::int32_t largest_code = 511;  // output codes lie in [-largest - 1, largest]
  double read_noise = 0.0;          // sigma, relative rms of a cell
};

class BatchReader {
 public:
  BatchReader(const DevicePairs& pairs, const BatchReadConfig& config, std::uint64_t seed);
  ~BatchReader();

  // Takes over the conductances; call after programming.
  void refresh();
  // in: batch x rows codes; out: batch x columns codes; both row-major. `event` numbers the read:
  // vector b of it draws the noise of event + b. Returns how many codes were clipped.
  std::uint64_t read(Span<const std::uint16_t> in, std::size_t batch, std::uint64_t event,
                     Span<std::int32_t> out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace memprop::analog
