// What an attribute can hold.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace memprop::traces {

using AttributeValue = std::variant<std::int64_t, double, std::string, std::vector<std::int64_t>,
                                    std::vector<double>, std::vector<std::string>>;

}  // namespace memprop::traces
