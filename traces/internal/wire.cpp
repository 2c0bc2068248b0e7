#include "traces/internal/wire.hpp"

#include "traces/hdf5/calls.hpp"

namespace memprop::traces {
namespace {

template <std::size_t Index = 0>
void get_alternative(WireReader& reader, std::size_t wanted, AttributeValue& value) {
  if constexpr (Index < std::variant_size_v<AttributeValue>) {
    if (wanted == Index) {
      reader.get(value.emplace<Index>());
    } else {
      get_alternative<Index + 1>(reader, wanted, value);
    }
  } else {
    throw h5::Error("the reading process sent an attribute of no known kind");
  }
}

}  // namespace

void WireWriter::put(const AttributeValue& value) {
  put(static_cast<std::uint8_t>(value.index()));
  std::visit([this](const auto& held) { put(held); }, value);
}

void WireReader::get(AttributeValue& value) { get_alternative(*this, next<std::uint8_t>(), value); }

void WireWriter::put(const DatasetInfo& info) {
  put(info.path);
  put(info.type);
  put(info.shape);
  put(static_cast<std::uint8_t>(info.growing ? 1 : 0));
  put(info.stored_bytes);
  put(info.unit);
  put(info.long_name);
  put(info.axes);
}

void WireReader::get(DatasetInfo& info) {
  get(info.path);
  get(info.type);
  get(info.shape);
  info.growing = next<std::uint8_t>() != 0;
  get(info.stored_bytes);
  get(info.unit);
  get(info.long_name);
  get(info.axes);
}

const std::uint8_t* WireReader::take(std::uint64_t size) {
  if (size > static_cast<std::uint64_t>(end_ - at_)) {
    throw h5::Error("the reading process sent less than it promised");
  }
  const std::uint8_t* taken = at_;
  at_ += size;
  return taken;
}

std::uint64_t WireReader::length() {
  const auto size = next<std::uint64_t>();
  if (size > static_cast<std::uint64_t>(end_ - at_)) {
    throw h5::Error("the reading process sent less than it promised");
  }
  return size;
}

}  // namespace memprop::traces
