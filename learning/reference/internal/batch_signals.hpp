// The signals that a rule's terms name, of every sample of a batch: which there are, and filling
// them block by block from the phases' end states.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "learning/reference/internal/relaxation.hpp"
#include "learning/rule/rule.hpp"
#include "solvers/error.hpp"

namespace memprop::learning::internal {

// End states of the phases of one block; one per thread.
template <class T>
struct PhaseLatches {
  PhaseLatches(const PackedNetwork<T>& net, const std::vector<Phase>& phases) {
    std::vector<ActivityBlock<T>> blocks;
    for (std::size_t l = 0; l < net.recurrent; ++l) {
      blocks.emplace_back(net.config.layers[l + 1], kBlockColumns);
    }
    r.assign(phases.size(), blocks);
    v.resize(phases.size());
    error.resize(phases.size());
    branch.resize(phases.size());
    for (std::size_t p = 0; p < phases.size(); ++p) {
      if (phases[p].adaptation > 0) v[phases[p].adapt_to] = blocks;
      if (phases[p].start != Phase::from_zero && phases[p].start + 1 != p) {
        v[phases[p].start] = blocks;
      }
    }
  }
  std::vector<std::vector<ActivityBlock<T>>> r;  // [phase][layer]
  std::vector<std::vector<ActivityBlock<T>>>
      v;                                // where a later phase starts from it or adapts to it
  std::vector<ActivityBlock<T>> error;  // [phase]; where a signal asks for it
  std::vector<std::vector<ActivityBlock<T>>> branch;  // [phase][connection]; likewise
};

template <class T>
class BatchSignals {
 public:
  struct Slot {
    std::size_t layer = 0;           // 0: the input; L + 1 with the softmax readout does not occur
    std::size_t connection = kNone;  // at its branches, where it has some
    Signal signal;
    ActivityBlock<T> values;
  };

  explicit BatchSignals(const PackedNetwork<T>& net, std::size_t phases)
      : recurrent_(net.recurrent), phases_(phases), layers_(net.config.layers) {}

  // The slot of a signal of layer l = 0..L, or of the branches of connection k that end there;
  // equal signals share one.
  std::size_t slot(std::size_t l, const Signal& s, std::size_t k = kNone,
                   std::size_t branch_rows = 0) {
    if (s.a >= phases_ || s.b >= phases_) {
      throw InternalError("a learning rule names a phase that it does not have");
    }
    const bool error = s.kind == Signal::Kind::error;
    if (l >= layers_.size() || (error ? l + 1 != layers_.size() : l > recurrent_)) {
      throw InternalError("a learning rule names a signal that its layer does not have");
    }
    if (error && k != kNone) {
      throw InternalError("a learning rule names the error of a branch");
    }
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i].layer == l && slots_[i].signal == s && slots_[i].connection == k) return i;
    }
    slots_.push_back({l, k, s, {}});
    rows_.push_back(k == kNone ? layers_[l] : branch_rows);
    return slots_.size() - 1;
  }
  bool wants_error(std::size_t phase) const {
    return std::any_of(slots_.begin(), slots_.end(), [&](const Slot& s) {
      return s.signal.kind == Signal::Kind::error && s.signal.a == phase;
    });
  }
  bool wants_branches(std::size_t phase, std::size_t k) const {
    return std::any_of(slots_.begin(), slots_.end(), [&](const Slot& s) {
      const bool two = s.signal.kind != Signal::Kind::activity;
      return s.connection == k && (s.signal.a == phase || (two && s.signal.b == phase));
    });
  }
  void reserve(std::size_t count) {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      slots_[i].values = ActivityBlock<T>(rows_[i], count);
    }
  }
  Slot& at(std::size_t k) { return slots_[k]; }
  const Slot& at(std::size_t k) const { return slots_[k]; }

  // Columns first.. of all slots; sign has one value per column of the batch. The input's signals
  // are the input.
  void fill(const PhaseLatches<T>& latches, const std::vector<Phase>& phases, std::size_t first,
            std::size_t n, const T* sign) {
    for (Slot& slot : slots_) {
      const Signal& s = slot.signal;
      const std::size_t l = slot.layer - 1;
      for (std::size_t j = 0; j < n; ++j) {
        T* to = slot.values.col(first + j);
        if (s.kind == Signal::Kind::error) {
          std::copy_n(latches.error[s.a].col(j), slot.values.rows(), to);
        } else if (s.kind == Signal::Kind::activity) {
          std::copy_n(end_of(latches, s.a, l, slot.connection).col(j), slot.values.rows(), to);
        } else {
          const T* low = end_of(latches, s.a, l, slot.connection).col(j);
          const T* high = end_of(latches, s.b, l, slot.connection).col(j);
          const bool mean = s.kind == Signal::Kind::mean;
          const T with = phases[s.b].random_sign ? sign[first + j] : T{1};
          for (std::size_t i = 0; i < slot.values.rows(); ++i) {
            to[i] = mean ? T{0.5} * (high[i] + low[i]) : with * (high[i] - low[i]);
          }
        }
      }
    }
  }

 private:
  static const ActivityBlock<T>& end_of(const PhaseLatches<T>& latches, std::size_t phase,
                                        std::size_t l, std::size_t k) {
    return k == kNone ? latches.r[phase][l] : latches.branch[phase][k];
  }

  std::size_t recurrent_, phases_;
  std::vector<std::size_t> layers_;
  std::vector<Slot> slots_;
  std::vector<std::size_t> rows_;  // of each slot
};

}  // namespace memprop::learning::internal
