#include "learning/dataset/npy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

constexpr std::string_view kMagic{"\x93NUMPY", 6};

// What follows "'key':" in the header's dictionary.
std::string_view value_of(std::string_view header, std::string_view key, const std::string& what) {
  const std::size_t at = header.find(key);
  if (at == std::string_view::npos) {
    throw UserError(fmt::format("{}: expected {} in the NumPy header, got {}", what, key, header));
  }
  std::string_view rest = header.substr(at + key.size());
  const std::size_t start = rest.find_first_not_of(" :");
  return start == std::string_view::npos ? std::string_view{} : rest.substr(start);
}

std::string_view quoted(std::string_view text) {
  if (text.empty() || (text[0] != '\'' && text[0] != '"')) return {};
  const std::size_t end = text.find(text[0], 1);
  return end == std::string_view::npos ? std::string_view{} : text.substr(1, end - 1);
}

std::optional<ElementType> element_type(std::string_view kind_and_size) {
  struct Known {
    std::string_view name;
    ElementType type;
  };
  static constexpr Known known[] = {
      {"b1", ElementType::u1}, {"u1", ElementType::u1}, {"i1", ElementType::i1},
      {"u2", ElementType::u2}, {"i2", ElementType::i2}, {"u4", ElementType::u4},
      {"i4", ElementType::i4}, {"u8", ElementType::u8}, {"i8", ElementType::i8},
      {"f4", ElementType::f4}, {"f8", ElementType::f8}};
  for (const Known& entry : known) {
    if (entry.name == kind_and_size) return entry.type;
  }
  return std::nullopt;
}

std::vector<std::size_t> parse_shape(std::string_view text, const std::string& what) {
  const std::size_t end = text.find(')');
  if (text.empty() || text[0] != '(' || end == std::string_view::npos) {
    throw UserError(what + ": expected a shape such as (3, 4) in the NumPy header");
  }
  text = text.substr(1, end - 1);
  std::vector<std::size_t> shape;
  while (true) {
    const std::size_t start = text.find_first_not_of(" ,");
    if (start == std::string_view::npos) return shape;
    text.remove_prefix(start);
    std::size_t extent = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), extent);
    if (error != std::errc()) {
      throw UserError(what + ": expected integers in the shape of the NumPy header");
    }
    shape.push_back(extent);
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  }
}

// Column-major values into row-major order.
void transpose_order(NumericArray& array) {
  const std::size_t width = element_size(array.type);
  const std::size_t count = array.size();
  const std::size_t dimensions = array.shape.size();
  Bytes ordered(array.bytes.size());
  std::vector<std::size_t> index(dimensions, 0);  // of element i in row-major order
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t from = 0;
    for (std::size_t d = dimensions; d-- > 0;) from = from * array.shape[d] + index[d];
    std::memcpy(ordered.data() + i * width, array.bytes.data() + from * width, width);
    for (std::size_t d = dimensions; d-- > 0;) {
      if (++index[d] < array.shape[d]) break;
      index[d] = 0;
    }
  }
  array.bytes = std::move(ordered);
}

}  // namespace

bool looks_like_npy(const Bytes& bytes) {
  return bytes.size() >= kMagic.size() &&
         std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) == 0;
}

NumericArray parse_npy(const Bytes& bytes, const std::string& what) {
  if (!looks_like_npy(bytes) || bytes.size() < 10) {
    throw UserError(what + ": expected a NumPy array (signature \\x93NUMPY), got something else");
  }
  const bool wide = bytes[6] >= 2;  // version 2 and 3: four bytes of header length
  std::size_t begin = wide ? 12 : 10;
  std::size_t length = 0;
  for (std::size_t k = begin; k-- > 8;) length = length << 8 | (k < bytes.size() ? bytes[k] : 0);
  if (begin > bytes.size() || length > bytes.size() - begin) {
    throw UserError(fmt::format("{}: truncated: expected a header of {} bytes, got {}", what,
                                length + begin, bytes.size()));
  }
  const std::string_view header(reinterpret_cast<const char*>(bytes.data()) + begin, length);
  begin += length;

  const std::string_view descr = quoted(value_of(header, "'descr'", what));
  const std::optional<ElementType> type =
      descr.size() < 3 ? std::nullopt : element_type(descr.substr(1));
  if (!type) {
    throw UserError(
        fmt::format("{}: expected numbers of type u1..u8, i1..i8, f4 or f8, got dtype "
                    "'{}'",
                    what, descr.empty() ? "structured" : descr));
  }
  NumericArray array;
  array.type = *type;
  array.shape = parse_shape(value_of(header, "'shape'", what), what);
  const bool fortran = value_of(header, "'fortran_order'", what).substr(0, 4) == "True";

  const std::size_t width = element_size(array.type);
  const std::size_t payload = bytes.size() - begin;
  std::size_t count = 1;
  bool fits = true;
  for (const std::size_t extent : array.shape) {
    fits = fits && (extent == 0 || count <= (payload / width) / extent);
    count = fits ? count * extent : 0;
  }
  if (!fits || payload != count * width) {
    throw UserError(fmt::format("{}: {}: expected {} elements of type {}, got {} bytes", what,
                                fits && payload > count * width ? "trailing bytes" : "truncated",
                                array.shape_text(), element_name(array.type), payload));
  }
  array.bytes.assign(bytes.begin() + static_cast<std::ptrdiff_t>(begin), bytes.end());
  if (descr[0] == '>') swap_byte_order(array);
  if (fortran) transpose_order(array);
  return array;
}

Bytes format_npy(const NumericArray& array) {
  static constexpr std::string_view names[] = {"|u1", "|i1", "<u2", "<i2", "<u4",
                                               "<i4", "<u8", "<i8", "<f4", "<f8"};
  std::string shape = array.shape_text();
  if (array.shape.size() == 1) shape.insert(shape.size() - 1, ",");
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}",
                                   names[static_cast<std::size_t>(array.type)], shape);
  // Padded so that the values start at a multiple of 64 bytes.
  header.append(63 - (10 + header.size()) % 64, ' ');
  header += '\n';
  Bytes out(kMagic.begin(), kMagic.end());
  out.push_back(1);
  out.push_back(0);
  out.push_back(static_cast<unsigned char>(header.size() & 0xff));
  out.push_back(static_cast<unsigned char>(header.size() >> 8));
  out.insert(out.end(), header.begin(), header.end());
  out.insert(out.end(), array.bytes.begin(), array.bytes.end());
  return out;
}

}  // namespace memprop::learning
