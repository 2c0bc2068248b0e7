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

SeriesBuffer::SeriesBuffer(std::string path, h5::Handle dataset, ChunkWriter& writer)
    : path_(std::move(path)),
      writer_(writer),
      dataset_(std::move(dataset)),
      layout_(h5::layout_of(dataset_.get())) {
  type_ = layout_.type;
  chunk_rows_ = layout_.chunk_rows;
  row_bytes_ = size_of(type_);
  for (std::size_t axis = 1; axis < layout_.dims.size(); ++axis) row_bytes_ *= layout_.dims[axis];
  chunk_bytes_ = row_bytes_ * chunk_rows_;
  if (chunk_bytes_ != layout_.chunk_bytes || chunk_bytes_ == 0) {
    throw UserError(
        fmt::format("series '{}' has chunks of another shape than memprop makes; the file was "
                    "rewritten by another program and cannot be continued",
                    path_));
  }
  load_tail();
}

void SeriesBuffer::load_tail() {
  held_rows_ = layout_.dims[0] % chunk_rows_;
  first_row_ = layout_.dims[0] - held_rows_;
  unwritten_ = false;
  if (held_rows_ == 0) return;
  chunk_.resize(chunk_bytes_);
  h5::read_rows(dataset_.get(), type_, first_row_, held_rows_, chunk_.data());
}

void SeriesBuffer::append(ElementType type, const void* rows, std::size_t count) {
  if (type != type_) {
    throw InternalError(
        fmt::format("series {} holds {}, not {}", path_, name_of(type_), name_of(type)));
  }
  const auto* from = static_cast<const std::uint8_t*>(rows);
  while (count > 0) {
    if (chunk_.empty()) chunk_ = writer_.buffer(chunk_bytes_);
    const std::size_t part = std::min(count, chunk_rows_ - held_rows_);
    std::memcpy(chunk_.data() + held_rows_ * row_bytes_, from, part * row_bytes_);
    held_rows_ += part;
    from += part * row_bytes_;
    count -= part;
    unwritten_ = true;
    if (held_rows_ == chunk_rows_) {
      writer_.push({this, first_row_, held_rows_, std::move(chunk_)});
      chunk_.clear();
      first_row_ += held_rows_;
      held_rows_ = 0;
      unwritten_ = false;
    }
  }
}

void SeriesBuffer::push_tail() {
  if (!unwritten_) return;
  std::vector<std::uint8_t> copy = writer_.buffer(chunk_bytes_);
  const std::size_t used = held_rows_ * row_bytes_;
  std::memcpy(copy.data(), chunk_.data(), used);
  // What an earlier chunk left behind must not depend on when flush() is called.
  std::memset(copy.data() + used, 0, chunk_bytes_ - used);
  writer_.push({this, first_row_, held_rows_, std::move(copy)});
  unwritten_ = false;
}

void SeriesBuffer::write(const WriteJob& job, ChunkEncoder& encoder) {
  layout_.dims[0] = job.first_row + job.rows;
  h5::set_dims(dataset_.get(), layout_.dims);

  std::size_t stored = chunk_bytes_;
  if (layout_.filtered) {
    const std::size_t size = size_of(type_);
    const EncodedChunk encoded = encoder.encode(job.chunk.data(), chunk_bytes_ / size, size);
    h5::write_chunk(dataset_.get(), layout_.dims, job.first_row,
                    encoded.deflated ? 0 : skip_deflate, encoded.bytes, encoded.size);
    stored = encoded.size;
  } else {
    h5::write_chunk(dataset_.get(), layout_.dims, job.first_row, 0, job.chunk.data(), chunk_bytes_);
  }
  if (job.rows == chunk_rows_) {
    whole_.in += chunk_bytes_;
    whole_.stored += stored;
    tail_ = {};
  } else {
    tail_ = {job.rows * row_bytes_, stored};
  }
}

void SeriesBuffer::truncate(std::uint64_t rows) {
  layout_.dims[0] = rows;
  h5::set_dims(dataset_.get(), layout_.dims);
  whole_ = tail_ = {};
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
std::size_t Series::bytes_per_row() const { return buffer_->row_bytes(); }

}  // namespace memprop::traces
