// What a run needs to go on after an interruption: arrays by name, saved as a whole or not at all.
//
// File: "MPCKPT\r\n", u32 version, u32 number of entries, u64 length of the entries in bytes; per
// entry u32 key length, key, u8 type (0 uint64, 1 double, 2 bytes, 3 strings), u64 count, values
// (strings: u64 length and UTF-8 each); then the CRC-32 of all before. Little-endian, IEEE 754:
// doubles come back bit by bit, NaN payloads and signed zeros included.
//
// save() writes a temporary file beside PATH, synchronises it, keeps the previous checkpoint as
// PATH.1, renames, and synchronises the folder; load() falls back on PATH.1 when PATH is missing,
// torn or foreign. So a kill or a power cut at any moment leaves one good checkpoint.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "solvers/span.hpp"

namespace memprop::traces {

class Checkpoint {
 public:
  void put(const std::string& key, Span<const std::uint64_t> values);
  void put(const std::string& key, Span<const double> values);
  void put(const std::string& key, Span<const std::uint8_t> values);
  void put(const std::string& key, const std::vector<std::string>& values);
  void put_value(const std::string& key, std::uint64_t value) { put(key, {&value, 1}); }
  void put_value(const std::string& key, double value) { put(key, {&value, 1}); }
  void put_text(const std::string& key, const std::string& text) { put(key, std::vector{text}); }

  bool has(const std::string& key) const { return entries_.count(key) > 0; }
  std::vector<std::string> keys() const;

  // UserError naming file and key if the entry is missing or of another type.
  const std::vector<std::uint64_t>& uint64s(const std::string& key) const;
  const std::vector<double>& doubles(const std::string& key) const;
  const std::vector<std::uint8_t>& bytes(const std::string& key) const;
  const std::vector<std::string>& strings(const std::string& key) const;
  // The same, and UserError unless there are exactly out.size() values.
  void copy_to(const std::string& key, Span<std::uint64_t> out) const;
  void copy_to(const std::string& key, Span<double> out) const;
  void copy_to(const std::string& key, Span<std::uint8_t> out) const;
  std::uint64_t uint64(const std::string& key) const;
  double real(const std::string& key) const;
  const std::string& text(const std::string& key) const;

  // StorageError when the disk or the place does not permit it; what was there stays.
  void save(const std::string& path) const;

  struct Loaded;
  // UserError saying what is wrong with both files when neither is good.
  static Loaded load(const std::string& path);

 private:
  using Values = std::variant<std::vector<std::uint64_t>, std::vector<double>,
                              std::vector<std::uint8_t>, std::vector<std::string>>;

  template <class T>
  const std::vector<T>& find(const std::string& key, const char* expected) const;
  template <class T>
  void copy(const std::string& key, const char* expected, Span<T> out) const;
  std::vector<std::uint8_t> encode() const;
  static Checkpoint decode(const std::string& path);

  std::string origin_ = "checkpoint";  // the file it came from, for messages
  std::map<std::string, Values> entries_;
};

struct Checkpoint::Loaded {
  Checkpoint checkpoint;
  std::string path;     // the file that was good
  std::string warning;  // why it is not the newest; empty if it is
};

// Where the checkpoint of a trace lives: "run.h5" has "run.h5.ckpt".
std::string checkpoint_path(const std::string& trace_path);

}  // namespace memprop::traces
