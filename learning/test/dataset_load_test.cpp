// load_data: the shipped and published sets, selections, targets.
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "learning/dataset/data_files.hpp"
#include "learning/dataset/dataset.hpp"
#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

namespace fs = std::filesystem;
constexpr const char* kFashion = "/usr/share/datasets/fashion-mnist";

bool set_is_there(const std::string& name) {
  DataConfig config;
  config.name = name;
  config.directory = MEMPROP_TEST_DATA_DIR;
  try {
    locate_data(config);
    return true;
  } catch (const UserError&) {
    return false;
  }
}

unsigned long checksum(const NumericArray& array) {
  return crc32_z(0, array.bytes.data(), array.bytes.size());
}

// Checksums of the elements of files whose published MD5 was verified.
TEST(FashionMnist, HasThePublishedContent) {
  if (!fs::exists(kFashion)) GTEST_SKIP() << "not run: needs the package dataset-fashion-mnist";
  const std::string folder = std::string(kFashion) + "/";
  EXPECT_EQ(checksum(read_array(folder + "train-images-idx3-ubyte.gz")), 0xae65dccdUL);
  EXPECT_EQ(checksum(read_array(folder + "train-labels-idx1-ubyte.gz")), 0x2ed6e46aUL);
  EXPECT_EQ(checksum(read_array(folder + "t10k-images-idx3-ubyte.gz")), 0x12728439UL);
  EXPECT_EQ(checksum(read_array(folder + "t10k-labels-idx1-ubyte.gz")), 0x242bc73fUL);
}

TEST(FashionMnist, LoadsScaledWithOneHotTargets) {
  if (!fs::exists(kFashion)) GTEST_SKIP() << "not run: needs the package dataset-fashion-mnist";
  DataConfig config;
  config.target_low = -0.5;
  config.target_high = 0.75;
  const TrainTest data = load_data(config, 784, 10);
  ASSERT_EQ(data.train.size(), 60000U);
  ASSERT_EQ(data.test.size(), 10000U);
  EXPECT_EQ(data.classes, 10U);
  double sum = 0;
  for (const float x : data.test.inputs.values()) {
    ASSERT_TRUE(x >= 0.0F && x <= 1.0F);
    sum += static_cast<double>(x);
  }
  EXPECT_NEAR(sum * 255.0, 573469082.0, 573469082.0 * 1e-7);  // summed by another program
  std::vector<int> count(10, 0);
  for (std::size_t i = 0; i < data.test.size(); ++i) {
    ++count[static_cast<std::size_t>(data.test.labels[i])];
    for (int k = 0; k < 10; ++k) {
      ASSERT_EQ(data.test.targets(i, static_cast<std::size_t>(k)),
                k == data.test.labels[i] ? 0.75F : -0.5F);
    }
  }
  EXPECT_EQ(count, std::vector<int>(10, 1000));
  EXPECT_EQ(data.train.labels[0], 9);  // an ankle boot, as the set's publishers show it
}

TEST(FashionMnist, SelectsRanges) {
  if (!fs::exists(kFashion)) GTEST_SKIP() << "not run: needs the package dataset-fashion-mnist";
  DataConfig config;
  config.train_samples = 50;
  const TrainTest all = load_data(config, 784, 10);
  config.train_first = 10;
  config.train_samples = 20;
  config.test_on_train = true;
  config.test_first = 40;
  config.test_samples = 5;
  const TrainTest part = load_data(config, 784, 10);
  ASSERT_EQ(part.train.size(), 20U);
  ASSERT_EQ(part.test.size(), 5U);
  for (std::size_t k = 0; k < 784; ++k) {
    ASSERT_EQ(part.train.inputs(0, k), all.train.inputs(10, k));
    ASSERT_EQ(part.test.inputs(4, k), all.train.inputs(44, k));
  }
  EXPECT_EQ(part.test.labels[0], all.train.labels[40]);
}

TEST(Mnist, HasThePublishedContent) {
  if (!set_is_there("mnist")) GTEST_SKIP() << "not run: needs mnist in MEMPROP_DATA_DIR";
  DataConfig config;
  config.name = "mnist";
  config.directory = MEMPROP_TEST_DATA_DIR;
  const DataPaths paths = locate_data(config);
  EXPECT_EQ(checksum(read_array(paths.train_inputs)), 0xf3639b56UL);
  EXPECT_EQ(checksum(read_array(paths.test_inputs)), 0xe4ca5f57UL);
  config.train_samples = 10;
  const TrainTest data = load_data(config, 784, 10);
  EXPECT_EQ(data.train.labels, (std::vector<int>{5, 0, 4, 1, 9, 2, 1, 3, 1, 4}));
  EXPECT_EQ(data.test.size(), 10000U);
}

class LoadFiles : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() / (std::string("memprop_load_") + info->name());
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return (folder_ / name).string();
  }
  fs::path folder_;
};

TEST_F(LoadFiles, CsvWithLabelsInTheLastColumn) {
  DataConfig config;
  config.name = "files";
  config.train_inputs = write("digits.csv", "0,16,8,1\n4,4,4,0\n0,0,16,1\n");
  config.test_on_train = true;
  config.test_first = 2;
  config.input_scale = 1.0 / 16.0;
  const TrainTest data = load_data(config, 3, 2);
  EXPECT_EQ(data.train.inputs.values(), (std::vector<float>{0, 1, 0.5, 0.25, 0.25, 0.25, 0, 0, 1}));
  EXPECT_EQ(data.train.labels, (std::vector<int>{1, 0, 1}));
  EXPECT_EQ(data.train.targets.values(), (std::vector<float>{0, 1, 1, 0, 0, 1}));
  EXPECT_EQ(data.test.labels, std::vector<int>{1});
}

TEST_F(LoadFiles, RegressionTargets) {
  DataConfig config;
  config.name = "files";
  config.target = TargetKind::regression;
  config.train_inputs = write("x.csv", "1,-0.5,0.25\n");
  config.train_targets = write("y.csv", "u,v\n0.5,-0.5\n");
  config.test_inputs = config.train_inputs;
  config.test_targets = config.train_targets;
  const TrainTest data = load_data(config, 3, 2);
  EXPECT_EQ(data.train.inputs.values(), (std::vector<float>{1, -0.5, 0.25}));
  EXPECT_EQ(data.train.targets.values(), (std::vector<float>{0.5, -0.5}));
  EXPECT_TRUE(data.train.labels.empty());
  EXPECT_EQ(data.classes, 0U);
}

TEST_F(LoadFiles, NamedSetIsFoundFlatAndInASubfolder) {
  const std::string images("\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x02\x00\xff\xff\x00", 20);
  const std::string labels("\0\0\x08\x01\0\0\0\x02\x01\x00", 10);
  fs::create_directories(folder_ / "mnist");
  for (const std::string& place : {std::string(""), std::string("mnist/")}) {
    for (const char* part : {"train", "t10k"}) {
      write(place + part + "-images-idx3-ubyte", images);
      write(place + part + "-labels-idx1-ubyte", labels);
    }
    DataConfig config;
    config.name = "mnist";
    config.directory = folder_.string();
    const TrainTest data = load_data(config, 2, 2);
    EXPECT_EQ(data.train.inputs.values(), (std::vector<float>{0, 1, 1, 0}));
    EXPECT_EQ(data.train.labels, (std::vector<int>{1, 0}));
    EXPECT_EQ(fs::path(data.train.source).parent_path(),
              place.empty() ? folder_ : folder_ / "mnist");
    for (const char* part : {"train", "t10k"}) {
      fs::remove(folder_ / (place + part + "-images-idx3-ubyte"));
    }
  }
}

}  // namespace
}  // namespace memprop::learning
