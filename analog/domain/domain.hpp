// The analog domain: all elements of a chip as one system of differential (and algebraic)
// equations, integrated lazily.
//
// Contract:
// - It integrates only when asked to advance: by a digital event that changes a source or samples
//   a voltage.
// - Only a change of a source restarts the stepper. Voltages read after advance_to(t) are left
//   limits at t.
// - Observers are shown every accepted step afterwards; they cannot clip, advance or restart one.
// - The order in which elements were added does not change a bit: they are sorted by name.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "analog/domain/element.hpp"
#include "solvers/ode/stepper.hpp"

namespace memprop::analog {

class Domain final : private ode::System, private Netlist {
 public:
  explicit Domain(ode::StepperConfig config);
  ~Domain() override;

  // Before elaborate(). The element must outlive the domain.
  void add(Element& element);
  // Numbers nodes and lines and connects the elements.
  void elaborate();

  // Starts a new time axis at zero; node voltages stay, step size and derivative are forgotten.
  void set_origin();
  Ticks now() const { return now_; }
  // Integrates to time t (not before now()). Throws NonFiniteState and the other NumericalErrors;
  // their index() is a node.
  void advance_to(Ticks t);
  // Call after advance_to(now) and after a source was changed from outside.
  void source_changed();
  // Sets the voltages of nodes at once (a precharge switch); implies source_changed().
  void set_nodes(Range nodes, double voltage);

  Range nodes(const std::string& name) const override;
  Range lines(const std::string& name) const override;
  Range inputs(const std::string& name) const override;
  std::size_t node_count() const { return node_voltage_.size(); }
  std::size_t line_count() const { return line_voltage_.size(); }
  Span<const double> node_voltages() const { return node_voltage_; }  // [V] at now()
  Span<const double> line_voltages();                                 // [V] at now()
  // dv/dt of every dynamic node at now() with the present sources [V/s].
  void slopes(Span<double> out);
  // The lines that belong to given node voltages.
  void evaluate_lines(double t, const double* node, double* line) const;
  // The path of a node with its index, "layer1/neurons/v[5]".
  std::string node_name(std::size_t node) const;

  // Observers see the dynamic nodes only (all nodes when there are no algebraic ones).
  void attach(ode::StepObserver* observer);
  void detach(ode::StepObserver* observer);

  // Node voltages beyond this magnitude stop the run as non-finite [V]; infinity: no limit.
  void set_divergence_limit(double volts) { stepper_->set_limit(volts); }
  const ode::Stepper& stepper() const { return *stepper_; }

  std::vector<double> save_state() const { return node_voltage_; }
  void restore_state(Span<const double> voltages);

 private:
  class Declarer;
  struct Named {
    std::string name;
    Range range;
  };

  std::size_t size() const override { return dynamic_count_; }
  void rhs(double t, const double* x, double* dxdt) override;
  void currents(double t, const double* node);
  void solve_algebraic(double t);
  void assemble_jacobian(double t);
  void apply_due_changes();
  const Named* find(const std::vector<Named>& list, const std::string& name) const;

  ode::StepperConfig config_;
  std::unique_ptr<ode::Stepper> stepper_;
  std::vector<Element*> elements_;
  std::vector<Ticks> next_change_;
  std::vector<Named> node_names_, line_names_, junction_names_;
  std::vector<double> inverse_capacitance_;  // of the dynamic nodes, which come first [1/F]
  std::size_t dynamic_count_ = 0;
  std::vector<double> node_voltage_;  // dynamic nodes, then algebraic ones [V]
  std::vector<double> state_;         // dynamic nodes, as the stepper wants them
  std::vector<double> work_node_, line_voltage_, work_line_, probe_current_;
  std::vector<double> current_;  // into the nodes, then into the junctions [A]
  std::size_t junction_count_ = 0;
  Matrix jacobian_;
  std::vector<ode::StepObserver*> observers_;
  Ticks now_ = 0;
  bool elaborated_ = false;
};

}  // namespace memprop::analog
