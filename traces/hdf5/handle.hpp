// An identifier of the HDF5 library, closed with its owner. Move-only; never throws when closing.
#pragma once

#include <cstdint>
#include <utility>

namespace memprop::traces::h5 {

using Id = std::int64_t;  // hid_t, without its header

class Handle {
 public:
  using Closer = int (*)(Id);

  Handle() = default;
  Handle(Id id, Closer closer) : id_(id), closer_(closer) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), closer_(other.closer_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(closer_, other.closer_);
    return *this;
  }
  ~Handle() { close(); }

  Id get() const { return id_; }
  explicit operator bool() const { return id_ >= 0; }
  // False when the library reports a failure; the identifier is gone either way.
  bool close();

 private:
  Id id_ = -1;
  Closer closer_ = nullptr;
};

}  // namespace memprop::traces::h5
