// The arithmetic of a training sample of the main job's chip without any structure around it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analog/memristor/pulse_device_array.hpp"
#include "hw_models/chip_config.hpp"
#include "learning/network/network.hpp"
#include "solvers/matrix.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::bench {

class PlainLoop {
 public:
  PlainLoop(const hw::ChipConfig& chip, const learning::Network& network);

  // right-hand sides, grid points of the noise, pulse lists and pulses per list of each tile
  void sample(double rhs, double grid, double lists1, double pulses1, double lists2,
              double pulses2);
  std::int64_t codes() const { return codes_; }

 private:
  void right_hand_side();
  void pulses(analog::PulseDeviceArray& array, double lists, double per_list);

  analog::PulseDeviceArray tile1_, tile2_;
  Matrix w1_, w2_;
  RandomStream noise_;
  std::vector<double> row_ = std::vector<double>(784, 0.3), drive_ = std::vector<double>(128),
                      variance_ = std::vector<double>(138), draw_ = std::vector<double>(266),
                      noise_a_ = std::vector<double>(128), v_ = std::vector<double>(138, 0.1),
                      r_ = std::vector<double>(138), slope_ = std::vector<double>(138),
                      row_draw_ = std::vector<double>(784),
                      row_variance_ = std::vector<double>(128);
  std::vector<std::uint32_t> cells_;
  std::uint64_t event_ = 0;
  std::int64_t codes_ = 0;
};

}  // namespace memprop::bench
