#include "learning/reference/backprop_reference.hpp"

#include <algorithm>

#include "learning/network/connection.hpp"
#include "learning/network/dendrites.hpp"
#include "learning/reference/internal/activity_block.hpp"
#include "learning/reference/internal/evaluation_tally.hpp"
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
  virtual TrainingState state() const = 0;
  virtual void set_state(const TrainingState& state) = 0;
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
        optimiser_(learning.optimiser),
        aligned_(learning.rule == RuleKind::feedback_alignment),
        threads_(static_cast<int>(std::max(1U, threads))) {
    plain_ = optimiser_.kind == OptimiserKind::sgd && optimiser_.weight_decay == 0;
    for (const Connection& c : connections(network)) {
      if (!c.trained || c.from > c.to) continue;
      edge_.push_back(make_edge(c));
    }
    for (std::size_t l = 0; l < layers_; ++l) {
      const std::size_t n = width(l + 1);
      bias_.emplace_back(n, 1);
      wanted_bias_.emplace_back(n, 1);
      first_bias_.emplace_back(optimiser_.has_first() ? n : 0, 1);
      second_bias_.emplace_back(optimiser_.has_second() ? n : 0, 1);
      for (std::size_t i = 0; !network.bias.empty() && i < n; ++i) {
        bias_.back().col(0)[i] = static_cast<T>(network.bias[l][i]);
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
      ++updates_;
      samples_trained_ += count;
      for (Edge& e : edge_) update_edge(e, count);
      for (std::size_t l = 0; l < layers_ && !original_.bias.empty(); ++l) update_bias(l, count);
    }
  }

  Evaluation evaluate(const float* inputs, const float* targets, const std::uint32_t* labels,
                      std::size_t count) override {
    std::vector<T> y(width(layers_));
    internal::EvaluationTally tally(count, labels);
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
        tally.answer(first + j, out, y.size());
        tally.cost(first + j, softmax_readout() ? internal::softmax(out, y.data(), y.size())
                                                : internal::squared_error(out, y.data(), y.size()));
      }
    }
    return tally.mean();
  }

  Network network() const override {
    Network result = original_;
    for (const Edge& e : edge_) e.c.matrix(result) = e.forward.dense();
    for (std::size_t l = 0; l < layers_ && !original_.bias.empty(); ++l) {
      result.bias[l].assign(bias_[l].col(0), bias_[l].col(0) + width(l + 1));
    }
    return result;
  }

  TrainingState state() const override {
    TrainingState s;
    s.samples_trained = samples_trained_;
    s.updates = updates_;
    auto* engine = const_cast<BackpropEngine*>(this);  // visits, changes nothing
    engine->visit_state([&](T& value) { s.optimiser.push_back(static_cast<double>(value)); });
    return s;
  }
  void set_state(const TrainingState& s) override {
    std::size_t at = 0;
    samples_trained_ = s.samples_trained;
    updates_ = s.updates;
    visit_state([&](T& value) {
      if (at >= s.optimiser.size()) {
        throw InternalError("the optimiser's saved state does not fit the network");
      }
      value = static_cast<T>(s.optimiser[at++]);
    });
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
    result.weight.resize(layers_);
    result.links.resize(original_.links.size());
    for (const Edge& e : edge_) {
      PanelMatrix<T> sum(e.forward.rows(), e.forward.cols());
      add(sum, mean * e.c.gain, delta_[e.c.to - 1].in(), r_[e.c.from].in(), count);
      Matrix& place =
          e.c.store == Connection::Store::link ? result.links[e.c.index] : result.weight[e.c.index];
      place = sum.dense();
    }
    for (std::size_t l = 0; l < layers_ && !original_.bias.empty(); ++l) {
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

  // A trained connection: what its activity and its error travel through.
  struct Edge {
    Connection c;
    PanelMatrix<T> forward, backward;  // no backward from the input
    PanelMatrix<T> wanted, first, second;
  };

  Edge make_edge(const Connection& c) const {
    Edge e;
    e.c = c;
    const Matrix& w = c.matrix(original_);
    e.forward = PanelMatrix<T>(w.rows(), w.cols());
    e.forward.assign(w, false);
    if (c.from > 0) {
      e.backward = PanelMatrix<T>(w.cols(), w.rows());
      if (aligned_) {
        e.backward.assign(original_.feedback[c.from - 1], false);
      } else {
        e.backward.assign(w, true);
      }
    }
    if (!plain_) e.wanted = e.forward;
    const PanelMatrix<T> zero(w.rows(), w.cols());
    if (optimiser_.has_first()) e.first = zero;
    if (optimiser_.has_second()) e.second = zero;
    return e;
  }

  // With the softmax readout r_L holds the logits.
  void run_forward(std::size_t first, std::size_t n) {
    for (std::size_t l = 1; l <= layers_; ++l) {
      Columns<const T> sum{bias_[l - 1].col(0), 0};
      for (const Edge& e : edge_) {
        if (e.c.to != l) continue;
        const Columns<T> out = v_[l - 1].out(first);
        e.forward.multiply(r_[e.c.from].in(first), n, static_cast<T>(e.c.gain), sum, out);
        sum = {out.data, out.ld};
      }
      for (std::size_t j = first; j < first + n; ++j) {
        const bool logits = softmax_readout() && l == layers_;
        activate(logits ? Activation::linear : activation(l - 1), v_[l - 1].col(j), r_[l].col(j),
                 width(l));
      }
    }
  }

  // delta_l = dC/dv_l.
  void run_backward(std::size_t first, std::size_t n) {
    for (std::size_t l = layers_; l-- > 0;) {
      const bool top = l + 1 == layers_;
      Columns<const T> sum;
      for (const Edge& e : edge_) {
        if (e.c.from != l + 1) continue;
        const Columns<T> out = delta_[l].out(first);
        e.backward.multiply(delta_[e.c.to - 1].in(first), n, static_cast<T>(e.c.gain), sum, out);
        sum = {out.data, out.ld};
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

  void update_edge(Edge& e, std::size_t count) {
    const double scale = -e.c.gain / static_cast<double>(count);
    const double rate = rate_[e.c.to - 1];
    const Columns<const T> post = delta_[e.c.to - 1].in(), pre = r_[e.c.from].in();
    const bool mirror = e.c.from > 0 && !aligned_;
    if (plain_) {
      add(e.forward, rate * scale, post, pre, count);
      if (mirror) add(e.backward, rate * scale, pre, post, count);
      return;
    }
    e.wanted.set_zero();
    add(e.wanted, scale, post, pre, count);
    for (std::size_t p = 0; p < e.forward.panels(); ++p) {
      optimiser_step(optimiser_, updates_, rate, e.wanted.panel(p), e.forward.panel(p),
                     optimiser_.has_first() ? e.first.panel(p) : nullptr,
                     optimiser_.has_second() ? e.second.panel(p) : nullptr,
                     e.forward.panel_values());
    }
    if (mirror) e.backward.assign_transposed(e.forward);
  }

  void update_bias(std::size_t l, std::size_t count) {
    const double scale = -1.0 / static_cast<double>(count);
    if (plain_) {
      add_bias(l, bias_[l].col(0), rate_[l] * scale, count);
      return;
    }
    wanted_bias_[l].set_zero();
    add_bias(l, wanted_bias_[l].col(0), scale, count);
    optimiser_step(optimiser_, updates_, rate_[l], wanted_bias_[l].col(0), bias_[l].col(0),
                   optimiser_.has_first() ? first_bias_[l].col(0) : nullptr,
                   optimiser_.has_second() ? second_bias_[l].col(0) : nullptr, width(l + 1));
  }

  template <class Visit>
  void visit_state(const Visit& visit) {
    for (Edge& e : edge_) {
      for (PanelMatrix<T>* m : {&e.first, &e.second}) {
        for (std::size_t r = 0; r < m->rows(); ++r) {
          for (std::size_t c = 0; c < m->cols(); ++c) visit(m->at(r, c));
        }
      }
    }
    for (auto* blocks : {&first_bias_, &second_bias_}) {
      for (auto& b : *blocks) {
        for (std::size_t i = 0; i < b.rows(); ++i) visit(b.col(0)[i]);
      }
    }
  }

  Network original_;
  std::size_t layers_;
  std::size_t batch_;
  std::vector<double> rate_;
  OptimiserConfig optimiser_;
  bool aligned_;       // feedback alignment
  bool plain_ = true;  // descent without state
  int threads_;
  std::uint64_t updates_ = 0, samples_trained_ = 0;
  std::vector<Edge> edge_;
  std::vector<ActivityBlock<T>> bias_, wanted_bias_, first_bias_, second_bias_;
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
  require_point_neurons(network.config, "by back-propagation without feedback");
  if (learning.rule == RuleKind::feedback_alignment) {
    if (network.feedback.empty()) {
      throw UserError(
          "key 'network.feedback': expected \"separate\" with learning.rule = "
          "\"feedback-alignment\" (its error needs weights of its own), got \"tied\"");
    }
    if (!network.links.empty()) {
      throw UserError(
          "key 'network.links': expected none with learning.rule = \"feedback-alignment\"");
    }
  }
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

TrainingState BackpropReference::training_state() const { return engine_->state(); }
void BackpropReference::set_training_state(const TrainingState& state) {
  engine_->set_state(state);
}

}  // namespace memprop::learning
