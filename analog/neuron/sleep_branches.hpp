// Dendritic branches while the chip sleeps (sleep_columns.hpp has the neurons): the nodes of a
// BranchBank, discharged before every drive, whose couplings onto the neurons are closed while the
// rows stand, for t_p:
//     C_b dV_b/dt = I_b - g_b V_b,  V_b(0) = 0      I_b constant                            [A]
//     I_i = sum over b of i  g_c,b h(V_b - o_b)     (branch_bank.hpp)
//     bit_b = V_b(t_p) > c_b
// What a branch adds to the voltage of its neuron's capacitor, behind the leak G_i, is
//     g_c,b / C_i  integral over t_p of  h(V_b(t) - o_b) exp(-(t_p - t) G_i / C_i)
// in closed form for the ideal rectifier (which V_b crosses at most once, being monotone), by
// quadrature (Gauss-Kronrod, relative 1e-9) for one with a knee.
#pragma once

#include <cstdint>
#include <vector>

#include "analog/neuron/branch_bank.hpp"
#include "solvers/span.hpp"

namespace memprop::analog {

class SleepBranches {
 public:
  // Capacitors and leaks (asleep) of the neurons. InternalError if they do not fit the branches.
  SleepBranches(BranchBankConfig bank, std::vector<double> capacitance_f,
                std::vector<double> leak_s, double pulse_s);

  std::size_t size() const { return bank_.capacitance_f.size(); }
  std::size_t neurons() const { return capacitance_f_.size(); }
  const BranchBankConfig& bank() const { return bank_; }

  // One drive with these currents into the branches [A]: adds to the neurons' voltages [V].
  void drive(Span<const double> current_a, Span<double> neuron_v);
  // The comparators' bits at the end of the last drive.
  Span<const std::uint8_t> bits() const { return bits_; }

 private:
  double added_v(std::size_t b, double current_a) const;

  BranchBankConfig bank_;
  std::vector<double> capacitance_f_, leak_s_;
  double pulse_s_;
  std::vector<std::uint8_t> bits_;
};

}  // namespace memprop::analog
