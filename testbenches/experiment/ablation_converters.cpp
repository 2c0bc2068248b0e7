#include "testbenches/experiment/ablation_converters.hpp"

#include <fmt/format.h>

#include <cmath>

#include "testbenches/experiment/ablation_entry.hpp"

namespace memprop::bench {
namespace {

enum class Codes { from_zero, both_signs };

// About four times the range in steps of exactly the same size (hw_models/converter/quantizer.hpp):
// where nothing was clipped, nothing changes.
Settings widened(const std::string& section, double range, unsigned bits, Codes codes,
                 unsigned most_bits) {
  if (bits == 0 || bits + 2 > most_bits) {
    return {{section + ".range", fmt::format("{}", 4.0 * range)}, {section + ".bits", "ideal"}};
  }
  const double one = codes == Codes::from_zero ? 1.0 : 0.0;
  const double factor = (std::ldexp(1.0, static_cast<int>(bits) + 2) - one) /
                        (std::ldexp(1.0, static_cast<int>(bits)) - one);
  return {{section + ".range", fmt::format("{}", factor * range)},
          {section + ".bits", fmt::format("{}", bits + 2)}};
}

// A converter without levels has none that could be off the line.
template <class Converter>
Settings without_levels(const std::string& section, const Converter& part) {
  Settings settings{{section + ".bits", "ideal"}};
  if (part.inl != 0.0) settings.push_back({section + ".inl", "0.0"});
  if (part.dnl != 0.0) settings.push_back({section + ".dnl", "0.0"});
  return settings;
}

template <class Converter>
void add_converter(std::vector<Imperfection>& all, const std::string& name,
                   const std::string& section, const std::string& meaning,
                   Converter hw::ChipConfig::*converter, Codes codes, unsigned most_bits) {
  // Before the resolution: together they leave an ideal converter of the wider range.
  all.push_back({name + "-range",
                 meaning + ": values outside the range",
                 {section + ".range"},
                 always,
                 [=](const RunConfig& c) {
                   const Converter& part = c.chip.*converter;
                   Settings settings = widened(section, part.range, part.bits, codes, most_bits);
                   if (settings.back().value != "ideal") return settings;
                   settings.pop_back();
                   for (auto& s : without_levels(section, part)) settings.push_back(std::move(s));
                   return settings;
                 }});
  all.push_back({name + "-bits",
                 meaning + ": finite resolution",
                 {section + ".bits"},
                 always,
                 [=](const RunConfig& c) { return without_levels(section, c.chip.*converter); }});
  all.push_back(fixed(name + "-noise", meaning + ": noise of a conversion", always,
                      {{section + ".noise", "0 V"}}));
  all.push_back(fixed(name + "-offset", meaning + ": offset of each channel", always,
                      {{section + ".offset", "0 V"}}));
  all.push_back(fixed(name + "-gain", meaning + ": gain error of each channel", always,
                      {{section + ".gain_error", "0.0"}}));
  all.push_back(fixed(name + "-linearity", meaning + ": levels off the straight line", always,
                      {{section + ".inl", "0.0"}, {section + ".dnl", "0.0"}}));
}

}  // namespace

void add_converter_imperfections(std::vector<Imperfection>& all) {
  add_converter(all, "dac", "chip.dac", "input DACs", &hw::ChipConfig::dac, Codes::from_zero, 16);
  add_converter(all, "nudge-dac", "chip.nudge_dac", "DACs of the targets",
                &hw::ChipConfig::nudge_dac, Codes::both_signs, 16);
  add_converter(all, "adc", "chip.adc", "ADCs of the neurons", &hw::ChipConfig::adc,
                Codes::both_signs, 32);
  all.push_back(fixed("sample-noise", "kT/C noise of the sample-and-hold stages", always,
                      {{"chip.sample_hold.thermal_noise", "false"}},
                      {"chip.sample_hold.capacitance"}));
  all.push_back(
      fixed("charge-injection", "step of the held voltages when the switches open", always,
            {{"chip.sample_hold.injection", "0 V"}, {"chip.sample_hold.injection_gain", "0.0"}}));
  all.push_back(fixed("hold-droop", "charge that leaks from the hold capacitors", always,
                      {{"chip.sample_hold.leakage", "0 A"}}));
  const auto amplified = [](const RunConfig& c) { return c.chip.difference_amplifier.any(); };
  const std::string d = "chip.difference_amplifier.";
  all.push_back(fixed("difference-gain", "gains of the difference amplifiers differ", amplified,
                      {{d + "gain_error", "0.0"}}));
  all.push_back(fixed("difference-offset", "offsets of the difference amplifiers", amplified,
                      {{d + "offset", "0 V"}}));
  all.push_back(fixed("difference-noise", "noise of the difference amplifiers", amplified,
                      {{d + "noise", "0 V"}}));
  all.push_back(fixed("difference-range", "differences beyond the swing of their amplifiers",
                      amplified, {{d + "saturation", "0.0"}}));
  all.push_back(fixed("nudge-errors", "strength of the nudge, and of one sign against the other",
                      always,
                      {{"chip.nudge.strength_error", "0.0"}, {"chip.nudge.sign_mismatch", "0.0"}}));
}

}  // namespace memprop::bench
