// Writes a waveform that read_vcd_test.py knows. Usage: write_sample_vcd PATH
#include <cmath>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "traces/vcd_file.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  using memprop::traces::VcdFile;
  try {
    VcdFile vcd(argv[1], "memprop test");
    const auto busy = vcd.add_wire("chip/controller/pins/busy");
    const auto row_en = vcd.add_wire("chip/controller/pins/row_en", 32);
    const auto wide = vcd.add_wire("chip/wide", 64);
    const auto never = vcd.add_wire("chip/never", 4);
    const auto v3 = vcd.add_real("chip/layer1/neurons/v[3]");
    const auto odd = vcd.add_real("chip/layer1/neurons/odd name.x");
    vcd.add_real("chip/layer1/neurons/none");
    const auto many = vcd.add_wire("top");
    std::vector<VcdFile::Wire> more;
    for (int i = 0; i < 200; ++i) more.push_back(vcd.add_wire("more/w" + std::to_string(i)));
    static_cast<void>(never);
    vcd.time(1000);
    vcd.set(busy, 0);
    vcd.set(wide, ~std::uint64_t{0});
    vcd.set(v3, 0.1);
    for (std::int64_t k = 1; k <= 1000; ++k) {
      vcd.time(1000 + 10001 * k);
      vcd.set(busy, static_cast<std::uint64_t>(k / 7 % 2));
      vcd.set(row_en, static_cast<std::uint64_t>(k * k % 65536));
      vcd.set(v3, std::sin(0.01 * static_cast<double>(k / 3)));
      vcd.set(odd, k % 100 == 0 ? -5e-324 : 1.0 / 3.0);
      vcd.set(many, static_cast<std::uint64_t>(k & 1));
      vcd.set(more[static_cast<std::size_t>(k % 200)], static_cast<std::uint64_t>(k / 200 % 2));
    }
    vcd.set(wide, std::uint64_t{1} << 63U);
    vcd.close(20000000);
    vcd.close();  // nothing more happens
    std::printf("%llu changes\n", static_cast<unsigned long long>(vcd.changes()));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
