#include "cli/waves/value_change_dump.hpp"

#include <fmt/format.h>

#include <cmath>

#include "digital/phase_table.hpp"
#include "traces/vcd_file.hpp"

namespace memprop::cli {
namespace {

using traces::VcdFile;

// Eight characters, as viewers show a 64-bit vector in ASCII.
std::uint64_t as_text(double phase) {
  std::uint64_t bits = 0;
  for (const char c : digital::name(static_cast<digital::Phase>(phase))) {
    bits = bits << 8U | static_cast<unsigned char>(c);
  }
  return bits;
}

// The variables of one probe.
class Channel {
 public:
  Channel(VcdFile& file, const WaveProbe& probe) : probe_(probe) {
    for (std::size_t k = 0; k < probe.width; ++k) {
      const std::string name = probe.scalar ? probe.name : fmt::format("{}[{}]", probe.name, k);
      if (probe.real) {
        reals_.push_back(file.add_real(name));
      } else {
        wires_.push_back(file.add_wire(name, probe.bits));
      }
    }
    if (probe.name == "controller/phase") {
      name_.push_back(file.add_wire("controller/phase_name", 64));
    }
  }

  std::size_t variables() const { return reals_.size() + wires_.size() + name_.size(); }
  void load(const ProbeReader& reader, const RecordedRows& rows) {
    first_ = rows.first;
    values_ = reader.values(probe_, rows);
  }
  void set(VcdFile& file, std::size_t row) const {
    // Before a probe was asked for there is nothing to show.
    if (static_cast<std::int64_t>(first_ + row) < probe_.begin) return;
    const double* const value = values_.data() + row * probe_.width;
    for (std::size_t k = 0; k < reals_.size(); ++k) {
      if (!std::isnan(value[k])) file.set(reals_[k], value[k]);
    }
    for (std::size_t k = 0; k < wires_.size(); ++k) {
      // 255 and the like say: not recorded.
      if (value[k] < std::ldexp(1.0, static_cast<int>(probe_.bits)) - (probe_.bits > 4 ? 1 : 0)) {
        file.set(wires_[k], static_cast<std::uint64_t>(value[k]));
      }
    }
    if (!name_.empty() && value[0] < 16) file.set(name_[0], as_text(value[0]));
  }

 private:
  const WaveProbe& probe_;
  std::vector<VcdFile::Real> reals_;
  std::vector<VcdFile::Wire> wires_, name_;
  std::size_t first_ = 0;
  std::vector<double> values_;
};

}  // namespace

WaveCounts write_vcd(const ProbeReader& reader, const std::vector<WaveProbe>& probes,
                     const std::vector<RecordedRows>& samples, const std::string& path) {
  VcdFile file(path, "memprop " MEMPROP_VERSION);
  WaveCounts counts;
  std::vector<Channel> channels;
  for (const auto& probe : probes) {
    channels.emplace_back(file, probe);
    counts.variables += channels.back().variables();
  }
  std::int64_t end_ps = -1;
  for (const auto& rows : samples) {
    const auto times = reader.times_ps(rows);
    for (auto& channel : channels) channel.load(reader, rows);
    for (std::size_t k = 0; k < times.size(); ++k) {
      file.time(times[k]);
      for (const auto& channel : channels) channel.set(file, k);
      end_ps = times[k];
    }
    ++counts.samples;
    counts.rows += times.size();
  }
  file.close(end_ps);
  return counts;
}

}  // namespace memprop::cli
