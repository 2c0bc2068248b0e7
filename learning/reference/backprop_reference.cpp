#include "learning/reference/backprop_reference.hpp"

#include <algorithm>
#include <limits>

#include "learning/reference/internal/activity_block.hpp"
#include "learning/rule/equilibrium_propagation.hpp"
#include "solvers/error.hpp"

namespace memprop::learning {

struct BackpropReference::Engine {
  virtual ~Engine() = default;
  virtual void train(const float* inputs, const float* targets,
                     Span<const std::uint32_t> order) = 0;
  virtual Evaluation evaluate(const float* inputs, const float* targets,
                              const std::uint32_t* labels, std::size_t count) = 0;
  virtual Network network() const = 0;
  virtual Gradient gradient(const Matrix& inputs, const Matrix& targets) = 0;
};

namespace {

using internal::ActivityBlock;
using internal::Columns;
using internal::PanelMatrix;

constexpr std::size_t kBlock = 16;

template <class T>
class BackpropEngine final : public BackpropReference::Engine {
 public:
  BackpropEngine(const Network& network, const LearningConfig& learning, unsigned threads)
      : original_(network),
        layers_(network.layer_count()),
        batch_(learning.batch),
        rate_(layer_rates(learning, layers_)),
        threads_(static_cast<int>(std::max(1U, threads))) {
    for (std::size_t l = 0; l < layers_; ++l) {
      const Matrix& w = network.weight[l];
      forward_.emplace_back(w.rows(), w.cols());
      forward_.back().assign(w, false);
      backward_.emplace_back(l > 0 ? w.cols() : 0, l > 0 ? w.rows() : 0);
      if (l > 0) backward_.back().assign(w, true);
      bias_.emplace_back(w.rows(), 1);
      if (!network.bias.empty()) {
        for (std::size_t i = 0; i < w.rows(); ++i) {
          bias_.back().col(0)[i] = static_cast<T>(network.bias[l][i]);
        }
      }
    }
  }

  void train(const float* inputs, const float* targets, Span<const std::uint32_t> order) override {
    for (std::size_t first = 0; first < order.size(); first += batch_) {
      const std::size_t count = std::min(batch_, order.size() - first);
      reserve(count);
      for (std::size_t j = 0; j < count; ++j) {
        const std::size_t s = order[first + j];
        std::copy_n(inputs + s * width(0), width(0), r_[0].col(j));
        std::copy_n(targets + s * width(layers_), width(layers_), y_.col(j));
      }
      run_batch(count);
      for (std::size_t l = 0; l < layers_; ++l) {
        const double step = -rate_[l] / static_cast<double>(count);
        add(forward_[l], step, delta_[l].in(), r_[l].in(), count);
        if (l > 0) add(backward_[l], step, r_[l].in(), delta_[l].in(), count);
        if (!original_.bias.empty()) add_bias(l, bias_[l].col(0), step, count);
      }
    }
  }

  Evaluation evaluate(const float* inputs, const float* targets, const std::uint32_t* labels,
                      std::size_t count) override {
    std::vector<T> y(width(layers_));
    Evaluation result;
    double hits = 0;
    constexpr std::size_t kChunk = 256;
    for (std::size_t first = 0; first < count; first += kChunk) {
      const std::size_t n = std::min(kChunk, count - first);
      reserve(n);
      for (std::size_t j = 0; j < n; ++j) {
        std::copy_n(inputs + (first + j) * width(0), width(0), r_[0].col(j));
      }
#pragma omp parallel for num_threads(threads_) if (threads_ > 1) schedule(static)
      for (std::size_t b = 0; b < n; b += kBlock) run_forward(b, std::min(kBlock, n - b));
      for (std::size_t j = 0; j < n; ++j) {
        T* out = r_[layers_].col(j);
        std::copy_n(targets + (first + j) * y.size(), y.size(), y.begin());
        if (labels != nullptr) {
          const auto best = static_cast<std::size_t>(std::max_element(out, out + y.size()) - out);
          hits += best == labels[first + j] ? 1.0 : 0.0;
        }
        result.loss += softmax_readout() ? internal::softmax(out, y.data(), y.size())
                                         : internal::squared_error(out, y.data(), y.size());
      }
    }
    result.loss /= static_cast<double>(count);
    result.accuracy = labels != nullptr ? hits / static_cast<double>(count)
                                        : std::numeric_limits<double>::quiet_NaN();
    return result;
  }

  Network network() const override {
    Network result = original_;
    for (std::size_t l = 0; l < layers_; ++l) {
      result.weight[l] = forward_[l].dense();
      if (!original_.bias.empty()) {
        result.bias[l].assign(bias_[l].col(0), bias_[l].col(0) + width(l + 1));
      }
    }
    return result;
  }

  Gradient gradient(const Matrix& inputs, const Matrix& targets) override {
    const std::size_t count = inputs.rows();
    if (inputs.cols() != width(0) || targets.cols() != width(layers_) || targets.rows() != count) {
      throw InternalError("samples do not fit the network");
    }
    reserve(count);
    for (std::size_t j = 0; j < count; ++j) {
      std::copy(inputs.row(j).begin(), inputs.row(j).end(), r_[0].col(j));
      std::copy(targets.row(j).begin(), targets.row(j).end(), y_.col(j));
    }
    run_batch(count);
    Gradient result;
    const double mean = 1.0 / static_cast<double>(count);
    for (std::size_t l = 0; l < layers_; ++l) {
      PanelMatrix<T> sum(width(l + 1), width(l));
      add(sum, mean, delta_[l].in(), r_[l].in(), count);
      result.weight.push_back(sum.dense());
      if (original_.bias.empty()) continue;
      ActivityBlock<T> bias(width(l + 1), 1);
      add_bias(l, bias.col(0), mean, count);
      result.bias.emplace_back(bias.col(0), bias.col(0) + width(l + 1));
    }
    return result;
  }

 private:
  std::size_t width(std::size_t l) const { return original_.config.layers[l]; }
  bool softmax_readout() const { return original_.config.readout == Readout::softmax; }
  Activation activation(std::size_t l) const { return original_.config.activation[l]; }

  void reserve(std::size_t count) {
    if (count <= capacity_) return;
    capacity_ = count;
    v_.clear();
    r_.clear();
    delta_.clear();
    r_.emplace_back(width(0), count);
    y_ = ActivityBlock<T>(width(layers_), count);
    for (std::size_t l = 1; l <= layers_; ++l) {
      v_.emplace_back(width(l), count);
      r_.emplace_back(width(l), count);
      delta_.emplace_back(width(l), count);
    }
  }

  // With the softmax readout r_L holds the logits.
  void run_forward(std::size_t first, std::size_t n) {
    for (std::size_t l = 0; l < layers_; ++l) {
      forward_[l].multiply(r_[l].in(first), n, T{1}, {bias_[l].col(0), 0}, v_[l].out(first));
      for (std::size_t j = first; j < first + n; ++j) {
        const bool logits = softmax_readout() && l + 1 == layers_;
        activate(logits ? Activation::linear : activation(l), v_[l].col(j), r_[l + 1].col(j),
                 width(l + 1));
      }
    }
  }

  // delta_l = dC/dv_l.
  void run_backward(std::size_t first, std::size_t n) {
    for (std::size_t l = layers_; l-- > 0;) {
      const bool top = l + 1 == layers_;
      if (!top) {
        backward_[l + 1].multiply(delta_[l + 1].in(first), n, T{1}, {}, delta_[l].out(first));
      }
      for (std::size_t j = first; j < first + n; ++j) {
        T* delta = delta_[l].col(j);
        T* r = r_[l + 1].col(j);
        if (top && softmax_readout()) internal::softmax<T>(r, nullptr, width(l + 1));
        for (std::size_t i = 0; i < width(l + 1); ++i) {
          if (top) delta[i] = r[i] - y_.col(j)[i];
          if (!(top && softmax_readout())) {
            delta[i] *= internal::slope_of(activation(l), v_[l].col(j)[i], r[i]);
          }
        }
      }
    }
  }

  void run_batch(std::size_t count) {
#pragma omp parallel for num_threads(threads_) if (threads_ > 1 && count > kBlock) schedule(static)
    for (std::size_t b = 0; b < count; b += kBlock) {
      const std::size_t n = std::min(kBlock, count - b);
      run_forward(b, n);
      run_backward(b, n);
    }
  }

  void add(PanelMatrix<T>& w, double step, Columns<const T> post, Columns<const T> pre,
           std::size_t count) {
#pragma omp parallel for num_threads(threads_) if (threads_ > 1 && w.panels() > 1) schedule(static)
    for (std::size_t p = 0; p < w.panels(); ++p) {
      w.add_outer(p, static_cast<T>(step), post, pre, count);
    }
  }

  void add_bias(std::size_t l, T* bias, double step, std::size_t count) {
    for (std::size_t i = 0; i < width(l + 1); ++i) {
      T sum = 0;
      for (std::size_t j = 0; j < count; ++j) sum += delta_[l].col(j)[i];
      bias[i] += static_cast<T>(step) * sum;
    }
  }

  Network original_;
  std::size_t layers_;
  std::size_t batch_;
  std::vector<double> rate_;
  int threads_;
  std::vector<PanelMatrix<T>> forward_, backward_;
  std::vector<ActivityBlock<T>> bias_;
  std::size_t capacity_ = 0;
  std::vector<ActivityBlock<T>> v_;      // of layers 1..L
  std::vector<ActivityBlock<T>> r_;      // of layers 0..L
  std::vector<ActivityBlock<T>> delta_;  // of layers 1..L
  ActivityBlock<T> y_;
};

}  // namespace

BackpropReference::BackpropReference(const Network& network, const LearningConfig& learning,
                                     Precision precision, unsigned threads) {
  check_learning(learning, network.layer_count());
  if (precision == Precision::float32) {
    engine_ = std::make_unique<BackpropEngine<float>>(network, learning, threads);
  } else {
    engine_ = std::make_unique<BackpropEngine<double>>(network, learning, threads);
  }
}
BackpropReference::~BackpropReference() = default;
BackpropReference::BackpropReference(BackpropReference&&) noexcept = default;
BackpropReference& BackpropReference::operator=(BackpropReference&&) noexcept = default;

void BackpropReference::train(const float* inputs, const float* targets,
                              Span<const std::uint32_t> order) {
  engine_->train(inputs, targets, order);
}
Evaluation BackpropReference::evaluate(const float* inputs, const float* targets,
                                       const std::uint32_t* labels, std::size_t count) {
  return engine_->evaluate(inputs, targets, labels, count);
}
Network BackpropReference::network() const { return engine_->network(); }
Gradient BackpropReference::gradient(const Matrix& inputs, const Matrix& targets) {
  return engine_->gradient(inputs, targets);
}

}  // namespace memprop::learning
