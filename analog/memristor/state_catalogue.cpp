#include "analog/memristor/state_catalogue.hpp"

#include "analog/memristor/jart_vcm.hpp"
#include "analog/memristor/linear_drift.hpp"
#include "analog/memristor/stanford_rram.hpp"
#include "analog/memristor/threshold_drift.hpp"
#include "analog/memristor/yakopcic.hpp"
#include "solvers/error.hpp"

namespace memprop::analog {
namespace {

using Made = std::unique_ptr<StateDevice>;

Made hp(DriftWindow window) {
  LinearDriftParameters p;
  p.window = window;
  return std::make_unique<LinearDrift>(p);
}

Made biolek_2009() {
  LinearDriftParameters p;
  p.r_on_ohm = 1e3;
  p.r_off_ohm = 100e3;
  p.x0 = (100e3 - 80e3) / (100e3 - 1e3);
  p.window = DriftWindow::joglekar;
  return std::make_unique<LinearDrift>(p);
}

Made hp_sine() {
  LinearDriftParameters p;
  p.r_on_ohm = 10e3;
  p.r_off_ohm = 100e3;
  p.thickness_m = 27e-9;
  p.window = DriftWindow::joglekar;
  p.p = 7;
  return std::make_unique<LinearDrift>(p);
}

Made hp_pulse() {
  LinearDriftParameters p;
  p.r_on_ohm = 1e3;
  p.r_off_ohm = 10e3;
  p.thickness_m = 85e-9;
  p.mobility_m2_per_vs = 2e-14;
  p.x0 = 0.093;
  p.window = DriftWindow::joglekar;
  p.p = 2;
  return std::make_unique<LinearDrift>(p);
}

ThresholdDriftParameters team_parameters() {
  ThresholdDriftParameters p;
  p.threshold = ThresholdOf::current;
  p.k_on_per_s = -8e-13;
  p.k_off_per_s = 8e-13;
  p.alpha_on = p.alpha_off = 3.0;
  p.u_on = -8.9e-6;
  p.u_off = 115e-6;
  return p;
}

Made team_default() { return std::make_unique<ThresholdDrift>(team_parameters()); }

Made team_window() {
  ThresholdDriftParameters p = team_parameters();
  p.window = ThresholdWindow::team;
  p.x0 = 0.6e-9;
  return std::make_unique<ThresholdDrift>(p);
}

Made team_xyce() {
  ThresholdDriftParameters p = team_parameters();
  p.k_on_per_s = -4.68e-22;
  p.k_off_per_s = 1.46e-18;
  p.alpha_on = p.alpha_off = 10.0;
  p.window = ThresholdWindow::team;
  p.w_c = 1e-12;
  p.x0 = 0.6e-9;
  return std::make_unique<ThresholdDrift>(p);
}

Made vteam(StateResistance resistance) {
  ThresholdDriftParameters p;
  p.resistance = resistance;
  return std::make_unique<ThresholdDrift>(p);
}

Made ferro() {
  ThresholdDriftParameters p;
  p.k_on_per_s = -7.374e8;
  p.k_off_per_s = 1.135e5;
  p.alpha_on = p.alpha_off = 5.0;
  p.u_on = -2.0;
  p.u_off = 1.4;
  p.r_on_ohm = 1.0 / 9.0e-6;
  p.r_off_ohm = 1.0 / 70e-9;
  p.x_off = 1.0;
  p.x0 = 0.5;
  p.resistance = StateResistance::inverse;
  p.window = ThresholdWindow::power;
  p.p_on = 1.8;
  p.p_off = 0.9;
  return std::make_unique<ThresholdDrift>(p);
}

Made chalcogenide(double amplitude_a, double x0) {
  YakopcicParameters p;
  p.a1_a = p.a2_a = amplitude_a;
  p.x0 = x0;
  return std::make_unique<Yakopcic>(p);
}

Made amorphous_silicon() {
  return std::make_unique<Yakopcic>(
      YakopcicParameters{3.7e-7, 4.35e-7, 0.7, 1.5, 0.5, 0.005, 0.08, 0.2, 0.5, 1.2, 3, 1, 0.1});
}

Made tantalum_oxide() {
  return std::make_unique<Yakopcic>(
      YakopcicParameters{0.11, 0.11, 0.5, 0.09, 0.75, 7.5, 2, 0.3, 0.5, 1, 5, 1, 0.11});
}

constexpr const char* kStrukov = "Strukov et al., Nature 453, 80 (2008), doi:10.1038/nature06932";
constexpr const char* kTeam =
    "Kvatinsky et al., IEEE TCAS-I 60, 211 (2013), doi:10.1109/TCSI.2012.2215714";
constexpr const char* kVteam =
    "Kvatinsky et al., IEEE TCAS-II 62, 786 (2015), doi:10.1109/TCSII.2015.2433536";
constexpr const char* kYakopcic =
    "Yakopcic et al., IEEE EDL 32, 1436 (2011); IEEE TCAD 32, 1201 (2013)";

std::vector<StateDeviceEntry> make_entries() {
  return {
      {"hp-2008", "linear ion drift, 100 ohm to 16 kohm, no window", kStrukov, "", 1, 1, 1.0,
       [] { return hp(DriftWindow::none); }},
      {"hp-2008-joglekar", "hp-2008 with Joglekar's window, p = 1", kStrukov,
       "the state locks at both ends", 1, 1, 1.0, [] { return hp(DriftWindow::joglekar); }},
      {"hp-2008-biolek", "hp-2008 with Biolek's window, p = 1", kStrukov,
       "window exchanged, numbers kept", 1, 1, 1.0, [] { return hp(DriftWindow::biolek); }},
      {"hp-2008-prodromakis", "hp-2008 with Prodromakis's window, p = 1, j = 1", kStrukov,
       "window exchanged, numbers kept", 1, 1, 1.0, [] { return hp(DriftWindow::prodromakis); }},
      {"biolek-2009", "linear ion drift, 1 to 100 kohm, from 80 kohm, Joglekar p = 1",
       "Biolek et al., Radioengineering 18, 210 (2009), SPICE listing", "", 1, 1, 1.0, biolek_2009},
      {"hp-sine-27nm", "linear ion drift, 10 to 100 kohm, 27 nm, Joglekar p = 7",
       "Yang et al., Nat. Nanotech. 3, 429 (2008), as refitted in Memristor-Models", "", 1, 1, 1.0,
       hp_sine},
      {"hp-pulse-85nm", "linear ion drift, 1 to 10 kohm, 85 nm, Joglekar p = 2",
       "Yang et al., Nat. Nanotech. 3, 429 (2008), as refitted in Memristor-Models",
       "the amplitude of the drive is not given", 1, 1, 2.0, hp_pulse},
      {"team-default", "current threshold, 50 ohm to 1 kohm, no window", kTeam, "", 0.1, 0.1, 1.0,
       team_default},
      {"team-window", "team-default with the window of the paper", kTeam,
       "the window holds the state between a_off and a_on once it is there", 1.0, 1.0, 1.0,
       team_window},
      {"team-xyce-example", "current threshold, alpha 10, window 1 pm wide",
       "Xyce reference guide, memristor level 2", "the rates are taken in m/s", 1.0, 0.1, 1e-3,
       team_xyce},
      {"vteam-default", "voltage threshold, 50 ohm to 1 kohm, linear", kVteam,
       "numbers as in MemTorch", 1, 1, 20e-9, [] { return vteam(StateResistance::linear); }},
      {"vteam-exponential", "vteam-default with the resistance exponential in the state", kVteam,
       "numbers as in MemTorch", 1, 1, 20e-9, [] { return vteam(StateResistance::exponential); }},
      {"ferro-mimo", "ferroelectric junction, VTEAM with a power window, 70 nS to 9 uS",
       "MemMIMO device file", "spread and update noise of the source are left out", 2.0, 2.6, 1e-6,
       ferro},
      {"yakopcic-chalcogenide", "chalcogenide device of Oblea et al. 2010, sine", kYakopcic, "",
       0.45, 0.45, 10e-3, [] { return chalcogenide(0.17, 0.11); }},
      {"yakopcic-chalcogenide-pulsed", "the same device, fit to pulses", kYakopcic, "", 0.25, 0.25,
       10e-3, [] { return chalcogenide(0.097, 0.001); }},
      {"yakopcic-a-si", "amorphous silicon device of Jo et al. 2010", kYakopcic, "", 4, 2, 5.0,
       amorphous_silicon},
      {"yakopcic-taox", "TaOx device of Miao et al. 2011", kYakopcic, "", 0.75, 1.25, 20.0,
       tantalum_oxide},
      {"stanford-rram", "Stanford/PKU filament gap with Joule heating, 542 ohm to 219 kohm",
       "Stanford RRAM Verilog-A model 1.0.0 (2014), doi:10.4231/D37H1DN48; Jiang et al., IEEE TED "
       "63, 1884 (2016)",
       "static temperature; the fluctuation of the gap is applied per pulse by the caller", 2, 1.5,
       1e-6, [] { return Made(std::make_unique<StanfordRram>()); }},
      {"jart-vcm-v1b", "HfO2/TiOx valence change, Schottky contact and Joule heating",
       "Cueppers et al., APL Mater. 7, 091105 (2019), doi:10.1063/1.5108654",
       "deterministic; the variability of v1b var is left out", 1.3, 1.2, 1e-3,
       [] { return Made(std::make_unique<JartVcm>()); }},
  };
}

}  // namespace

const std::vector<StateDeviceEntry>& state_devices() {
  static const std::vector<StateDeviceEntry> entries = make_entries();
  return entries;
}

std::unique_ptr<StateDevice> make_state_device(std::string_view name) {
  std::string known;
  for (const StateDeviceEntry& entry : state_devices()) {
    if (entry.name == name) return entry.make();
    known += (known.empty() ? "" : ", ") + entry.name;
  }
  throw UserError("expected the name of a state-equation device (" + known + "), got \"" +
                  std::string(name) + "\"");
}

}  // namespace memprop::analog
