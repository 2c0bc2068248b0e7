#include "traces/checkpoint.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "solvers/error.hpp"
#include "traces/hdf5/system_file.hpp"

namespace memprop::traces {
namespace {

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "checkpoints are written in the machine's order, which has to be little-endian"
#endif

constexpr std::string_view magic{"MPCKPT\r\n", 8};
constexpr std::uint32_t current_version = 1;
constexpr std::size_t header_bytes = 24;
constexpr std::size_t checksum_bytes = 4;

class Encoder {
 public:
  void raw(const void* bytes, std::size_t size) {
    if (size == 0) return;
    const auto* from = static_cast<const std::uint8_t*>(bytes);
    out_.insert(out_.end(), from, from + size);
  }
  template <class T>
  void number(T value) {
    raw(&value, sizeof value);
  }
  template <class T>
  void operator()(const std::vector<T>& values) {
    raw(values.data(), values.size() * sizeof(T));
  }
  void operator()(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      number<std::uint64_t>(text.size());
      raw(text.data(), text.size());
    }
  }
  std::vector<std::uint8_t>& out() { return out_; }

 private:
  std::vector<std::uint8_t> out_;
};

// The checksum has been tested before: what does not fit here was written wrongly, by whomever.
class Decoder {
 public:
  Decoder(const std::vector<std::uint8_t>& bytes, std::size_t begin, std::size_t end,
          const std::string& path)
      : bytes_(bytes), at_(begin), end_(end), path_(path) {}

  const std::uint8_t* take(std::uint64_t size) {
    if (size > end_ - at_) throw UserError(path_ + ": the checkpoint's entries do not add up");
    const std::uint8_t* from = bytes_.data() + at_;
    at_ += static_cast<std::size_t>(size);
    return from;
  }
  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof value), sizeof value);
    return value;
  }
  std::string text(std::uint64_t size) {
    const std::uint8_t* from = take(size);
    return std::string(reinterpret_cast<const char*>(from), static_cast<std::size_t>(size));
  }
  template <class T>
  std::vector<T> values(std::uint64_t count) {
    if (count > (end_ - at_) / sizeof(T)) take(end_ - at_ + 1);
    std::vector<T> out(static_cast<std::size_t>(count));
    const std::uint8_t* from = take(count * sizeof(T));
    if (count > 0) std::memcpy(out.data(), from, out.size() * sizeof(T));
    return out;
  }
  std::vector<std::string> texts(std::uint64_t count) {
    std::vector<std::string> out;
    for (std::uint64_t i = 0; i < count; ++i) out.push_back(text(number<std::uint64_t>()));
    return out;
  }
  std::size_t left() const { return end_ - at_; }

 private:
  const std::vector<std::uint8_t>& bytes_;
  std::size_t at_;
  std::size_t end_;
  const std::string& path_;
};

std::string previous_path(const std::string& path) { return path + ".1"; }

}  // namespace

void Checkpoint::put(const std::string& key, Span<const std::uint64_t> values) {
  entries_[key] = std::vector<std::uint64_t>(values.begin(), values.end());
}
void Checkpoint::put(const std::string& key, Span<const double> values) {
  entries_[key] = std::vector<double>(values.begin(), values.end());
}
void Checkpoint::put(const std::string& key, Span<const std::uint8_t> values) {
  entries_[key] = std::vector<std::uint8_t>(values.begin(), values.end());
}
void Checkpoint::put(const std::string& key, const std::vector<std::string>& values) {
  entries_[key] = values;
}

std::vector<std::string> Checkpoint::keys() const {
  std::vector<std::string> names;
  for (const auto& [key, values] : entries_) names.push_back(key);
  return names;
}

template <class T>
const std::vector<T>& Checkpoint::find(const std::string& key, const char* expected) const {
  const auto found = entries_.find(key);
  if (found == entries_.end()) {
    throw UserError(fmt::format("{}: has no entry '{}'", origin_, key));
  }
  const auto* values = std::get_if<std::vector<T>>(&found->second);
  if (values == nullptr) {
    throw UserError(fmt::format("{}: entry '{}' is not of {}", origin_, key, expected));
  }
  return *values;
}

template <class T>
void Checkpoint::copy(const std::string& key, const char* expected, Span<T> out) const {
  const std::vector<T>& values = find<T>(key, expected);
  if (values.size() != out.size()) {
    throw UserError(
        fmt::format("{}: entry '{}' has {} values, expected {}; the checkpoint is of "
                    "another network or chip",
                    origin_, key, values.size(), out.size()));
  }
  std::copy(values.begin(), values.end(), out.begin());
}

const std::vector<std::uint64_t>& Checkpoint::uint64s(const std::string& key) const {
  return find<std::uint64_t>(key, "unsigned integers");
}
const std::vector<double>& Checkpoint::doubles(const std::string& key) const {
  return find<double>(key, "doubles");
}
const std::vector<std::uint8_t>& Checkpoint::bytes(const std::string& key) const {
  return find<std::uint8_t>(key, "bytes");
}
const std::vector<std::string>& Checkpoint::strings(const std::string& key) const {
  return find<std::string>(key, "texts");
}

void Checkpoint::copy_to(const std::string& key, Span<std::uint64_t> out) const {
  copy(key, "unsigned integers", out);
}
void Checkpoint::copy_to(const std::string& key, Span<double> out) const {
  copy(key, "doubles", out);
}
void Checkpoint::copy_to(const std::string& key, Span<std::uint8_t> out) const {
  copy(key, "bytes", out);
}

std::uint64_t Checkpoint::uint64(const std::string& key) const {
  std::uint64_t value = 0;
  copy_to(key, Span<std::uint64_t>(&value, 1));
  return value;
}
double Checkpoint::real(const std::string& key) const {
  double value = 0;
  copy_to(key, Span<double>(&value, 1));
  return value;
}
const std::string& Checkpoint::text(const std::string& key) const {
  const std::vector<std::string>& values = strings(key);
  if (values.size() != 1) {
    throw UserError(
        fmt::format("{}: entry '{}' has {} texts, expected one", origin_, key, values.size()));
  }
  return values.front();
}

std::vector<std::uint8_t> Checkpoint::encode() const {
  Encoder body;
  for (const auto& [key, values] : entries_) {
    body.number(static_cast<std::uint32_t>(key.size()));
    body.raw(key.data(), key.size());
    body.number(static_cast<std::uint8_t>(values.index()));
    body.number(std::visit([](const auto& v) { return std::uint64_t{v.size()}; }, values));
    std::visit(body, values);
  }
  Encoder file;
  file.out().reserve(header_bytes + body.out().size() + checksum_bytes);
  file.raw(magic.data(), magic.size());
  file.number(current_version);
  file.number(static_cast<std::uint32_t>(entries_.size()));
  file.number<std::uint64_t>(body.out().size());
  file.raw(body.out().data(), body.out().size());
  file.number(checksum(file.out().data(), file.out().size()));
  return std::move(file.out());
}

Checkpoint Checkpoint::decode(const std::string& path) {
  const std::vector<std::uint8_t> bytes = at_the_start([&] { return read_whole_file(path); });
  if (bytes.size() < magic.size() || std::memcmp(bytes.data(), magic.data(), magic.size()) != 0) {
    throw UserError(path + ": is not a checkpoint");
  }
  if (bytes.size() < header_bytes + checksum_bytes) {
    throw UserError(
        fmt::format("{}: the checkpoint is cut off after {} bytes", path, bytes.size()));
  }
  Decoder header(bytes, magic.size(), header_bytes, path);
  const auto version = header.number<std::uint32_t>();
  if (version != current_version) {
    throw UserError(
        fmt::format("{}: expected checkpoint version {}, got {}", path, current_version, version));
  }
  const auto entries = header.number<std::uint32_t>();
  const std::uint64_t expected = header.number<std::uint64_t>();
  const std::size_t end = bytes.size() - checksum_bytes;
  if (expected != end - header_bytes) {
    throw UserError(
        fmt::format("{}: expected {} bytes of entries, got {}; the checkpoint is cut "
                    "off or damaged",
                    path, expected, end - header_bytes));
  }
  if (Decoder(bytes, end, bytes.size(), path).number<std::uint32_t>() !=
      checksum(bytes.data(), end)) {
    throw UserError(path + ": the checkpoint is damaged (its checksum is wrong)");
  }
  Checkpoint checkpoint;
  checkpoint.origin_ = path;
  Decoder body(bytes, header_bytes, end, path);
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::string key = body.text(body.number<std::uint32_t>());
    const auto type = body.number<std::uint8_t>();
    const auto count = body.number<std::uint64_t>();
    Values& values = checkpoint.entries_[key];
    if (type == 0) {
      values = body.values<std::uint64_t>(count);
    } else if (type == 1) {
      values = body.values<double>(count);
    } else if (type == 2) {
      values = body.values<std::uint8_t>(count);
    } else if (type == 3) {
      values = body.texts(count);
    } else {
      throw UserError(fmt::format("{}: entry '{}' has the unknown type {}", path, key, type));
    }
  }
  if (body.left() != 0) throw UserError(path + ": the checkpoint's entries do not add up");
  return checkpoint;
}

void Checkpoint::save(const std::string& path) const {
  std::error_code ignored;  // whatever hinders us shows when the file is made
  if (std::filesystem::is_directory(path, ignored)) {
    throw StorageError(path + ": expected a file, got a directory");
  }
  const std::string unfinished = fmt::format("{}.{}.part", path, ::getpid());
  try {
    write_whole_file(unfinished, encode(), true);
    if (std::filesystem::exists(path, ignored)) rename_file(path, previous_path(path));
    rename_file(unfinished, path);
  } catch (const StorageError&) {
    ::unlink(unfinished.c_str());
    throw;
  }
  sync_directory_of(path);
}

Checkpoint::Loaded Checkpoint::load(const std::string& path) {
  std::string first;
  try {
    return {decode(path), path, ""};
  } catch (const UserError& error) {
    first = error.what();
  }
  try {
    Checkpoint older = decode(previous_path(path));
    return {std::move(older), previous_path(path),
            fmt::format("{}; the one before it is used ({})", first, previous_path(path))};
  } catch (const UserError& error) {
    throw UserError(fmt::format("no usable checkpoint: {}; {}", first, error.what()));
  }
}

std::string checkpoint_path(const std::string& trace_path) { return trace_path + ".ckpt"; }

}  // namespace memprop::traces
