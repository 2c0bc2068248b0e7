// The branches of dendritic neurons for one block of columns: potentials, what they pass on to
// their neurons, and what they let through to learning (network/dendrites.hpp).
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "learning/reference/internal/packed_network.hpp"

namespace memprop::learning::internal {

template <class T>
class BranchBlock {
 public:
  BranchBlock(const PackedNetwork<T>& net, std::size_t columns) {
    std::size_t widest = 0;
    for (std::size_t k = 0; k < net.list.size(); ++k) {
      const std::size_t rows = net.branch_rows(k);
      potential_.emplace_back(rows, rows > 0 ? columns : 0);
      partner_.push_back(net.list[k].branches > 0 && net.list[k].transposed ? net.partner(k)
                                                                            : kNone);
      widest = std::max(widest, rows);
    }
    sent_ = ActivityBlock<T>(widest, columns);
  }

  const ActivityBlock<T>& potential(std::size_t k) const { return potential_[k]; }

  // Branches of the input, which is constant; drive becomes what the first layer receives.
  void set_input(const PackedNetwork<T>& net, Columns<const T> x, std::size_t count,
                 ActivityBlock<T>& drive) {
    potentials(net, net.input, x, count);
    for (std::size_t j = 0; j < count; ++j) {
      std::fill_n(drive.col(j), drive.rows(), T{0});
    }
    add_rectified(net, net.input, count, drive);
  }

  // Potentials of the branches of connection k with activities r of the layers; those of the input
  // stay as they are.
  void update(const PackedNetwork<T>& net, std::size_t k, const std::vector<ActivityBlock<T>>& r,
              std::size_t count) {
    if (potential_[k].rows() == 0 || net.list[k].from == 0) return;
    potentials(net, k, r[net.list[k].from - 1].in(), count);
  }
  void update_all(const PackedNetwork<T>& net, const std::vector<ActivityBlock<T>>& r,
                  std::size_t count) {
    for (std::size_t k = 0; k < net.list.size(); ++k) update(net, k, r, count);
  }

  // The drive of layer index l without nudge, from potentials that are up to date.
  void total(const PackedNetwork<T>& net, std::size_t l, const ActivityBlock<T>& drive,
             const std::vector<ActivityBlock<T>>& r, std::size_t count, ActivityBlock<T>& out) {
    for (std::size_t j = 0; j < count; ++j) {
      if (l == 0) {
        std::copy_n(drive.col(j), out.rows(), out.col(j));
      } else {
        std::fill_n(out.col(j), out.rows(), T{0});
      }
    }
    for (const std::size_t k : net.incoming[l]) {
      const Connection& c = net.list[k];
      if (c.branches == 0) {
        net.panel[k].multiply(r[c.from - 1].in(), count, static_cast<T>(c.gain), out.in(),
                              out.out());
      } else if (!c.transposed) {
        add_rectified(net, k, count, out);
      } else {
        gated(net, partner_[k], r[c.from - 1], count, sent_);
        const T share = static_cast<T>(c.gain / static_cast<double>(c.branches));
        net.panel[k].multiply(sent_.in(), count, share, out.in(), out.out());
      }
    }
  }

  // The activity r of the neurons at those of their branches of connection k that are above 0.
  void gated(const PackedNetwork<T>& net, std::size_t k, const ActivityBlock<T>& r,
             std::size_t count, ActivityBlock<T>& out) const {
    const std::size_t branches = net.list[k].branches;
    for (std::size_t j = 0; j < count; ++j) {
      const T* z = potential_[k].col(j);
      const T* neuron = r.col(j);
      T* to = out.col(j);
      for (std::size_t i = 0, b = 0; i < r.rows(); ++i) {
        for (const std::size_t end = b + branches; b < end; ++b) {
          to[b] = z[b] > T{0} ? neuron[i] : T{0};
        }
      }
    }
  }

 private:
  void potentials(const PackedNetwork<T>& net, std::size_t k, Columns<const T> x,
                  std::size_t count) {
    const Connection& c = net.list[k];
    const bool basal = c.store == Connection::Store::weight;
    Columns<const T> start;
    if (basal) start = {net.bias[c.to - 1].col(0), 0};
    net.panel[k].multiply(x, count, T{1}, start, potential_[k].out());
  }

  // out += gain / B sum of the rectified branches.
  void add_rectified(const PackedNetwork<T>& net, std::size_t k, std::size_t count,
                     ActivityBlock<T>& out) const {
    const Connection& c = net.list[k];
    const T share = static_cast<T>(c.gain / static_cast<double>(c.branches));
    for (std::size_t j = 0; j < count; ++j) {
      const T* z = potential_[k].col(j);
      T* to = out.col(j);
      for (std::size_t i = 0; i < out.rows(); ++i, z += c.branches) {
        T sum = 0;
        // In this order, so that what is no number stays none.
        for (std::size_t b = 0; b < c.branches; ++b) sum += z[b] < T{0} ? T{0} : z[b];
        to[i] += share * sum;
      }
    }
  }

  std::vector<ActivityBlock<T>> potential_;  // per connection; empty where it has none
  std::vector<std::size_t> partner_;         // per connection: whose branches it goes through
  ActivityBlock<T> sent_;
};

}  // namespace memprop::learning::internal
