#include "analog/memristor/faults.hpp"

#include <string>

#include "solvers/error.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::analog {
namespace {

enum Draw : std::uint64_t { kCell = 0, kRow = 1, kColumn = 2, kBlock = 3, kValue = 4 };

RandomStream fault_stream(std::uint64_t seed, std::string_view stream) {
  return RandomStream(seed, std::string(stream) + "/fault");
}

}  // namespace

std::vector<Fault> draw_faults(const FaultConfig& config, std::size_t rows, std::size_t columns,
                               std::uint64_t seed, std::string_view stream) {
  const double single[] = {config.stuck_low, config.stuck_high, config.stuck_random, config.open,
                           config.shorted};
  double together = 0.0;
  bool good = config.block_size >= 1;
  for (const double part : single) {
    good = good && part >= 0.0;
    together += part;
  }
  for (const double part : {config.open_rows, config.open_columns, config.stuck_blocks}) {
    good = good && part >= 0.0 && part <= 1.0;
  }
  if (!good || !(together <= 1.0)) {
    throw UserError(
        "faults: expected fractions from 0 to 1, together at most 1, and blocks of a cell or more, "
        "got other values");
  }
  const RandomStream random = fault_stream(seed, stream);
  const std::size_t block_rows = (rows + config.block_size - 1) / config.block_size;
  std::vector<Fault> faults(rows * columns, Fault::none);
  for (std::size_t column = 0; column < columns; ++column) {
    const bool column_open = random.uniform(column, kColumn) < config.open_columns;
    for (std::size_t row = 0; row < rows; ++row) {
      Fault& fault = faults[column * rows + row];
      const std::size_t block = column / config.block_size * block_rows + row / config.block_size;
      if (column_open || random.uniform(row, kRow) < config.open_rows) {
        fault = Fault::open;
      } else if (random.uniform(block, kBlock) < config.stuck_blocks) {
        fault = Fault::stuck_low;
      } else {
        double u = random.uniform(column * rows + row, kCell);
        for (std::size_t kind = 0; kind < 5; ++kind) {
          if (u < single[kind]) {
            fault = static_cast<Fault>(kind + 1);
            break;
          }
          u -= single[kind];
        }
      }
    }
  }
  return faults;
}

std::size_t apply_faults(PulseDeviceArray& array, const std::vector<Fault>& faults,
                         const FaultConfig& config, std::uint64_t seed, std::string_view stream) {
  if (faults.size() != array.size()) throw InternalError("faults: wrong number of cells");
  const RandomStream random = fault_stream(seed, stream);
  const DeviceConfig& c = array.config();
  std::size_t count = 0;
  for (std::size_t k = 0; k < faults.size(); ++k) {
    double g = 0.0;
    switch (faults[k]) {
      case Fault::none:
        continue;
      case Fault::stuck_low:
        g = c.g_min_s;
        break;
      case Fault::stuck_high:
        g = c.g_max_s;
        break;
      case Fault::stuck_random: {
        const double part = config.random_from +
                            (config.random_to - config.random_from) * random.uniform(k, kValue);
        g = c.g_min_s + part * (c.g_max_s - c.g_min_s);
        break;
      }
      case Fault::open:
        break;
      case Fault::shorted:
        g = config.short_s;
        break;
    }
    array.stick(k, g);
    ++count;
  }
  return count;
}

}  // namespace memprop::analog
