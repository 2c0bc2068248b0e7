// What is in an open trace, by calls of the HDF5 library in this very process. Its parsers do not
// stand every damaged file: outside tests only a SandboxedReader's process makes one of these.
//
// UserError for whatever is not there or cannot be read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "traces/hdf5/calls.hpp"
#include "traces/trace_reader.hpp"

namespace memprop::traces {

class TraceContents {
 public:
  struct Rows {
    std::uint64_t first = 0;
    std::uint64_t count = 0;
  };
  // Of values in pieces: first how many bytes there will be, then these bytes.
  struct Output {
    std::function<void(std::uint64_t)> total;
    std::function<void(const void*, std::size_t)> piece;
  };
  using Allow = std::function<void(std::uint64_t memory_bytes)>;

  // `allow` is told what a piece of work may take, and called before each.
  TraceContents(std::shared_ptr<CommitFile> storage, Allow allow);

  std::int64_t version() const { return version_; }
  std::vector<DatasetInfo> datasets() const;
  bool has(const std::string& name) const;
  DatasetInfo info(const std::string& name) const;
  // All values, or some rows, as numbers of that type.
  void read(const std::string& name, ElementType as, const std::optional<Rows>& rows,
            const Output& out) const;
  std::vector<std::string> read_strings(const std::string& name) const;
  std::vector<std::pair<std::string, AttributeValue>> attributes(
      const std::string& object_path) const;

  // Everything that a resume may ask of the file: all objects and attributes, the last chunks, all
  // texts removed, all series cut to nothing, the metadata written. The storage has to be one that
  // keeps nothing (CommitFile::open_to_rehearse).
  void rehearse_resume() const;

 private:
  template <class Action>
  auto guarded(Action action) const;
  h5::Handle dataset(const std::string& name) const;
  DatasetInfo describe(const std::string& name) const;
  h5::Layout sound_layout(const std::string& name, h5::Id opened) const;
  h5::Layout numeric_layout(const std::string& name, h5::Id opened) const;
  void read_opened(const std::string& name, h5::Id opened, ElementType as,
                   const std::optional<Rows>& rows, const Output& out) const;
  static std::vector<std::pair<std::string, AttributeValue>> attributes_of(h5::Id object);

  std::shared_ptr<CommitFile> storage_;
  Allow allow_;
  h5::Handle file_;
  std::int64_t version_ = 0;
};

}  // namespace memprop::traces
