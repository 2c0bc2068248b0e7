// Short forms for the descriptions of series.
#pragma once

#include <string>
#include <vector>

#include "traces/series.hpp"

namespace memprop::bench {

// A row axis (no `axis`), or one value per row of `axis`.
inline traces::SeriesInfo values(traces::ElementType type, const std::string& unit,
                                 const std::string& long_name, const std::string& axis = {}) {
  traces::SeriesInfo info;
  info.type = type;
  info.unit = unit;
  info.long_name = long_name;
  if (!axis.empty()) info.axes = {axis};
  return info;
}

// An array per row; `axes` names the row axis first.
inline traces::SeriesInfo arrays(traces::ElementType type, std::vector<std::size_t> shape,
                                 const std::string& unit, const std::string& long_name,
                                 std::vector<std::string> axes) {
  traces::SeriesInfo info;
  info.type = type;
  info.row_shape = std::move(shape);
  info.unit = unit;
  info.long_name = long_name;
  info.axes = std::move(axes);
  return info;
}

}  // namespace memprop::bench
