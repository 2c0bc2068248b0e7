// What write-verify (U5) asks of the chip: the conductances of a row's cells as codes of the
// converter in the tile's periphery.
#pragma once

#include <cstddef>
#include <cstdint>

#include "solvers/span.hpp"

namespace memprop::digital {

class CellReader {
 public:
  virtual ~CellReader() = default;
  // codes[i]: G+ - G- of column i in this row of the tile, in steps of the converter.
  virtual void read_row(std::size_t tile, std::size_t row, Span<std::int32_t> codes) = 0;
};

struct VerifyCounters {
  std::uint64_t reads = 0;       // cells read
  std::uint64_t cells = 0;       // cells that were to be written
  std::uint64_t unfinished = 0;  // of them those that still got a pulse in the last round
};

}  // namespace memprop::digital
