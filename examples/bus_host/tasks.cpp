#include "tasks.hpp"

#include <algorithm>
#include <string_view>

#include "solvers/random_stream.hpp"

namespace {

// Seven rows of five dots for each digit.
constexpr std::string_view glyphs[10][7] = {
    {".###.", "#...#", "#..##", "#.#.#", "##..#", "#...#", ".###."},
    {"..#..", ".##..", "..#..", "..#..", "..#..", "..#..", ".###."},
    {".###.", "#...#", "....#", "..##.", ".#...", "#....", "#####"},
    {"####.", "....#", "....#", ".###.", "....#", "....#", "####."},
    {"...#.", "..##.", ".#.#.", "#..#.", "#####", "...#.", "...#."},
    {"#####", "#....", "####.", "....#", "....#", "#...#", ".###."},
    {"..##.", ".#...", "#....", "####.", "#...#", "#...#", ".###."},
    {"#####", "....#", "...#.", "..#..", ".#...", ".#...", ".#..."},
    {".###.", "#...#", "#...#", ".###.", "#...#", "#...#", ".###."},
    {".###.", "#...#", "#...#", ".####", "....#", "...#.", ".##.."},
};
constexpr std::size_t glyph_width = 5, glyph_height = 7;

}  // namespace

std::vector<Sample> exclusive_or() { return {{{0, 0}, 0}, {{0, 1}, 1}, {{1, 0}, 1}, {{1, 1}, 0}}; }

std::vector<Sample> drawn_digits(std::size_t count, std::uint64_t seed) {
  const memprop::RandomStream place(seed, "digits/place"), pixel(seed, "digits/pixel");
  std::vector<Sample> samples;
  for (std::size_t n = 0; n < count; ++n) {
    Sample sample;
    sample.label = n % 10;
    sample.x.resize(digit_side * digit_side);
    const auto pick = [&](std::uint64_t index, std::size_t choices) {
      return static_cast<std::size_t>(place.uniform(index, n) * static_cast<double>(choices));
    };
    const std::size_t right = pick(0, digit_side - glyph_width + 1);
    const std::size_t down = pick(1, digit_side - glyph_height + 1);
    const double strength = 0.6 + 0.4 * place.uniform(2, n);
    for (std::size_t k = 0; k < sample.x.size(); ++k) {
      const std::size_t row = k / digit_side - down, column = k % digit_side - right;
      const bool dot =
          row < glyph_height && column < glyph_width && glyphs[sample.label][row][column] == '#';
      const double value = (dot ? strength : 0.0) + 0.15 * pixel.normal(k, n);
      sample.x[k] = static_cast<float>(std::clamp(value, 0.0, 1.0));
    }
    samples.push_back(std::move(sample));
  }
  return samples;
}

double linear_accuracy(const std::vector<Sample>& train, const std::vector<Sample>& test,
                       std::size_t classes, unsigned epochs) {
  const std::size_t inputs = train.front().x.size();
  std::vector<double> weight(classes * (inputs + 1), 0.0);
  const auto output = [&](const Sample& sample, std::size_t c) {
    const double* w = &weight[c * (inputs + 1)];
    double sum = w[inputs];
    for (std::size_t j = 0; j < inputs; ++j) sum += w[j] * static_cast<double>(sample.x[j]);
    return sum;
  };
  for (unsigned epoch = 0; epoch < epochs; ++epoch) {
    const double rate = 0.01 / (1.0 + epoch);
    for (const Sample& sample : train) {
      for (std::size_t c = 0; c < classes; ++c) {
        const double error = (sample.label == c ? 1.0 : 0.0) - output(sample, c);
        double* w = &weight[c * (inputs + 1)];
        for (std::size_t j = 0; j < inputs; ++j) {
          w[j] += rate * error * static_cast<double>(sample.x[j]);
        }
        w[inputs] += rate * error;
      }
    }
  }
  std::size_t right = 0;
  for (const Sample& sample : test) {
    std::vector<double> outputs;
    for (std::size_t c = 0; c < classes; ++c) outputs.push_back(output(sample, c));
    const auto best = std::max_element(outputs.begin(), outputs.end()) - outputs.begin();
    right += static_cast<std::size_t>(best) == sample.label;
  }
  return static_cast<double>(right) / static_cast<double>(test.size());
}
