// A part of the analog circuit: what it adds to the one system of equations of the chip.
//
// The circuit is a set of nodes. Kirchhoff's current law at node k reads
//     C_k dv_k/dt = sum over elements of the current into node k,
// with C_k [F]; a node of zero capacitance is algebraic: its currents sum to zero at every instant.
// Elements may also offer lines: buffered voltages that are explicit functions of node voltages
// (a neuron's activity line), evaluated once before the currents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "solvers/matrix.hpp"
#include "solvers/span.hpp"

namespace memprop::analog {

// Time in picoseconds since the domain's origin (the start of a sample): exact, never added up
// from rounded seconds.
using Ticks = std::int64_t;
inline constexpr Ticks never = std::numeric_limits<Ticks>::max();
inline constexpr double seconds_per_tick = 1e-12;

// Consecutive nodes or lines of the domain.
struct Range {
  std::size_t first = 0;
  std::size_t count = 0;
};

// Given to Element::declare.
class Declarations {
 public:
  virtual ~Declarations() = default;
  // One node per capacitance [F]; zero makes the node algebraic. Names are paths
  // ("layer1/neurons/v"); a name used twice is an InternalError.
  virtual void add_nodes(const std::string& name, Span<const double> capacitance_f) = 0;
  virtual void add_lines(const std::string& name, std::size_t count) = 0;
  // Junctions take the currents that others send to the nodes of this name (Netlist::inputs); what
  // becomes of them is the business of the element that declares them (Element::finish_currents).
  virtual void add_junctions(const std::string& name, std::size_t count) = 0;
};

// Given to Element::connect, when the numbering is known.
class Netlist {
 public:
  virtual ~Netlist() = default;
  // Throws InternalError for an unknown name.
  virtual Range nodes(const std::string& name) const = 0;
  virtual Range lines(const std::string& name) const = 0;
  // Where currents for the nodes of this name go, as a range of `current` in add_currents: the
  // junctions in front of them if there are any, else the nodes themselves.
  virtual Range inputs(const std::string& name) const = 0;
};

class Element {
 public:
  explicit Element(std::string name) : name_(std::move(name)) {}
  virtual ~Element() = default;
  Element(const Element&) = delete;
  Element& operator=(const Element&) = delete;
  const std::string& name() const { return name_; }

  virtual void declare(Declarations&) {}
  virtual void connect(const Netlist&) {}

  // line[k] = function of the node voltages [V]; only this element's own lines.
  virtual void drive_lines(double /*t*/, const double* /*node*/, double* /*line*/) const {}
  // current[k] += current into node k [A].
  virtual void add_currents(double t, const double* node, const double* line,
                            double* current) const = 0;
  // Called after all elements have added their currents: passes on what has come together at this
  // element's junctions, and bends the sums at its own nodes (a slew rate).
  virtual void finish_currents(double /*t*/, const double* /*node*/, const double* /*line*/,
                               double* /*current*/) const {}
  // jacobian(i, j) += d current_i / d v_j of all nodes, also by way of lines. Returns false where
  // it is not known: the domain then takes differences for this element. Used for algebraic nodes.
  virtual bool add_jacobian(double /*t*/, const double* /*node*/, Matrix& /*jacobian*/) const {
    return false;
  }
  // True while the element adds no current at all (held, not driven): when all are quiet the
  // domain skips the integration.
  virtual bool quiet() const { return false; }

  // The next time after `now` at which the element's currents jump by themselves.
  virtual Ticks next_change(Ticks /*now*/) const { return never; }
  // Called at such a time (and at the origin, when next_change(-1) == 0), with the voltages there.
  virtual void change(Ticks /*now*/, const double* /*node*/, const double* /*line*/) {}

 private:
  std::string name_;
};

}  // namespace memprop::analog
