#include "traces/internal/series_buffer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "solvers/error.hpp"
#include "traces/series.hpp"

namespace memprop::traces {
namespace {

constexpr std::uint32_t skip_deflate = 1U << 1U;  // the second filter of the pipeline

}  // namespace

SeriesBuffer::SeriesBuffer(std::string path, h5::Handle dataset, ChunkEncoder& encoder)
    : path_(std::move(path)),
      dataset_(std::move(dataset)),
      encoder_(encoder),
      layout_(h5::layout_of(dataset_.get())) {
  row_bytes_ = size_of(layout_.type);
  for (std::size_t axis = 1; axis < layout_.dims.size(); ++axis) row_bytes_ *= layout_.dims[axis];
  chunk_bytes_ = row_bytes_ * layout_.chunk_rows;
  load_tail();
}

void SeriesBuffer::load_tail() {
  held_rows_ = layout_.dims[0] % layout_.chunk_rows;
  first_row_ = layout_.dims[0] - held_rows_;
  unwritten_ = false;
  if (held_rows_ == 0) return;
  chunk_.resize(chunk_bytes_);
  h5::read_rows(dataset_.get(), layout_.type, first_row_, held_rows_, chunk_.data());
}

void SeriesBuffer::append(ElementType type, const void* rows, std::size_t count) {
  if (type != layout_.type) {
    throw InternalError(
        fmt::format("series {} holds {}, not {}", path_, name_of(layout_.type), name_of(type)));
  }
  const auto* from = static_cast<const std::uint8_t*>(rows);
  if (chunk_.empty()) chunk_.resize(chunk_bytes_);
  while (count > 0) {
    const std::size_t part = std::min(count, layout_.chunk_rows - held_rows_);
    std::memcpy(chunk_.data() + held_rows_ * row_bytes_, from, part * row_bytes_);
    held_rows_ += part;
    from += part * row_bytes_;
    count -= part;
    unwritten_ = true;
    if (held_rows_ == layout_.chunk_rows) {
      write_chunk();
      first_row_ += held_rows_;
      held_rows_ = 0;
    }
  }
}

void SeriesBuffer::write_tail() {
  if (!unwritten_) return;
  // What an earlier chunk left behind must not depend on when flush() is called.
  std::fill(chunk_.begin() + static_cast<std::ptrdiff_t>(held_rows_ * row_bytes_), chunk_.end(),
            std::uint8_t{0});
  write_chunk();
}

void SeriesBuffer::write_chunk() {
  layout_.dims[0] = first_row_ + held_rows_;
  h5::set_dims(dataset_.get(), layout_.dims);

  const std::size_t size = size_of(layout_.type);
  const EncodedChunk encoded = encoder_.encode(chunk_.data(), chunk_bytes_ / size, size);
  h5::write_chunk(dataset_.get(), layout_.dims, first_row_, encoded.deflated ? 0 : skip_deflate,
                  encoded.bytes, encoded.size);
  unwritten_ = false;
}

void SeriesBuffer::truncate(std::uint64_t rows) {
  write_tail();
  layout_.dims[0] = rows;
  h5::set_dims(dataset_.get(), layout_.dims);
  load_tail();
}

void Series::append(const double* rows, std::size_t count) {
  buffer_->append(ElementType::float64, rows, count);
}
void Series::append(const float* rows, std::size_t count) {
  buffer_->append(ElementType::float32, rows, count);
}
void Series::append(const std::int64_t* rows, std::size_t count) {
  buffer_->append(ElementType::int64, rows, count);
}
void Series::append(const std::int32_t* rows, std::size_t count) {
  buffer_->append(ElementType::int32, rows, count);
}
void Series::append(const std::uint64_t* rows, std::size_t count) {
  buffer_->append(ElementType::uint64, rows, count);
}
void Series::append(const std::uint32_t* rows, std::size_t count) {
  buffer_->append(ElementType::uint32, rows, count);
}
void Series::append(const std::uint8_t* rows, std::size_t count) {
  buffer_->append(ElementType::uint8, rows, count);
}

std::uint64_t Series::rows() const { return buffer_->rows(); }

}  // namespace memprop::traces
