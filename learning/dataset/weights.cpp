#include "learning/dataset/weights.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <utility>

#include "learning/dataset/npz.hpp"
#include "learning/network/dendrites.hpp"
#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

class WeightFile {
 public:
  explicit WeightFile(std::string path) : path_(std::move(path)), arrays_(read_npz(path_)) {}

  const NumericArray* find(const std::string& name) const {
    for (const NamedArray& entry : arrays_) {
      if (entry.name == name) return &entry.array;
    }
    return nullptr;
  }

  std::vector<double> values(const std::string& name, std::vector<std::size_t> shape) const {
    NumericArray wanted;
    wanted.shape = std::move(shape);
    const NumericArray* array = find(name);
    if (array == nullptr) {
      std::string have;
      for (const NamedArray& entry : arrays_) have += (have.empty() ? "" : ", ") + entry.name;
      throw UserError(fmt::format("{}: expected an array {} of shape {}, got only: {}", path_, name,
                                  wanted.shape_text(), have.empty() ? "nothing" : have));
    }
    if (array->shape != wanted.shape) {
      throw UserError(fmt::format("{}: array {}: expected shape {}, got {}", path_, name,
                                  wanted.shape_text(), array->shape_text()));
    }
    std::vector<double> out(array->size());
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = array->at(i);
      if (!std::isfinite(out[i])) {
        throw UserError(fmt::format("{}: array {}: expected finite numbers, got {} at element {}",
                                    path_, name, out[i], i));
      }
    }
    return out;
  }

  Matrix matrix(const std::string& name, std::size_t rows, std::size_t cols) const {
    Matrix out(rows, cols);
    out.values() = values(name, {rows, cols});
    return out;
  }

  void refuse(const std::string& name, const std::string& why) const {
    if (find(name) != nullptr) {
      throw UserError(fmt::format("{}: expected no array {} ({}), got one", path_, name, why));
    }
  }

 private:
  std::string path_;
  std::vector<NamedArray> arrays_;
};

std::string numbered(char letter, std::size_t l) { return letter + std::to_string(l); }

NamedArray named(std::string name, const Matrix& m) {
  return {std::move(name), make_array({m.rows(), m.cols()}, m.values())};
}

}  // namespace

void save_weights(const std::string& path, const Network& network) {
  std::vector<NamedArray> arrays;
  for (std::size_t l = 0; l < network.weight.size(); ++l) {
    arrays.push_back(named(numbered('w', l + 1), network.weight[l]));
  }
  for (std::size_t l = 0; l < network.bias.size(); ++l) {
    arrays.push_back({numbered('b', l + 1), make_array({network.bias[l].size()}, network.bias[l])});
  }
  for (std::size_t l = 0; l < network.feedback.size(); ++l) {
    arrays.push_back(named(numbered('f', l + 1), network.feedback[l]));
  }
  write_npz(path, arrays);
}

void load_weights(const std::string& path, Network& network) {
  const WeightFile file(path);
  const std::size_t layers = network.layer_count();
  std::vector<Matrix> weight, feedback;
  std::vector<std::vector<double>> bias;
  for (std::size_t l = 1; l <= layers; ++l) {
    const Matrix& own = network.weight[l - 1];
    weight.push_back(file.matrix(numbered('w', l), own.rows(), own.cols()));
  }
  file.refuse(numbered('w', layers + 1),
              fmt::format("network.layers has {} weight layers", layers));
  if (network.bias.empty()) {
    file.refuse("b1", "network.bias is false");
  }
  for (std::size_t l = 1; l <= network.bias.size(); ++l) {
    bias.push_back(file.values(numbered('b', l), {network.bias[l - 1].size()}));
  }
  if (network.feedback.empty()) {
    file.refuse("f1", "network.feedback is \"tied\"");
  }
  for (std::size_t l = 1; l <= network.feedback.size(); ++l) {
    const Matrix& own = network.feedback[l - 1];
    feedback.push_back(file.matrix(numbered('f', l), own.rows(), own.cols()));
  }
  network.weight = std::move(weight);
  network.bias = std::move(bias);
  network.feedback = std::move(feedback);
}

void load_initial_weights(Network& network, const RunWeightsReader& read_run) {
  const std::string& path = network.config.init_file;
  if (path.empty()) return;
  static constexpr unsigned char hdf5_signature[] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
  const Bytes bytes = read_file(path);
  if (looks_like_npz(bytes)) {
    load_weights(path, network);
  } else if (read_run && bytes.size() >= sizeof hdf5_signature &&
             std::memcmp(bytes.data(), hdf5_signature, sizeof hdf5_signature) == 0) {
    read_run(path, network);
  } else {
    throw UserError(
        fmt::format("{}: key 'network.init_file': expected {}, got another kind of file", path,
                    read_run ? "a run (.h5) or a NumPy file (.npz)" : "a NumPy file (.npz)"));
  }
  check_masked_weights(network, path.c_str());
}

}  // namespace memprop::learning
