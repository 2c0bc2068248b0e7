// The update of a resistive network from the voltages of two phases (U6 of ep-circuits 2.6).
//
// With d = v+ - v- and m = (v+ + v-)/2 (e and n the same of the node below, behind its amplifier)
//   1/2 [(v+ - a+)^2 - (v- - a-)^2]_ij = (d_i - e_j)(m_i - n_j)
//                                      = d_i m_i + e_j n_j - d_i n_j - m_i e_j :
// a constant per row, one per column, and two outer products, none of which is a difference of
// nearly equal numbers. Sources do not move: e = 0 below layer 1.
#pragma once

#include <cmath>
#include <limits>
#include <utility>

#include "learning/resistive/internal/resistive_relaxation.hpp"

namespace memprop::learning::internal {

template <class T>
class SquaredDropUpdate {
 public:
  SquaredDropUpdate(PackedConductances<T>& net, int threads) : net_(net), threads_(threads) {
    const ResistiveConfig& r = net.config.resistive;
    low_ = static_cast<T>(r.conductance_min);
    high_ = r.conductance_max > 0 ? static_cast<T>(r.conductance_max)
                                  : std::numeric_limits<T>::infinity();
    for (std::size_t l = 0; l < net.layers; ++l) {
      row_.emplace_back(net.nodes(l), 1);
      column_.emplace_back(net.forward[l].cols(), 1);
    }
  }

  void reserve(std::size_t count) {
    plus_.clear();
    minus_.clear();
    for (std::size_t l = 0; l < net_.layers; ++l) {
      plus_.emplace_back(net_.nodes(l), count);
      minus_.emplace_back(net_.nodes(l), count);
    }
  }

  // The voltages at the ends of both phases, a column per sample.
  std::vector<ActivityBlock<T>>& plus() { return plus_; }
  std::vector<ActivityBlock<T>>& minus() { return minus_; }

  // Turns them into sign (v+ - v-) and the mean; false if one is not finite.
  bool take_difference(std::size_t l, std::size_t j, T sign) {
    T* p = plus_[l].col(j);
    T* m = minus_[l].col(j);
    T sum = 0;
    for (std::size_t i = 0; i < net_.nodes(l); ++i) {
      const T high = p[i], low = m[i];
      sum += high * T{0} + low * T{0};
      p[i] = sign * (high - low);
      m[i] = T{0.5} * (high + low);
    }
    return sum == T{0};
  }

  // G_{l+1} -= step * sum over the batch, cut to the window; the sums of rows and columns follow.
  void apply(std::size_t l, double step, double bias_rate, const ActivityBlock<T>& sources,
             std::size_t count) {
    constants(l, step, count);
    update(l, net_.forward[l], step, sources, count, false, net_.row_sum[l].col(0));
    if (l > 0) {
      update(l, net_.backward[l], step, sources, count, true, net_.column_sum[l].col(0));
    }
    if (!net_.config.bias) return;
    const auto alpha = static_cast<T>(step * bias_rate);
    T* current = net_.current[l].col(0);
    for (std::size_t i = 0; i < net_.nodes(l); ++i) {
      T sum = 0;
      for (std::size_t j = 0; j < count; ++j) sum += plus_[l].col(j)[i];
      current[i] += alpha * sum;
    }
  }

  // -step * sum over the batch, without the cut.
  Matrix estimate(std::size_t l, double step, const ActivityBlock<T>& sources, std::size_t count) {
    PanelMatrix<T> sum(net_.nodes(l), net_.forward[l].cols());
    constants(l, step, count);
    add_outer(l, sum, step, sources, count, false);
    Matrix result = sum.dense();
    for (std::size_t i = 0; i < result.rows(); ++i) {
      for (std::size_t j = 0; j < result.cols(); ++j) {
        result(i, j) += static_cast<double>(row_[l].col(0)[i]) +
                        (l > 0 ? static_cast<double>(column_[l].col(0)[j]) : 0.0);
      }
    }
    return result;
  }
  std::vector<double> estimate_current(std::size_t l, double step, std::size_t count) {
    std::vector<double> result(net_.nodes(l));
    for (std::size_t i = 0; i < result.size(); ++i) {
      for (std::size_t j = 0; j < count; ++j) result[i] += static_cast<double>(plus_[l].col(j)[i]);
      result[i] *= step;
    }
    return result;
  }

 private:
  // -step d m of the nodes, and -step e n of those below.
  void constants(std::size_t l, double step, std::size_t count) {
    const auto of = [&](std::size_t layer, double factor, T* out) {
      for (std::size_t i = 0; i < net_.nodes(layer); ++i) {
        T sum = 0;
        for (std::size_t j = 0; j < count; ++j) {
          sum += plus_[layer].col(j)[i] * minus_[layer].col(j)[i];
        }
        out[i] = static_cast<T>(-factor) * sum;
      }
    };
    of(l, step, row_[l].col(0));
    if (l == 0) return;
    const double gain = amplifier_gain(net_.config, l);
    of(l - 1, step * gain * gain, column_[l].col(0));
  }

  void add_outer_panel(std::size_t l, PanelMatrix<T>& g, std::size_t p, double step,
                       const ActivityBlock<T>& sources, std::size_t count, bool transposed) {
    const auto d = std::as_const(plus_)[l].in();
    if (l == 0) {
      g.add_outer(p, static_cast<T>(step), d, sources.in(), count);
      return;
    }
    const auto alpha = static_cast<T>(step * amplifier_gain(net_.config, l));
    const auto m = std::as_const(minus_)[l].in();
    const auto e = std::as_const(plus_)[l - 1].in();
    const auto n = std::as_const(minus_)[l - 1].in();
    g.add_outer(p, alpha, transposed ? n : d, transposed ? d : n, count);
    g.add_outer(p, alpha, transposed ? e : m, transposed ? m : e, count);
  }

  void add_outer(std::size_t l, PanelMatrix<T>& g, double step, const ActivityBlock<T>& sources,
                 std::size_t count, bool transposed) {
    for (std::size_t p = 0; p < g.panels(); ++p) {
      add_outer_panel(l, g, p, step, sources, count, transposed);
    }
  }

  void update(std::size_t l, PanelMatrix<T>& g, double step, const ActivityBlock<T>& sources,
              std::size_t count, bool transposed, T* sums) {
    const T* row = (transposed ? column_ : row_)[l].col(0);
    const T* column = l == 0 ? nullptr : (transposed ? row_ : column_)[l].col(0);
    // Threads that wait for one another are slow on a busy machine.
    constexpr std::size_t worth_a_thread = 4000000;  // multiplications
    const bool share = threads_ > 1 && g.rows() * g.cols() * count > worth_a_thread;
#pragma omp parallel for num_threads(threads_) if (share) schedule(static)
    for (std::size_t p = 0; p < g.panels(); ++p) {
      add_outer_panel(l, g, p, step, sources, count, transposed);
      const std::size_t first = p * g.height();
      const std::size_t rows = std::min(g.height(), g.rows() - first);
      // Row blocks are padded to whole panels.
      cut_panel(g.panel(p), g.height(), g.cols(), row + first, rows, column, sums + first);
    }
  }

  // Adds the constants, cuts, and sums the rows: in the order of the columns.
  void cut_panel(T* g, std::size_t height, std::size_t cols, const T* row, std::size_t rows,
                 const T* column, T* sums) {
    constexpr std::size_t most = kLeading<T>;
    T constant[most] = {};
    T sum[most] = {};
    std::copy_n(row, rows, constant);
    for (std::size_t c = 0; c < cols; ++c, g += height) {
      const T shift = column != nullptr ? column[c] : T{0};
      for (std::size_t r = 0; r < height; ++r) {
        T value = g[r] + (constant[r] + shift);
        value = value > low_ ? value : low_;
        value = value < high_ ? value : high_;
        g[r] = value;
        sum[r] += value;
      }
    }
    std::copy_n(sum, rows, sums);
  }

  PackedConductances<T>& net_;
  int threads_;
  T low_, high_;
  std::vector<ActivityBlock<T>> plus_, minus_;  // then difference and mean
  std::vector<ActivityBlock<T>> row_, column_;  // constants of the present update
};

}  // namespace memprop::learning::internal
