// A value change dump (VCD, IEEE 1364-2005 section 18) as GTKWave and Surfer read it: wires and
// reals over time in whole picoseconds.
//
//   VcdFile vcd("run.vcd", "memprop 0.1.0");
//   const auto busy = vcd.add_wire("controller/pins/busy");
//   const auto v = vcd.add_real("layer1/neurons/v[3]");
//   vcd.time(0);
//   vcd.set(busy, 1);
//   vcd.set(v, 0.25);
//   vcd.time(10000);
//   ...
//   vcd.close();
//
// A path "a/b/c" is the variable c in the scope b of the scope a. Only changes are written, doubles
// with as many digits as bring them back bit by bit. Values that are set at the first time are the
// initial ones ($dumpvars); a wire that has none is x, a real that has none is NaN.
//
// The file appears at its place when it is complete: until close() it has a temporary name.
//
// Errors: UserError from the constructor when the place is no good, StorageError later when the
// disk fails, InternalError for names given twice, times that go back, values that do not fit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace memprop::traces {

class VcdFile {
 public:
  enum class Wire : std::size_t {};
  enum class Real : std::size_t {};

  VcdFile(const std::string& path, const std::string& program);
  VcdFile(VcdFile&&) noexcept;
  VcdFile& operator=(VcdFile&&) noexcept;
  ~VcdFile();  // without close(): leaves nothing behind

  // Before the first time().
  Wire add_wire(const std::string& path, unsigned width = 1);  // 1 to 64 bits
  Real add_real(const std::string& path);

  void time(std::int64_t time_ps);  // of what is set next; not before the last one, not negative
  void set(Wire variable, std::uint64_t value);
  void set(Real variable, double value);

  // The picture lasts to `end_ps` even if nothing changes any more.
  void close(std::int64_t end_ps = -1);

  std::uint64_t changes() const;  // written so far, initial values not counted

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace memprop::traces
