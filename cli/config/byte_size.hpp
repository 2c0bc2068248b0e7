// Sizes of files and buffers as text ("2 GB") and in bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace memprop::config {

// Units B, kB, MB, GB, TB (powers of 1000) and KiB, MiB, GiB, TiB (of 1024); the space is
// optional. Throws UserError with the expected form.
std::uint64_t parse_bytes(std::string_view text);

// The shortest text that parses back to the same number, in powers of 1000: "64 MB".
std::string format_bytes(std::uint64_t bytes);

}  // namespace memprop::config
