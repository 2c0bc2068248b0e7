// What is written comes back: every type, every shape, across chunk borders.
#include "traces/trace_file.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <thread>

#include "solvers/error.hpp"
#include "traces/storage_error.hpp"
#include "traces/test/scratch_folder.hpp"
#include "traces/trace_reader.hpp"

namespace memprop::traces {
namespace {

using test::message_of;
using test::ScratchFolder;

template <class T>
class EveryType : public ::testing::Test {
 protected:
  // Extremes and a pattern, so that a wrong byte order or sign shows.
  static std::vector<T> values(std::size_t count) {
    std::vector<T> out(count);
    for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<T>(i * i % 251);
    out[0] = std::numeric_limits<T>::max();
    out[1] = std::numeric_limits<T>::lowest();
    return out;
  }
  ScratchFolder folder_;
};

using Types = ::testing::Types<double, float, std::int64_t, std::int32_t, std::uint64_t,
                               std::uint32_t, std::uint8_t>;
TYPED_TEST_SUITE(EveryType, Types);

TYPED_TEST(EveryType, ArrayComesBack) {
  const auto values = this->values(12);
  const std::string path = this->folder_.file("t.h5");
  TraceFile trace = TraceFile::create(path);
  trace.write("network/w", values, {3, 4}, {"S", "conductance", {"row", "column"}});
  trace.close();
  const TraceReader reader(path);
  EXPECT_EQ(reader.read<TypeParam>("network/w"), values);
  const DatasetInfo info = reader.info("network/w");
  EXPECT_EQ(info.type, element_type<TypeParam>);
  EXPECT_EQ(info.shape, (std::vector<std::size_t>{3, 4}));
  EXPECT_EQ(info.unit, "S");
  EXPECT_EQ(info.long_name, "conductance");
  EXPECT_EQ(info.axes, (std::vector<std::string>{"row", "column"}));
  EXPECT_FALSE(info.growing);
}

// Pieces of uneven size against a chunk of 7 rows: borders are met inside and between appends.
TYPED_TEST(EveryType, SeriesComesBackAcrossChunkBorders) {
  const std::size_t row = 3;
  const auto values = this->values(row * 100);
  const std::string path = this->folder_.file("t.h5");
  {
    TraceFile trace = TraceFile::create(path);
    trace.row_axis("s/sample", {ElementType::int64, {}, "1", "sample", {}, 7});
    Series series =
        trace.series("s/x", {element_type<TypeParam>, {row}, "V", "x", {"sample", "neuron"}, 7});
    for (std::size_t done = 0, piece = 1; done < 100; ++piece) {
      const std::size_t part = std::min(piece, 100 - done);
      series.append(values.data() + done * row, part);
      done += part;
      if (piece == 4) trace.flush();  // in the middle of a chunk
    }
    EXPECT_EQ(series.rows(), 100U);
  }
  const TraceReader reader(path);
  EXPECT_EQ(reader.read<TypeParam>("s/x"), values);
  EXPECT_EQ(reader.read_rows<TypeParam>("s/x", 13, 9),
            std::vector<TypeParam>(values.begin() + 13 * row, values.begin() + 22 * row));
  const DatasetInfo info = reader.info("s/x");
  EXPECT_TRUE(info.growing);
  EXPECT_EQ(info.axes, (std::vector<std::string>{"sample", "neuron"}));
}

TEST(TraceFile, SpecialDoublesKeepTheirBits) {
  const ScratchFolder folder;
  const std::vector<double> values = {-0.0, 5e-324, std::nan("7"), -INFINITY, 0.1};
  const std::string path = folder.file("t.h5");
  TraceFile trace = TraceFile::create(path);
  trace.write("v", values, {5}, {"V", "v", {"i"}});
  trace.row_axis("n", {ElementType::int64, {}, "1", "n"});
  trace.series("s", {ElementType::float64, {}, "V", "s", {"n"}}).append(values.data(), 5);
  trace.close();
  const TraceReader reader(path);
  for (const char* name : {"v", "s"}) {
    const std::vector<double> back = reader.read<double>(name);
    ASSERT_EQ(back.size(), 5U);
    EXPECT_EQ(std::memcmp(back.data(), values.data(), 40), 0) << name;
  }
}

TEST(TraceFile, NumbersAreConvertedOnReading) {
  const ScratchFolder folder;
  TraceFile trace = TraceFile::create(folder.file("t.h5"));
  trace.write("k", std::vector<std::int32_t>{-3, 7}, {2}, {"1", "k", {"i"}});
  trace.write_value("dt", 1e-9, "s", "time step");
  trace.close();
  const TraceReader reader(folder.file("t.h5"));
  EXPECT_EQ(reader.read<double>("k"), (std::vector<double>{-3.0, 7.0}));
  EXPECT_EQ(reader.read<double>("dt"), std::vector<double>{1e-9});
  EXPECT_TRUE(reader.info("dt").shape.empty());
}

TEST(TraceFile, TextAndAttributesComeBack) {
  const ScratchFolder folder;
  const std::string config = "name = \"β = 0.1 µS\"\n" + std::string(100000, '#');
  TraceFile trace = TraceFile::create(folder.file("t.h5"));
  trace.write_text("config/toml", "first", "as read");
  trace.write_text("config/toml", config, "as read");
  trace.write_text("config/none", "", "empty");
  trace.write_strings("probes", {"a/b", "längst", ""}, {"", "names", {"probe"}});
  const std::vector<std::pair<std::string, AttributeValue>> given = {
      {"beta", 0.1},
      {"names", std::vector<std::string>{"x", "ÿ"}},
      {"seed", std::int64_t{-5}},
      {"sizes", std::vector<std::int64_t>{784, 128, 10}},
      {"taus", std::vector<double>{1e-6, 2e-6}},
      {"title", std::string("Größe")}};
  for (const auto& [name, value] : given) trace.set_attribute("run", name, value);
  trace.set_attribute("run", "beta", 0.1);
  trace.set_attribute("", "big", std::vector<double>(20000, 1.5));  // more than 64 KiB
  trace.close();
  const TraceReader reader(folder.file("t.h5"));
  EXPECT_EQ(reader.read_text("config/toml"), config);
  EXPECT_EQ(reader.read_text("config/none"), "");
  EXPECT_EQ(reader.read_strings("probes"), (std::vector<std::string>{"a/b", "längst", ""}));
  EXPECT_EQ(reader.attributes("run"), given);
  EXPECT_EQ(std::get<std::vector<double>>(reader.attribute("", "big")).size(), 20000U);
  EXPECT_EQ(std::get<std::string>(reader.attribute("", "format")), "memprop-trace");
  EXPECT_EQ(std::get<std::string>(reader.attribute("", "created")).size(), 20U);
  EXPECT_EQ(reader.format_version(), 2);
}

TEST(TraceFile, ListsDataSetsInOrder) {
  const ScratchFolder folder;
  TraceFile trace = TraceFile::create(folder.file("t.h5"));
  trace.axis("time", std::vector<double>{0.0, 1e-9}, "s", "time");
  trace.write("b/v", std::vector<double>{1, 2}, {2}, {"V", "v", {"time"}});
  trace.write("a/v", std::vector<double>{1, 2}, {2}, {"V", "v", {"time"}});
  // Another length under the same name: an index of its own, in its own group.
  trace.write("c/v", std::vector<double>{1, 2, 3}, {3}, {"V", "v", {"time"}});
  trace.close();
  const TraceReader reader(folder.file("t.h5"));
  std::vector<std::string> paths;
  for (const DatasetInfo& info : reader.datasets()) paths.push_back(info.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"a/v", "b/v", "c/time", "c/v", "time"}));
  EXPECT_EQ(reader.read<std::int64_t>("c/time"), (std::vector<std::int64_t>{0, 1, 2}));
}

TEST(TraceFile, WrittenAgainAnArrayHoldsTheNewValues) {
  const ScratchFolder folder;
  TraceFile trace = TraceFile::create(folder.file("t.h5"));
  trace.write("w", std::vector<double>{1, 2}, {2}, {"S", "w", {"i"}});
  trace.flush();
  trace.write("w", std::vector<double>{3, 4}, {2}, {"S", "w", {"i"}});
  // Until the next flush the file shows the old ones.
  EXPECT_EQ(TraceReader(folder.file("t.h5")).read<double>("w"), (std::vector<double>{1, 2}));
  trace.flush();
  EXPECT_EQ(TraceReader(folder.file("t.h5")).read<double>("w"), (std::vector<double>{3, 4}));
  EXPECT_EQ(message_of<UserError>([&] {
              trace.write("w", std::vector<double>{3, 4, 5}, {3}, {"S", "w", {"i"}});
            }),
            folder.file("t.h5") + ": 'w' holds float64 [2], expected float64 [3]");
}

TEST(TraceFile, FilesOfEqualContentAreEqual) {
  const ScratchFolder folder;
  std::vector<std::vector<std::uint8_t>> images;
  for (const char* name : {"a.h5", "b.h5"}) {
    // Times of day count whole seconds.
    if (!images.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(1100));
    TraceFile trace = TraceFile::create(folder.file(name));
    trace.set_attribute("", "created", std::string("2000-01-01T00:00:00Z"));
    trace.write_value("group/below/value", 1.0, "V", "value");
    trace.row_axis("n", {ElementType::int64, {}, "1", "n", {}, 10});
    Series series = trace.series("s", {ElementType::float64, {}, "V", "s", {"n"}, 10});
    for (int i = 0; i < 25; ++i) series.append_value(std::sqrt(i));
    trace.close();
    images.push_back(test::bytes_of(folder.file(name)));
  }
  EXPECT_EQ(images[0], images[1]);
}

}  // namespace
}  // namespace memprop::traces
