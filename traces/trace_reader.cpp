#include "traces/trace_reader.hpp"

#include <fmt/format.h>

#include <new>
#include <stdexcept>

#include "solvers/error.hpp"
#include "traces/hdf5/calls.hpp"
#include "traces/internal/sandboxed_reader.hpp"
#include "traces/trace_file.hpp"

namespace memprop::traces {

struct TraceReader::Impl {
  std::string path;
  SandboxedReader reader;
  std::int64_t version = 0;

  explicit Impl(const std::string& name) : path(name), reader(CommitFile::open_read_only(name)) {
    version = answer<std::int64_t>({Question::version, {}});
  }

  template <class Action>
  auto guarded(Action action) {
    try {
      return action();
    } catch (const std::bad_alloc&) {
      throw UserError(path + ": cannot be read: there is not enough memory");
    } catch (const std::length_error&) {
      throw UserError(path + ": cannot be read: there is not enough memory");
    } catch (const h5::Error& error) {
      throw UserError(fmt::format("{}: cannot be read: {}", path, error.what()));
    }
  }

  template <class T>
  T answer(const Request& request) {
    return guarded([&] {
      const Bytes bytes = reader.ask(request);
      return WireReader(bytes).next<T>();
    });
  }

  template <class T>
  std::vector<T> values(const Request& request) {
    return guarded([&] {
      std::vector<T> all;
      reader.ask(request, [&](std::uint64_t bytes) {
        if (bytes % sizeof(T) != 0) throw h5::Error("half a value");
        all.resize(bytes / sizeof(T));
        return all.data();
      });
      return all;
    });
  }
};

TraceReader::TraceReader(const std::string& path) : impl_(std::make_unique<Impl>(path)) {
  if (impl_->version < 1 || impl_->version > trace_format_version) {
    throw UserError(fmt::format("{}: expected trace format version {} or earlier, got {}", path,
                                trace_format_version, impl_->version));
  }
}

TraceReader::TraceReader(TraceReader&&) noexcept = default;
TraceReader& TraceReader::operator=(TraceReader&&) noexcept = default;
TraceReader::~TraceReader() = default;

const std::string& TraceReader::path() const { return impl_->path; }
std::int64_t TraceReader::format_version() const { return impl_->version; }

std::vector<DatasetInfo> TraceReader::datasets() const {
  return impl_->answer<std::vector<DatasetInfo>>({Question::datasets, {}});
}

bool TraceReader::has(const std::string& path) const {
  return impl_->answer<std::uint8_t>({Question::has, path}) != 0;
}

DatasetInfo TraceReader::info(const std::string& path) const {
  return impl_->answer<DatasetInfo>({Question::info, path});
}

template <class T>
std::vector<T> TraceReader::read(const std::string& path) const {
  return impl_->values<T>({Question::values, path, element_type<T>});
}

template <class T>
std::vector<T> TraceReader::read_rows(const std::string& path, std::size_t first,
                                      std::size_t count) const {
  return impl_->values<T>({Question::rows, path, element_type<T>, first, count});
}

#define MEMPROP_INSTANTIATE(T)                                                                    \
  template std::vector<T> TraceReader::read<T>(const std::string&) const;                         \
  template std::vector<T> TraceReader::read_rows<T>(const std::string&, std::size_t, std::size_t) \
      const;
MEMPROP_INSTANTIATE(double)
MEMPROP_INSTANTIATE(float)
MEMPROP_INSTANTIATE(std::int64_t)
MEMPROP_INSTANTIATE(std::int32_t)
MEMPROP_INSTANTIATE(std::uint64_t)
MEMPROP_INSTANTIATE(std::uint32_t)
MEMPROP_INSTANTIATE(std::uint8_t)
#undef MEMPROP_INSTANTIATE

std::string TraceReader::read_text(const std::string& path) const {
  const std::vector<std::string> texts = read_strings(path);
  if (texts.size() != 1) {
    throw UserError(fmt::format("{}: data set '{}' holds {} texts, expected one", impl_->path, path,
                                texts.size()));
  }
  return texts.front();
}

std::vector<std::string> TraceReader::read_strings(const std::string& path) const {
  return impl_->answer<std::vector<std::string>>({Question::strings, path});
}

std::vector<std::pair<std::string, AttributeValue>> TraceReader::attributes(
    const std::string& object_path) const {
  return impl_->answer<std::vector<std::pair<std::string, AttributeValue>>>(
      {Question::attributes, object_path});
}

AttributeValue TraceReader::attribute(const std::string& object_path,
                                      const std::string& name) const {
  for (auto& [key, value] : attributes(object_path)) {
    if (key == name) return value;
  }
  throw UserError(fmt::format("{}: '{}' has no attribute '{}'", impl_->path,
                              object_path.empty() ? "/" : object_path, name));
}

bool is_trace(const std::string& path) {
  try {
    SandboxedReader(CommitFile::open_read_only(path)).ask({Question::version, {}});
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace memprop::traces
