// Values as bytes, for a pipe between two processes of one program: no byte order, no versions.
// The reader trusts no length: what does not fit ends in h5::Error.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

#include "traces/attribute.hpp"
#include "traces/trace_reader.hpp"

namespace memprop::traces {

using Bytes = std::vector<std::uint8_t>;

class WireWriter {
 public:
  template <class T>
  std::enable_if_t<std::is_arithmetic_v<T> || std::is_enum_v<T>> put(const T& value) {
    const auto* from = reinterpret_cast<const std::uint8_t*>(&value);
    bytes_.insert(bytes_.end(), from, from + sizeof value);
  }
  void put(const std::string& text) {
    put(static_cast<std::uint64_t>(text.size()));
    bytes_.insert(bytes_.end(), text.begin(), text.end());
  }
  template <class T>
  void put(const std::vector<T>& values) {
    put(static_cast<std::uint64_t>(values.size()));
    for (const T& value : values) put(value);
  }
  void put(const AttributeValue& value);
  void put(const DatasetInfo& info);
  template <class A, class B>
  void put(const std::pair<A, B>& pair) {
    put(pair.first);
    put(pair.second);
  }
  Bytes take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

class WireReader {
 public:
  explicit WireReader(const Bytes& bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

  template <class T>
  std::enable_if_t<std::is_arithmetic_v<T> || std::is_enum_v<T>> get(T& value) {
    std::memcpy(&value, take(sizeof value), sizeof value);
  }
  void get(std::string& text) {
    const std::uint64_t size = length();
    text.assign(reinterpret_cast<const char*>(take(size)), size);
  }
  template <class T>
  void get(std::vector<T>& values) {
    const std::uint64_t size = length();  // every value takes a byte at least
    values.clear();
    for (std::uint64_t i = 0; i < size; ++i) {
      T value{};
      get(value);
      values.push_back(std::move(value));
    }
  }
  void get(AttributeValue& value);
  void get(DatasetInfo& info);
  template <class A, class B>
  void get(std::pair<A, B>& pair) {
    get(pair.first);
    get(pair.second);
  }
  template <class T>
  T next() {
    T value{};
    get(value);
    return value;
  }

 private:
  const std::uint8_t* take(std::uint64_t size);
  std::uint64_t length();

  const std::uint8_t* at_;
  const std::uint8_t* end_;
};

}  // namespace memprop::traces
