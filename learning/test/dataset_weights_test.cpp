// Weights of a network through .npz files.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "learning/dataset/npz.hpp"
#include "learning/dataset/weights.hpp"
#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

namespace fs = std::filesystem;

std::string fixture(const std::string& name) {
  return std::string(MEMPROP_SOURCE_DIR) + "/learning/test/dataset_fixtures/" + name;
}

// 3-2-2, as in the fixture.
Network small_network() {
  Network n;
  n.config.layers = {3, 2, 2};
  n.weight = {Matrix(2, 3, 9.0), Matrix(2, 2, 9.0)};
  return n;
}

std::string message(const std::string& path, Network& network) {
  try {
    load_weights(path, network);
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

class Weights : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() / (std::string("memprop_weights_") + info->name());
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  fs::path folder_;
};

TEST_F(Weights, ComeFromNumpy) {
  for (const char* name : {"weights.npz", "weights_deflated.npz"}) {
    Network n = small_network();
    n.config.init_file = fixture(name);
    load_initial_weights(n);
    EXPECT_EQ(n.weight[0].values(), (std::vector<double>{0.5, -0.3, 0.2, -0.4, 0.6, 0.1}));
    EXPECT_EQ(n.weight[1].values(), (std::vector<double>{0.7, -0.2, 0.3, 0.5}));
  }
}

TEST_F(Weights, SurviveSavingWithBiasAndFeedback) {
  Network n = small_network();
  n.weight[0](1, 2) = 1.0 / 3.0;
  n.bias = {{0.25, -1e-12}, {1, 2}};
  n.feedback = {Matrix(2, 2, 0.125)};
  save_weights(path("all.npz"), n);
  Network m = small_network();
  m.bias = {{0, 0}, {0, 0}};
  m.feedback = {Matrix(2, 2)};
  load_weights(path("all.npz"), m);
  EXPECT_EQ(m.weight[0].values(), n.weight[0].values());
  EXPECT_EQ(m.bias, n.bias);
  EXPECT_EQ(m.feedback[0].values(), n.feedback[0].values());
  // The same network without biases refuses them.
  Network without = small_network();
  without.feedback = {Matrix(2, 2)};
  EXPECT_NE(message(path("all.npz"), without).find("expected no array b1"), std::string::npos);
}

TEST_F(Weights, ErrorsNameArrayAndShapesAndLeaveTheNetwork) {
  Network wide = small_network();
  wide.config.layers = {3, 2, 4};
  wide.weight[1] = Matrix(4, 2, 9.0);
  const std::string shape = message(fixture("weights.npz"), wide);
  EXPECT_NE(shape.find("weights.npz: array w2: expected shape (4, 2), got (2, 2)"),
            std::string::npos)
      << shape;
  EXPECT_EQ(wide.weight[0].values(), std::vector<double>(6, 9.0));

  Network deep = small_network();
  deep.config.layers = {3, 2, 2, 2};
  deep.weight.emplace_back(2, 2);
  const std::string missing = message(fixture("weights.npz"), deep);
  EXPECT_NE(missing.find("expected an array w3 of shape (2, 2), got only: w1, w2"),
            std::string::npos)
      << missing;

  Network biased = small_network();
  biased.bias = {{0, 0}, {0, 0}};
  EXPECT_NE(message(fixture("weights.npz"), biased).find("expected an array b1"),
            std::string::npos);

  Network nan = small_network();
  nan.weight[1](0, 1) = std::numeric_limits<double>::quiet_NaN();
  save_weights(path("nan.npz"), nan);
  EXPECT_NE(message(path("nan.npz"), nan)
                .find("array w2: expected finite numbers, got nan at "
                      "element 1"),
            std::string::npos);
}

TEST_F(Weights, RunFilesGoToTheirReader) {
  Network n = small_network();
  n.config.init_file = path("run.h5");
  std::ofstream(n.config.init_file, std::ios::binary) << "\x89HDF\r\n\x1a\n and more";
  EXPECT_THROW(load_initial_weights(n), UserError);
  std::string seen;
  load_initial_weights(n, [&](const std::string& file, Network&) { seen = file; });
  EXPECT_EQ(seen, n.config.init_file);
  std::ofstream(n.config.init_file, std::ios::binary) << "something else";
  EXPECT_THROW(load_initial_weights(n, [](const std::string&, Network&) {}), UserError);
}

}  // namespace
}  // namespace memprop::learning
