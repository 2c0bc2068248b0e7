#include "traces/trace_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <functional>
#include <numeric>

#include "solvers/error.hpp"
#include "traces/hdf5/system_file.hpp"
#include "traces/internal/sandboxed_reader.hpp"
#include "traces/internal/trace_file_impl.hpp"
#include "traces/trace_reader.hpp"

namespace memprop::traces {
namespace {

std::string now_utc() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

// Where the new file grows until it is complete enough to take its place.
std::string unfinished_path(const std::string& path) {
  return fmt::format("{}.{}.part", path, ::getpid());
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
    at += to.size();
  }
}

void check_replaceable(const std::string& path, ExistingTrace existing) {
  std::error_code ignored;  // whatever hinders us shows when the file is made
  if (!std::filesystem::exists(std::filesystem::symlink_status(path, ignored))) return;
  const std::shared_ptr<CommitFile> present = CommitFile::open_for_append(path);
  if (existing == ExistingTrace::refuse) throw UserError(path + ": exists already");
  if (present->size() > 0 && !is_trace(path)) {
    throw UserError(path + ": exists and is not a trace; it is not overwritten");
  }
}

}  // namespace

TraceFile::TraceFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TraceFile::TraceFile(TraceFile&&) noexcept = default;
TraceFile& TraceFile::operator=(TraceFile&& other) noexcept {
  impl_.swap(other.impl_);  // what was open here is closed with `other`
  return *this;
}

TraceFile::~TraceFile() {
  if (!impl_) return;
  try {
    close();
  } catch (const std::exception&) {
    // The last committed state stays.
  }
}

TraceFile TraceFile::create(const std::string& path, ExistingTrace existing,
                            const TraceOptions& options) {
  at_the_start([&] { check_replaceable(path, existing); });
  // A link stays, what it points to is replaced.
  std::error_code ignored;
  std::string target = path;
  if (std::filesystem::is_symlink(std::filesystem::symlink_status(path, ignored))) {
    target = std::filesystem::canonical(path, ignored).string();
    if (target.empty()) throw UserError(path + ": is a link that leads nowhere");
  }
  const std::string unfinished = unfinished_path(target);
  ::unlink(unfinished.c_str());  // of a dead process with our number
  auto impl = std::make_unique<Impl>(options);
  impl->path = path;
  const auto give_up = [&] {
    impl->file.close();
    if (impl->storage) impl->storage->discard();
  };
  try {
    impl->storage = CommitFile::create(unfinished);
    at_the_start([&] {
      impl->guarded([&] {
        impl->file = h5::create_file(impl->storage);
        const h5::Handle root = h5::open_object(impl->id(), "");
        h5::write_attribute(root.get(), "format", std::string(trace_format));
        h5::write_attribute(root.get(), "format_version", trace_format_version);
        h5::write_attribute(root.get(), "created", now_utc());
      });
      impl->guarded([&] { impl->commit(false, Readers::ignore); });
      impl->storage->rename(target);
    });
  } catch (const UserError& error) {
    give_up();
    std::string message = error.what();
    replace_all(message, unfinished, path);
    throw UserError(message);
  } catch (...) {
    give_up();
    throw;
  }
  return TraceFile(std::move(impl));
}

TraceFile TraceFile::open_for_append(const std::string& path, const TraceOptions& options) {
  {
    const TraceReader checked(path);  // is a trace of a version we know
    if (checked.format_version() != trace_format_version) {
      throw UserError(
          fmt::format("{}: is of trace format version {}, which can be read but not "
                      "continued; expected version {}",
                      path, checked.format_version(), trace_format_version));
    }
  }
  // From here on the file is used in this process.
  SandboxedReader(CommitFile::open_to_rehearse(path)).ask({Question::rehearse_resume, {}});
  auto impl = std::make_unique<Impl>(options);
  impl->path = path;
  impl->storage = CommitFile::open_for_append(path);
  at_the_start([&] { impl->guarded([&] { impl->file = h5::open_file(impl->storage, true); }); });
  return TraceFile(std::move(impl));
}

const std::string& TraceFile::path() const { return impl_->path; }

void TraceFile::write_array(const std::string& path, ElementType type, const void* values,
                            std::size_t count, const std::vector<std::size_t>& dims,
                            const ArrayInfo& info) {
  if (std::accumulate(dims.begin(), dims.end(), std::size_t{1}, std::multiplies<>()) != count) {
    throw InternalError(
        fmt::format("data set {}: {} values for {}", path, count, described(type, dims)));
  }
  impl_->alone([&] {
    const h5::Handle dataset = impl_->fixed_dataset(path, {type, dims, 0, false, 0}, info);
    if (count > 0) h5::write_all(dataset.get(), type, values);
  });
}

void TraceFile::write_axis(const std::string& path, ElementType type, const void* values,
                           std::size_t count, const std::string& unit,
                           const std::string& long_name) {
  impl_->alone([&] {
    const bool is_new = h5::kind_of(impl_->id(), path) == h5::ObjectKind::none;
    const h5::Layout layout{type, {count}, 0, false, 0};
    const h5::Handle dataset = is_new ? h5::create_dataset(impl_->id(), path, layout)
                                      : impl_->fixed_dataset(path, layout, {});
    if (count > 0) h5::write_all(dataset.get(), type, values);
    if (is_new) {
      h5::make_scale(dataset.get(), name_in_group(path));
      impl_->describe(dataset.get(), unit, long_name);
    }
  });
}

void TraceFile::write_text(const std::string& path, const std::string& text,
                           const std::string& long_name) {
  impl_->alone([&] {
    // A text of another length needs another type.
    if (h5::kind_of(impl_->id(), path) == h5::ObjectKind::dataset &&
        h5::layout_of(h5::open_dataset(impl_->id(), path).get()).type == ElementType::text) {
      h5::remove_object(impl_->id(), path);
    }
    const std::size_t length = std::max<std::size_t>(text.size(), 1);
    const h5::Handle dataset =
        impl_->fixed_dataset(path, {ElementType::text, {}, length, false, 0}, {"", long_name, {}});
    h5::write_text(dataset.get(), {text}, length);
  });
}

void TraceFile::write_strings(const std::string& path, const std::vector<std::string>& texts,
                              const ArrayInfo& info) {
  impl_->alone([&] {
    std::size_t length = 1;
    for (const std::string& text : texts) length = std::max(length, text.size());
    const h5::Handle dataset =
        impl_->fixed_dataset(path, {ElementType::text, {texts.size()}, length, false, 0}, info);
    if (!texts.empty()) h5::write_text(dataset.get(), texts, length);
  });
}

void TraceFile::set_attribute(const std::string& object_path, const std::string& name,
                              const AttributeValue& value) {
  impl_->alone([&] {
    if (h5::kind_of(impl_->id(), object_path) == h5::ObjectKind::none) {
      h5::create_group(impl_->id(), object_path);
    }
    h5::write_attribute(h5::open_object(impl_->id(), object_path).get(), name, value);
  });
}

Series TraceFile::row_axis(const std::string& path, const SeriesInfo& info) {
  return impl_->alone([&] { return impl_->declare_series(path, info, true); });
}

Series TraceFile::series(const std::string& path, const SeriesInfo& info) {
  return impl_->alone([&] { return impl_->declare_series(path, info, false); });
}

RowCounts TraceFile::row_counts() const {
  return impl_->alone([&] {
    RowCounts counts;
    for (const std::string& name : h5::dataset_paths(impl_->id())) {
      const auto known = impl_->series.find(name);
      if (known != impl_->series.end()) {
        counts[name] = known->second->rows();
        continue;
      }
      try {
        const h5::Layout layout = h5::layout_of(h5::open_dataset(impl_->id(), name).get());
        if (layout.growing) counts[name] = layout.dims[0];
      } catch (const h5::ForeignType&) {
        // Somebody's addition, which is none of ours to cut.
      }
    }
    return counts;
  });
}

void TraceFile::truncate_to(const RowCounts& counts) {
  const RowCounts present = row_counts();
  for (const auto& [name, rows] : counts) {
    const auto found = present.find(name);
    if (found == present.end() || found->second < rows) {
      throw UserError(
          fmt::format("{}: series '{}' has {} rows, expected at least {}; the trace "
                      "does not belong to this checkpoint",
                      impl_->path, name, found == present.end() ? 0 : found->second, rows));
    }
  }
  impl_->push_tails();
  impl_->alone([&] {
    for (const auto& [name, rows] : present) {
      const auto wanted = counts.find(name);
      const std::uint64_t keep = wanted == counts.end() ? 0 : wanted->second;
      if (keep == rows) continue;
      const auto known = impl_->series.find(name);
      if (known != impl_->series.end()) {
        known->second->truncate(keep);
      } else {
        SeriesBuffer(name, h5::open_dataset(impl_->id(), name), impl_->writer).truncate(keep);
      }
    }
  });
  flush();
}

void TraceFile::flush(bool to_disk) {
  impl_->id();
  impl_->push_tails();
  WriteJob commit;
  commit.to_disk = to_disk;
  impl_->writer.push(std::move(commit));
  impl_->writer.drain();
}

void TraceFile::flush_soon() {
  impl_->id();
  impl_->push_tails();
  impl_->writer.push({});
}

void TraceFile::close() {
  if (!impl_->file) return;
  try {
    impl_->push_tails();
    impl_->alone([&] {
      impl_->closed_series = series_statistics();
      impl_->closed_memory = impl_->series_memory();
      impl_->series.clear();
      h5::close_file(impl_->file);
    });
  } catch (...) {
    impl_->storage->fail(impl_->path + ": closed after an error");
    impl_->writer.idle();
    impl_->series.clear();
    impl_->file.close();
    throw;
  }
  impl_->storage->commit(Durability::process, Readers::wait_long);
}

WriterStatistics TraceFile::statistics() const {
  impl_->writer.idle();
  const QueueCounts queue = impl_->writer.counts();
  const CommitCounts commits = impl_->storage->counts();
  WriterStatistics all;
  all.queue_bytes_limit = impl_->writer.bytes_limit();
  all.queue_bytes_peak = queue.bytes_peak;
  // Held pages are copied into their journal.
  all.memory_bytes_peak = queue.memory_peak + 2 * commits.held_bytes_peak +
                          impl_->encoder.memory() + impl_->series_memory();
  all.stalls = queue.stalls;
  all.stall_s = queue.stall_s;
  all.writing_s = queue.busy_s;
  for (const auto& [name, series] : series_statistics()) {
    all.bytes += series.bytes;
    all.stored_bytes += series.stored_bytes;
  }
  all.commits = commits.commits;
  all.deferred_commits = commits.deferred;
  all.replaced_commits = commits.replaced;
  all.forced_commits = commits.forced;
  return all;
}

std::map<std::string, SeriesStatistics> TraceFile::series_statistics() const {
  impl_->writer.idle();
  std::map<std::string, SeriesStatistics> all = impl_->closed_series;
  for (const auto& [name, buffer] : impl_->series) {
    all[name] = {buffer->rows(), buffer->row_bytes(), buffer->bytes_in(), buffer->bytes_stored()};
  }
  return all;
}

}  // namespace memprop::traces
