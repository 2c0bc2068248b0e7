#include "testbenches/cosim/border_pins.hpp"

#include <fmt/format.h>

#include "digital/phase_table.hpp"

namespace memprop::bench::cosim {
namespace {

bool line(const digital::BitVector& lines, std::size_t k) {
  return k < lines.size() && lines.test(k);
}

Difference compare_lines(const char* name, const std::vector<digital::BitVector>& left,
                         const std::vector<digital::BitVector>& right) {
  for (std::size_t t = 0; t < left.size(); ++t) {
    if (left[t] == right[t]) continue;
    // Lines that have never been driven are low.
    const std::size_t size = std::max(left[t].size(), right[t].size());
    for (std::size_t k = 0; k < size; ++k) {
      if (line(left[t], k) == line(right[t], k)) continue;
      return {fmt::format("{}[{}][{}]", name, t, k), fmt::format("{:d}", line(left[t], k)),
              fmt::format("{:d}", line(right[t], k))};
    }
  }
  return {};
}

// "2:17,40 ... (9)" for the high lines of a tile, few of them.
std::string lines_text(const std::vector<digital::BitVector>& tiles) {
  std::string text;
  for (std::size_t t = 0; t < tiles.size(); ++t) {
    std::size_t count = 0;
    std::string some;
    tiles[t].for_each([&](std::size_t k) {
      if (count++ < 3) some += fmt::format("{}{}", some.empty() ? "" : ",", k);
    });
    if (count == 0) continue;
    text += fmt::format("{}{}:{}", text.empty() ? "" : " ", t, some);
    if (count > 3) text += fmt::format("..({})", count);
  }
  return text.empty() ? "-" : text;
}

}  // namespace

Difference compare(const OutputPins& left, const OutputPins& right) {
  const auto number = [](const char* name, auto a, auto b) -> Difference {
    if (a == b) return {};
    return {name, fmt::format("{}", static_cast<std::uint32_t>(a)),
            fmt::format("{}", static_cast<std::uint32_t>(b))};
  };
  for (const Difference& d :
       {number("phase", left.phase, right.phase), number("busy", left.busy, right.busy),
        number("done", left.done, right.done),
        number("x_dac_load", left.x_dac_load, right.x_dac_load),
        number("row_en", left.row_en, right.row_en),
        number("nudge_en", left.nudge_en, right.nudge_en),
        number("nudge_sign", left.nudge_sign, right.nudge_sign),
        number("sh_en", left.sh_en, right.sh_en),
        number("adc_start", left.adc_start, right.adc_start),
        number("adc_bank", left.adc_bank, right.adc_bank),
        number("adc_group", left.adc_group, right.adc_group),
        number("upd_en", left.upd_en, right.upd_en),
        number("upd_pol", left.upd_pol, right.upd_pol)}) {
    if (d) return d;
  }
  if (auto d = compare_lines("row_pulse", left.row_pulse, right.row_pulse)) return d;
  if (auto d = compare_lines("col_pulse", left.col_pulse, right.col_pulse)) return d;
  for (std::size_t k = 0; k < std::min(left.x_code.size(), right.x_code.size()); ++k) {
    if (left.x_code[k] != right.x_code[k]) {
      return {fmt::format("x_code[{}]", k), fmt::format("{}", left.x_code[k]),
              fmt::format("{}", right.x_code[k])};
    }
  }
  return {};
}

std::string heading() {
  return fmt::format(
      "{:>5} {:>5} {:>5} {:>8} {:>8} {:>4} {:>4} {:>4} {:>6} {:>5} {:>5} {:>5} "
      "{:>4} {:>6} {:>5} {:>7} {:>4} {:>4}  {} | {}",
      "rst_n", "start", "train", "adc_done", "phase", "busy", "done", "load", "row_en", "nudge",
      "sign", "sh_en", "adc", "bank", "group", "upd_en", "pol", "", "rows", "columns");
}

std::string text_of(const InputPins& in, const OutputPins& o) {
  const bool named = o.phase <= static_cast<std::uint32_t>(digital::Phase::read);
  const std::string phase =
      named ? std::string(name(static_cast<digital::Phase>(o.phase))) : fmt::format("{}", o.phase);
  return fmt::format(
      "{:>5d} {:>5d} {:>5d} {:>8d} {:>8} {:>4d} {:>4d} {:>4d} {:>6d} {:>5d} {:>5d} "
      "{:>5} {:>4d} {:>6} {:>5} {:>7d} {:>4} {:>4}  {} | {}",
      in.rst_n, in.start, in.train, in.adc_done, phase, o.busy, o.done, o.x_dac_load, o.row_en,
      o.nudge_en, o.nudge_sign, fmt::format("{:03b}", o.sh_en), o.adc_start, o.adc_bank,
      o.adc_group, o.upd_en, fmt::format("{:b}", o.upd_pol), "", lines_text(o.row_pulse),
      lines_text(o.col_pulse));
}

}  // namespace memprop::bench::cosim
