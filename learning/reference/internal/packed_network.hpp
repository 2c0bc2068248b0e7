// A network's connections as the synchronous map needs them: every matrix packed in the direction
// in which it is used.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "learning/network/connection.hpp"
#include "learning/network/network.hpp"
#include "learning/network/network_check.hpp"
#include "learning/network/time_constants.hpp"
#include "learning/reference/internal/activity_block.hpp"
#include "learning/reference/reference_config.hpp"
#include "learning/rule/learning_config.hpp"
#include "solvers/random_stream.hpp"

namespace memprop::learning::internal {

inline constexpr std::size_t kNone = static_cast<std::size_t>(-1);

template <class T>
struct PackedNetwork {
  // outside: the nudge of the output layer is added behind its activation.
  PackedNetwork(const Network& network, const IdealConfig& ideal, std::uint64_t seed,
                NudgePlace place = NudgePlace::inside)
      : config(network.config),
        nudge_outside(
            network.config.readout == Readout::squared_error &&
            (network.config.dynamics == Dynamics::energy ||
             (network.config.dynamics == Dynamics::rate && place == NudgePlace::outside))),
        layers(network.layer_count()),
        recurrent(recurrent_layers(network.config)),
        list(connections(network)),
        incoming(recurrent),
        mirrors(list.size()) {
    for (std::size_t k = 0; k < list.size(); ++k) {
      const Connection& c = list[k];
      if (c.use == Connection::Use::readout) {
        readout = k;
      } else if (c.use == Connection::Use::nudge) {
        nudge = k;
      } else if (c.from == 0) {
        input = k;
      } else {
        incoming[c.to - 1].push_back(k);
      }
      for (std::size_t other = 0; other < list.size(); ++other) {
        const Connection& o = list[other];
        if (c.trained && other != k && o.store == c.store && o.index == c.index) {
          mirrors[k].push_back(other);
        }
      }
      const Matrix* there = c.trained ? c.mask(network) : nullptr;
      mask.emplace_back();
      if (there != nullptr) {
        mask.back() = PanelMatrix<T>(there->rows(), there->cols());
        mask.back().assign(*there, false);
        masked = true;
      }
      const Matrix& m = c.matrix(network);
      panel.emplace_back(c.transposed ? m.cols() : m.rows(), c.transposed ? m.rows() : m.cols());
      panel.back().assign(m, c.transposed);
    }
    if (ideal.mismatch > 0 || ideal.feedback_mismatch > 0) draw_mismatch(ideal, seed);
    for (std::size_t l = 0; l < layers; ++l) {
      const std::size_t n = config.layers[l + 1];
      const std::size_t biases = n * (dendritic() ? config.dendrites.basal_branches : 1);
      bias.emplace_back(biases, 1);
      for (std::size_t i = 0; !network.bias.empty() && i < biases; ++i) {
        bias.back().col(0)[i] = static_cast<T>(network.bias[l][i]);
      }
      // Only the membrane form has a map of its own for full replacement.
      if (l < recurrent && (ideal.time_step_s > 0 || config.dynamics != Dynamics::membrane)) {
        dt.emplace_back(n, 1);
        set_steps(l, network.tau_s[l], ideal);
      }
      if (l < recurrent && !network.gain.empty()) {
        gain.emplace_back(n, 1);
        for (std::size_t i = 0; i < n; ++i) {
          gain.back().col(0)[i] = static_cast<T>(network.gain[l][i]);
        }
      }
    }
  }

  // The time steps of layer index l.
  void set_steps(std::size_t l, const std::vector<double>& tau_s, const IdealConfig& ideal) {
    for (std::size_t i = 0; i < tau_s.size(); ++i) {
      const double ratio = ideal.time_step_s / tau_s[i];
      const double step = ideal.step_form == StepForm::exact ? -std::expm1(-ratio) : ratio;
      dt[l].col(0)[i] = static_cast<T>(ideal.time_step_s > 0 ? step : 1.0);
    }
  }
  // Those of a fresh draw; 0: the network's own.
  void draw_steps(std::uint64_t draw, const IdealConfig& ideal, std::uint64_t seed) {
    for (std::size_t l = 0; l < dt.size(); ++l) {
      set_steps(l,
                draw_time_constants(config.time_constant, config.layers[l + 1], l + 1, seed, draw),
                ideal);
    }
  }

  // The trained matrix itself: panel, or what it was before the mismatch.
  PanelMatrix<T>& kept(std::size_t k) { return nominal.empty() ? panel[k] : nominal[k]; }
  const PanelMatrix<T>& kept(std::size_t k) const {
    return nominal.empty() ? panel[k] : nominal[k];
  }

  bool dendritic() const { return config.dendrites.on(); }
  // Rows of the potentials that connection k has: its branches, 0 without or where it uses those
  // of another.
  std::size_t branch_rows(std::size_t k) const {
    return list[k].branches > 0 && !list[k].transposed ? panel[k].rows() : 0;
  }
  // The connection whose branches a transposed one goes through.
  std::size_t partner(std::size_t k) const {
    for (std::size_t o = 0; o < list.size(); ++o) {
      if (o != k && list[o].store == list[k].store && list[o].index == list[k].index) return o;
    }
    return kNone;
  }

  NetworkConfig config;
  bool nudge_outside;
  std::size_t layers;     // L
  std::size_t recurrent;  // layers with a state
  std::vector<Connection> list;
  std::size_t input = kNone, readout = kNone, nudge = kNone;  // in list
  std::vector<std::vector<std::size_t>> incoming;  // per layer, from other layers of the net
  std::vector<std::vector<std::size_t>> mirrors;   // of a trained one: those that use its transpose
  std::vector<PanelMatrix<T>> panel;               // per connection, as it acts
  std::vector<PanelMatrix<T>> mask;                // of trained ones as kept; empty: all there
  bool masked = false;                             // any of them
  std::vector<PanelMatrix<T>> nominal, factor;     // empty without mismatch
  std::vector<ActivityBlock<T>> bias;
  std::vector<ActivityBlock<T>> dt;    // empty: full replacement
  std::vector<ActivityBlock<T>> gain;  // of every neuron, r = f(gain v); empty: 1

 private:
  void draw_mismatch(const IdealConfig& ideal, std::uint64_t seed) {
    const RandomStream stream(seed, "mismatch");
    const RandomStream feedback(seed, "feedback-mismatch");
    nominal = panel;
    factor = panel;
    for (std::size_t k = 0; k < list.size(); ++k) {
      PanelMatrix<T>& f = factor[k];
      const std::uint64_t event = (static_cast<std::uint64_t>(list[k].from) << 32U) | list[k].to;
      for (std::size_t r = 0; r < f.rows(); ++r) {
        for (std::size_t c = 0; c < f.cols(); ++c) {
          const std::size_t i = r * f.cols() + c;
          double off = ideal.mismatch > 0 ? ideal.mismatch * stream.normal(i, event) : 0.0;
          if (ideal.feedback_mismatch > 0 && list[k].from > list[k].to) {
            off += ideal.feedback_mismatch * feedback.normal(i, event);
          }
          f.at(r, c) = static_cast<T>(1.0 + off);
          panel[k].at(r, c) = nominal[k].at(r, c) * f.at(r, c);
        }
      }
    }
  }
};

}  // namespace memprop::learning::internal
