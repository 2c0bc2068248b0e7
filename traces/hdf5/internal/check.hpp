// Inside the wall: results of C calls to exceptions, element types to HDF5 types.
#pragma once

#include <hdf5.h>

#include <string>

#include "traces/element_type.hpp"
#include "traces/hdf5/handle.hpp"

namespace memprop::traces::h5 {

// While one lives the library keeps its errors to itself; they are read from its stack.
class QuietErrors {
 public:
  QuietErrors();
  ~QuietErrors();
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;

 private:
  H5E_auto2_t function_ = nullptr;
  void* data_ = nullptr;
};

[[noreturn]] void throw_error(const char* call);

// Every C function returns something negative on failure.
template <class T>
T check(T result, const char* call) {
  if (result < 0) throw_error(call);
  return result;
}

inline Handle own(hid_t id, int (*closer)(hid_t), const char* call) {
  return Handle(check(id, call), closer);
}

hid_t memory_type(ElementType type);      // of numbers; not to be closed
Handle text_type(std::size_t length);     // fixed length, UTF-8, padded with zeros
ElementType element_type_of(hid_t type);  // throws for types that traces do not hold
std::string text_from(const char* bytes, std::size_t length);  // without the padding

}  // namespace memprop::traces::h5
