// Wrong data files: every message names the file (and line and column of text), what was expected
// and what was found.
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <vector>

#include "learning/dataset/dataset.hpp"
#include "learning/dataset/npz.hpp"
#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

namespace fs = std::filesystem;

// Two images of 1 x 2 bytes and their labels.
std::string images() { return {"\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x02\x00\xff\xff\x00", 20}; }
std::string labels() { return {"\0\0\x08\x01\0\0\0\x02\x01\x00", 10}; }

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
  std::string out(text.size() + 256, '\0');
  stream.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<unsigned char*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string npy(const std::string& dictionary, const std::string& data) {
  std::string out("\x93NUMPY\x01\x00", 8);
  out += static_cast<char>(dictionary.size());
  out += '\0';
  return out + dictionary + data;
}

struct BadData {
  const char* name;
  std::string inputs, targets;     // contents of the files "in" and "out"
  std::vector<std::string> parts;  // of the message, in this order
  std::size_t n_in = 2;
  TargetKind target = TargetKind::classes;
};

void PrintTo(const BadData& bad, std::ostream* out) { *out << bad.name; }

class BadDataFile : public testing::TestWithParam<BadData> {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / (std::string("memprop_bad_data_") + GetParam().name);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path folder_;
};

TEST_P(BadDataFile, IsExplained) {
  const BadData& bad = GetParam();
  DataConfig config;
  config.name = "files";
  config.target = bad.target;
  config.test_on_train = true;
  config.train_inputs = (folder_ / "in").string();
  std::ofstream(config.train_inputs, std::ios::binary) << bad.inputs;
  if (!bad.targets.empty()) {
    config.train_targets = (folder_ / "out").string();
    std::ofstream(config.train_targets, std::ios::binary) << bad.targets;
  }
  std::string text = "accepted";
  try {
    load_data(config, bad.n_in, 2);
  } catch (const UserError& error) {
    text = error.what();
  }
  std::size_t from = 0;
  for (const std::string& part : bad.parts) {
    const std::size_t at = text.find(part, from);
    ASSERT_NE(at, std::string::npos) << "expected to find: " << part << "\nin: " << text;
    from = at + part.size();
  }
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
}

std::vector<BadData> idx_files() {
  const std::string packed = gzip(images());
  std::string damaged = packed;
  damaged[packed.size() - 6] = static_cast<char>(damaged[packed.size() - 6] ^ 0x55);
  std::string wrong_magic = images();
  wrong_magic[2] = '\x07';
  std::string huge = images();
  huge.replace(4, 12, 12, '\xff');
  return {
      {"WrongMagic",
       wrong_magic,
       labels(),
       {"/in: expected an IDX magic number such as 0x00000803", "got 0x00000703"}},
      {"ShortMagic",
       std::string("\0\0\x08", 3),
       labels(),
       {"/in: expected an IDX file, got only 3"}},
      {"TruncatedHeader",
       images().substr(0, 11),
       labels(),
       {"/in: truncated: expected an IDX header of 16 bytes, got 11"}},
      {"TruncatedImages",
       images().substr(0, 19),
       labels(),
       {"/in: truncated: expected (2, 1, 2) elements of type uint8", "got 3 bytes"}},
      {"HugeSizes", huge, labels(), {"/in: truncated: expected (4294967295"}},
      {"TrailingBytes",
       images() + "x",
       labels(),
       {"/in: expected 4 bytes after the header", "got 5 (1 trailing)"}},
      {"TruncatedLabels", images(), labels().substr(0, 9), {"/out: truncated", "got 1 bytes"}},
      {"CountMismatch",
       images(),
       std::string("\0\0\x08\x01\0\0\0\x03\x01\x00\x01", 11),
       {"/out: expected 2 labels for the samples of ", "/in, got 3"}},
      {"LabelsAsImages",
       labels(),
       labels(),
       {"/in: expected images", "0x00000803", "got a label file (magic 0x00000801)"}},
      {"ImagesAsLabels",
       images(),
       images(),
       {"/out: expected labels (IDX magic 0x00000801), got shape (2, 1, 2)", "an image file"}},
      {"NoSamples",
       std::string("\0\0\x08\x03\0\0\0\0\0\0\0\x01\0\0\0\x02", 16),
       labels(),
       {"/in: expected at least one sample, got none"}},
      {"WrongWidth",
       images(),
       labels(),
       {"/in: expected 3 values per sample (the first of network.layers), got 2"},
       3},
      {"LabelTooLarge",
       images(),
       std::string("\0\0\x08\x01\0\0\0\x02\x01\x02", 10),
       {"/out: expected labels 0 to 1", "got 2 at sample 1"}},
      {"TruncatedGzip",
       packed.substr(0, packed.size() / 2),
       labels(),
       {"/in: the compressed data ends early"}},
      {"DamagedGzip", damaged, labels(), {"/in: damaged compressed data"}},
      {"TrailingAfterGzip",
       packed + "more",
       labels(),
       {"/in: expected the end of the file after the gzip data, got 4 more bytes"}},
      {"EmptyFile", "", labels(), {"/in: expected data, got an empty file"}},
  };
}

std::vector<BadData> csv_files() {
  return {
      {"BadNumber",
       "1,2\n3,x4\n",
       "0\n1\n",
       {"/in:2:3: expected a finite number in field 2, got \"x4\""}},
      {"BadNumberInFirstLine",
       "1,two\n3,4\n",
       "0\n1\n",
       {"/in:1:3: expected a finite number in field 2, got \"two\""}},
      {"Nan",
       "1,2\n3,nan\n",
       "0\n1\n",
       {"/in:2:3: expected a finite number in field 2, got \"nan\""}},
      {"Infinite", "1,2\n-inf,4\n", "0\n1\n", {"/in:2:1: expected a finite number in field 1"}},
      {"MissingNumber", "1,2\n3,\n", "0\n1\n", {"/in:2:3: expected a finite number", "got \"\""}},
      {"Ragged", "a,b\n1,2\n3,4,5\n", "0\n1\n", {"/in:3:5: expected 2 fields as in line 1, got 3"}},
      {"HeaderOnly", "a,b\n", "0\n", {"/in: expected lines of comma-separated numbers, got none"}},
      {"Semicolons", "1;2\n3;4\n", "0\n1\n", {"/in:2:1: expected a finite number", "got \"3;4\""}},
      {"FractionalLabel",
       "1,2\n3,4\n",
       "0\n0.5\n",
       {"/out: expected labels 0, 1, 2, ..., got 0.5 at sample 1"}},
      {"NegativeLabel",
       "1,2\n3,4\n",
       "0\n-1\n",
       {"/out: expected labels 0, 1", "got -1 at sample 1"}},
      {"NoTargets",
       "1,2\n3,4\n",
       "",
       {"key 'data.train_targets': expected a path, or the targets in the last columns of ",
        "(2 + 1 columns, got shape (2, 2))"}},
      {"TooFewTargets",
       "1,2\n3,4\n",
       "0.5\n0.5\n",
       {"/out: expected 2 targets (the last of network.layers) per sample, got 1"},
       2,
       TargetKind::regression},
  };
}

std::vector<BadData> numpy_files() {
  const std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2), }\n";
  const std::string nan("\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\xf8\x7f", 16);
  return {
      {"Complex",
       npy("{'descr': '<c16', 'fortran_order': False, 'shape': (1,), }\n", nan),
       "0\n",
       {"/in: expected numbers of type", "got dtype '<c16'"}},
      {"TruncatedArray",
       npy(header, "1234567"),
       "0\n",
       {"/in: truncated: expected (1, 2) elements of type float64, got 7 bytes"}},
      {"TrailingArrayBytes",
       npy(header, nan + "x"),
       "0\n",
       {"/in: trailing bytes: expected (1, 2) elements of type float64, got 17 bytes"}},
      {"TruncatedArrayHeader",
       npy(header, "").substr(0, 40),
       "0\n",
       {"/in: truncated: expected a"}},
      {"NanInput",
       npy(header, nan),
       "0\n",
       {"/in: expected finite inputs, got nan at sample 0, value 1"}},
      {"FlatArray",
       npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }\n", nan),
       "0\n",
       {"/in: expected an array of samples x features, got shape (2)"}},
      {"TruncatedNpz",
       std::string("PK\x03\x04 and nothing else", 21),
       "0\n",
       {"/in: expected a complete .npz (zip) archive, got a truncated or damaged one"}},
  };
}

const auto kName = [](const testing::TestParamInfo<BadData>& info) {
  return std::string(info.param.name);
};
INSTANTIATE_TEST_SUITE_P(Idx, BadDataFile, testing::ValuesIn(idx_files()), kName);
INSTANTIATE_TEST_SUITE_P(Csv, BadDataFile, testing::ValuesIn(csv_files()), kName);
INSTANTIATE_TEST_SUITE_P(Numpy, BadDataFile, testing::ValuesIn(numpy_files()), kName);

std::string message(const DataConfig& config) {
  try {
    load_data(config, 2, 2);
  } catch (const UserError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(BadDataSet, MissingSetsSayWhereToGetThem) {
  const fs::path folder = fs::temp_directory_path() / "memprop_no_data";
  fs::create_directories(folder / "kmnist");
  // As copies without the training images have it.
  std::ofstream(folder / "kmnist" / "t10k-images-idx3-ubyte", std::ios::binary) << images();
  unsetenv("MEMPROP_DATA_DIR");
  DataConfig config;
  config.directory = folder.string();
  config.name = "mnist";
  const std::string mnist = message(config);
  EXPECT_NE(mnist.find("key 'data.name': expected the files of \"mnist\""), std::string::npos);
  EXPECT_NE(mnist.find("got none complete in: " + folder.string()), std::string::npos) << mnist;
  EXPECT_NE(mnist.find("yann.lecun.com"), std::string::npos);
  config.name = "kmnist";
  const std::string kmnist = message(config);
  EXPECT_NE(kmnist.find("kmnist lacks train-images-idx3-ubyte.gz"), std::string::npos) << kmnist;
  EXPECT_NE(kmnist.find("codh.rois.ac.jp/kmnist"), std::string::npos);
  config.name = "imagenet";
  EXPECT_NE(message(config).find("key 'data.name': expected \"mnist\""), std::string::npos);
  fs::remove_all(folder);
}

TEST(BadDataSet, MissingFileFolderAndRange) {
  const fs::path folder = fs::temp_directory_path() / "memprop_bad_range";
  fs::create_directories(folder);
  DataConfig config;
  config.name = "files";
  config.test_on_train = true;
  config.train_inputs = (folder / "none.csv").string();
  EXPECT_EQ(message(config), config.train_inputs + ": cannot open: No such file or directory");
  config.train_inputs = folder.string();
  EXPECT_EQ(message(config), config.train_inputs + ": expected a file, got a folder");
  config.train_inputs = (folder / "in.csv").string();
  std::ofstream(config.train_inputs) << "1,2,0\n3,4,1\n";
  EXPECT_EQ(message(config), "accepted");
  config.train_samples = 3;
  EXPECT_EQ(message(config), "key 'data.train_samples': expected samples within the 2 of " +
                                 config.train_inputs + ", got 3 from sample 0");
  config.train_samples = 0;
  config.test_first = 2;
  EXPECT_EQ(message(config), "key 'data.test_first': expected samples within the 2 of " +
                                 config.train_inputs + ", got all from sample 2");
  config.test_first = 0;
  config.test_on_train = false;
  EXPECT_NE(message(config).find("key 'data.test_inputs': expected a path"), std::string::npos);
  fs::remove_all(folder);
}

TEST(BadDataSet, ArchiveMembers) {
  const fs::path folder = fs::temp_directory_path() / "memprop_bad_npz";
  fs::create_directories(folder);
  const std::string path = (folder / "set.npz").string();
  const std::vector<double> x{1, 2}, y{0};
  write_npz(path, {{"x", make_array({1, 2}, x)}, {"y", make_array({1}, y)}});
  DataConfig config;
  config.name = "files";
  config.test_on_train = true;
  config.train_inputs = path + ":x";
  config.train_targets = path + ":y";
  EXPECT_EQ(message(config), "accepted");
  config.train_targets = path + ":z";
  EXPECT_EQ(message(config),
            path + ": expected one of its arrays as \"" + path + ":NAME\" (x, y), got \"z\"");
  // One flipped bit in the stored values.
  Bytes bytes = read_file(path);
  bytes[140] = static_cast<unsigned char>(bytes[140] ^ 1U);
  write_file(path, bytes);
  config.train_targets = path + ":y";
  EXPECT_NE(message(config).find("set.npz: array x.npy: the checksum does not fit"),
            std::string::npos)
      << message(config);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace memprop::learning
