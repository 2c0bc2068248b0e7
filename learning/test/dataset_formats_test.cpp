// Readers against files made by NumPy and by hand (dataset_fixtures/generate.py), and the writer
// against NumPy.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "learning/dataset/csv.hpp"
#include "learning/dataset/data_files.hpp"
#include "learning/dataset/idx.hpp"
#include "learning/dataset/npy.hpp"
#include "learning/dataset/npz.hpp"
#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

std::string fixture(const std::string& name) {
  return std::string(MEMPROP_SOURCE_DIR) + "/learning/test/dataset_fixtures/" + name;
}

std::vector<double> values(const NumericArray& array) {
  std::vector<double> out;
  for (std::size_t i = 0; i < array.size(); ++i) out.push_back(array.at(i));
  return out;
}

using Shape = std::vector<std::size_t>;
using Values = std::vector<double>;

TEST(Npy, ReadsEveryTypeAndOrder) {
  const auto f4 = read_array(fixture("f4.npy"));
  EXPECT_EQ(f4.type, ElementType::f4);
  EXPECT_EQ(f4.shape, (Shape{2, 3}));
  EXPECT_EQ(values(f4), (Values{0, 0.25, 0.5, 0.75, 1, 1.25}));
  const auto fortran = read_array(fixture("f8_fortran.npy"));
  EXPECT_EQ(fortran.shape, (Shape{2, 3}));
  EXPECT_EQ(values(fortran), (Values{0, 0.125, 0.25, 0.375, 0.5, 0.625}));
  const auto cube = read_array(fixture("f8_fortran_3d.npy"));
  EXPECT_EQ(cube.shape, (Shape{2, 3, 4}));
  for (std::size_t i = 0; i < 24; ++i) EXPECT_EQ(cube.at(i), static_cast<double>(i));
  EXPECT_EQ(values(read_array(fixture("i4_big_endian.npy"))), (Values{-3, -2, -1, 0, 1, 2}));
  EXPECT_EQ(read_array(fixture("i8.npy")).at(5), 5 - 1099511627776.0);
  const auto u1 = read_array(fixture("u1.npy"));
  EXPECT_EQ(u1.shape, Shape{3});
  EXPECT_EQ(values(u1), (Values{0, 128, 255}));
  EXPECT_EQ(values(read_array(fixture("scalar.npy"))), Values{2.5});
}

TEST(Npy, WritesWhatItReads) {
  for (const char* name : {"f4.npy", "i8.npy", "u1.npy"}) {
    // NumPy's own bytes, padding included, are the truth.
    EXPECT_EQ(format_npy(read_array(fixture(name))), read_file(fixture(name))) << name;
  }
}

TEST(Npz, ReadsStoredAndDeflatedMembers) {
  for (const char* name : {"weights.npz", "weights_deflated.npz"}) {
    const auto arrays = read_npz(fixture(name));
    ASSERT_EQ(arrays.size(), 2U) << name;
    EXPECT_EQ(arrays[0].name, "w1");
    EXPECT_EQ(arrays[0].array.shape, (Shape{2, 3}));
    EXPECT_EQ(values(arrays[0].array), (Values{0.5, -0.3, 0.2, -0.4, 0.6, 0.1}));
    EXPECT_EQ(values(arrays[1].array), (Values{0.7, -0.2, 0.3, 0.5}));
  }
  const auto large = read_array(fixture("large_deflated.npz"));  // its only array
  ASSERT_EQ(large.shape, Shape{20000});
  for (std::size_t i = 0; i < 20000; ++i) ASSERT_EQ(large.at(i), static_cast<double>(i));
  EXPECT_EQ(read_array(fixture("weights.npz") + ":w2").shape, (Shape{2, 2}));
}

TEST(Npz, IsReadByNumpy) {
  if (std::system(MEMPROP_PYTHON " -c 'import numpy' 2>/dev/null") != 0) {
    GTEST_SKIP() << "not run: needs python3 with numpy";
  }
  const auto folder = std::filesystem::temp_directory_path() / "memprop_npz_test";
  std::filesystem::create_directories(folder);
  const std::string path = (folder / "written.npz").string();
  const std::vector<double> numbers{0.1, -2.5, 1e-300, 3, 4, 1.0 / 3.0};
  write_npz(path, {{"a", make_array({2, 3}, numbers)}, {"empty", make_array({0}, {})}});
  const std::string script =
      "import numpy,zipfile; assert zipfile.ZipFile(r'" + path +
      "').testzip() is None; "
      "z = numpy.load(r'" +
      path +
      "'); assert sorted(z) == ['a', 'empty'], sorted(z); "
      "assert z['a'].tolist() == [[0.1, -2.5, 1e-300], [3, 4, 1/3]], z['a']; "
      "assert z['empty'].shape == (0,)";
  EXPECT_EQ(std::system((MEMPROP_PYTHON " -c \"" + script + "\"").c_str()), 0);
  std::filesystem::remove_all(folder);
}

TEST(Idx, ReadsPlainAndGzipByContent) {
  for (const char* name : {"images-idx3-ubyte", "images-idx3-ubyte.gz"}) {
    const auto images = read_array(fixture(name));
    EXPECT_EQ(images.type, ElementType::u1);
    EXPECT_EQ(images.shape, (Shape{2, 2, 3}));
    for (std::size_t i = 0; i < 12; ++i) EXPECT_EQ(images.at(i), static_cast<double>(i));
  }
  EXPECT_EQ(values(read_array(fixture("labels-idx1-ubyte"))), (Values{1, 0}));
  EXPECT_EQ(values(read_array(fixture("floats-idx1"))), (Values{1.5, -2, 0.25}));
}

Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

TEST(Csv, TakesHeaderCommentsBlankLinesAndAnyLineEnd) {
  const Values expected{1, -2.5, 1e-3, 4, 5, 6};
  for (const char* text : {"1,-2.5,1e-3\n4,5,6\n", "a,b,c\n1,-2.5,1e-3\n4,5,6",
                           "# note\r\na, b ,c\r\n\r\n 1,\t-2.5, 0.001\r\n+4,5, 6 \r\n"}) {
    const auto array = parse_csv(bytes_of(text), "t.csv");
    EXPECT_EQ(array.shape, (Shape{2, 3})) << text;
    EXPECT_EQ(values(array), expected) << text;
  }
}

TEST(NumericArray, ScalesInSinglePrecision) {
  const auto u1 = read_array(fixture("u1.npy"));
  std::vector<float> out(2);
  u1.copy_scaled(1, 1.0F / 255.0F, out);
  EXPECT_FLOAT_EQ(out[0], 128.0F / 255.0F);
  EXPECT_FLOAT_EQ(out[1], 1.0F);
}

}  // namespace
}  // namespace memprop::learning
