// Inside the wall: results of C calls to exceptions, element types to HDF5 types.
#pragma once

#include <hdf5.h>

#include <mutex>
#include <string>

#include "traces/element_type.hpp"
#include "traces/hdf5/handle.hpp"

namespace memprop::traces::h5 {

// The library is not made for threads, and what it shares between files is hidden in it. So every
// function of the wall has it for itself while one of these lives; the library then keeps its
// errors to itself, too, and they are read from its stack.
class LibraryUse {
 public:
  LibraryUse();
  ~LibraryUse();
  LibraryUse(const LibraryUse&) = delete;
  LibraryUse& operator=(const LibraryUse&) = delete;

 private:
  std::lock_guard<std::recursive_mutex> lock_;
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
