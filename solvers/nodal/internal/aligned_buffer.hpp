// Doubles that begin at a multiple of 64 bytes: vector loads never straddle, and results cannot
// depend on where the allocator happened to put them.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace memprop::nodal {

class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t size) : size_(size) {
    // A solve passes over all of a large factor: with big pages it does so without table misses.
    constexpr std::size_t line = 64, page = std::size_t{1} << 21;
    const std::size_t bytes = size * sizeof(double) + line;
    const Free free{bytes >= 2 * page ? page : line};
    data_ = {static_cast<double*>(::operator new[](bytes, std::align_val_t{free.alignment})), free};
#ifdef __linux__
    if (free.alignment == page) madvise(data_.get(), bytes / page * page, MADV_HUGEPAGE);
#endif
    for (std::size_t k = 0; k < size; ++k) data_.get()[k] = 0.0;
  }
  double* data() { return data_.get(); }
  const double* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  struct Free {
    std::size_t alignment;
    void operator()(double* p) const { ::operator delete[](p, std::align_val_t{alignment}); }
  };
  std::unique_ptr<double, Free> data_{nullptr, Free{64}};
  std::size_t size_ = 0;
};

}  // namespace memprop::nodal
