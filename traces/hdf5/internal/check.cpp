#include "traces/hdf5/internal/check.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include "traces/hdf5/calls.hpp"

namespace memprop::traces::h5 {
namespace {

// From the outermost call to the cause.
herr_t collect(unsigned, const H5E_error2_t* error, void* text) {
  auto& out = *static_cast<std::string*>(text);
  if (error->desc != nullptr && error->desc[0] != '\0') {
    if (!out.empty()) out += "; ";
    out += error->desc;
  }
  return 0;
}

// State of the library, not of ours: it has one of everything a process.
std::recursive_mutex& library_mutex() {
  alignas(std::recursive_mutex) static unsigned char place[sizeof(std::recursive_mutex)];
  static std::recursive_mutex& mutex = *new (place) std::recursive_mutex;
  return mutex;
}

}  // namespace

LibraryUse::LibraryUse() : lock_(library_mutex()) {
  H5Eget_auto2(H5E_DEFAULT, &function_, &data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

LibraryUse::~LibraryUse() { H5Eset_auto2(H5E_DEFAULT, function_, data_); }

int fork_process() {
  std::recursive_mutex& mutex = library_mutex();
  mutex.lock();
  const pid_t child = ::fork();
  if (child == 0) {
    new (&mutex) std::recursive_mutex;  // it is held by a thread of the parent, not by this one
  } else {
    const int reason = errno;
    mutex.unlock();
    errno = reason;
  }
  return child;
}

bool Handle::close() {
  const Id id = std::exchange(id_, -1);
  if (id < 0) return true;
  const LibraryUse use;
  return closer_(id) >= 0;
}

void throw_error(const char* call) {
  std::string text;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, collect, &text);
  throw Error(fmt::format("{}: {}", call, text.empty() ? "failed" : text));
}

hid_t memory_type(ElementType type) {
  switch (type) {
    case ElementType::float64:
      return H5T_NATIVE_DOUBLE;
    case ElementType::float32:
      return H5T_NATIVE_FLOAT;
    case ElementType::int64:
      return H5T_NATIVE_INT64;
    case ElementType::int32:
      return H5T_NATIVE_INT32;
    case ElementType::uint64:
      return H5T_NATIVE_UINT64;
    case ElementType::uint32:
      return H5T_NATIVE_UINT32;
    case ElementType::uint8:
      return H5T_NATIVE_UINT8;
    case ElementType::text:
      break;
  }
  throw Error("text has no numeric type");
}

Handle text_type(std::size_t length) {
  Handle type = own(H5Tcopy(H5T_C_S1), H5Tclose, "H5Tcopy");
  check(H5Tset_size(type.get(), std::max<std::size_t>(length, 1)), "H5Tset_size");
  check(H5Tset_strpad(type.get(), H5T_STR_NULLPAD), "H5Tset_strpad");
  check(H5Tset_cset(type.get(), H5T_CSET_UTF8), "H5Tset_cset");
  return type;
}

ElementType element_type_of(hid_t type) {
  const H5T_class_t kind = H5Tget_class(type);
  const std::size_t size = H5Tget_size(type);
  if (kind == H5T_STRING) return ElementType::text;
  if (kind == H5T_FLOAT && size == 8) return ElementType::float64;
  if (kind == H5T_FLOAT && size == 4) return ElementType::float32;
  if (kind == H5T_INTEGER) {
    const bool with_sign = check(H5Tget_sign(type), "H5Tget_sign") == H5T_SGN_2;
    if (size == 8) return with_sign ? ElementType::int64 : ElementType::uint64;
    if (size == 4) return with_sign ? ElementType::int32 : ElementType::uint32;
    if (size == 1 && !with_sign) return ElementType::uint8;
  }
  throw ForeignType("a data set or attribute has a type that traces do not hold");
}

std::string text_from(const char* bytes, std::size_t length) {
  const void* end = std::memchr(bytes, 0, length);
  if (end != nullptr) length = static_cast<std::size_t>(static_cast<const char*>(end) - bytes);
  return std::string(bytes, length);
}

}  // namespace memprop::traces::h5
