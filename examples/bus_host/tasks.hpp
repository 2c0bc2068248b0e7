// What the chip is to learn: exclusive or, and drawn digits.
#pragma once

#include <cstdint>
#include <vector>

struct Sample {
  std::vector<float> x;  // 0 to 1
  std::size_t label = 0;
};

std::vector<Sample> exclusive_or();

constexpr std::size_t digit_side = 8;

// Digits of 5 x 7 dots on 8 x 8 pixels: at one of eight places, strokes of changing strength,
// pixels that flicker. The same seed draws the same digits.
std::vector<Sample> drawn_digits(std::size_t count, std::uint64_t seed);

// Share of `test` that a linear classifier gets right (one weight for each pair of pixel and digit,
// trained by the delta rule on `train`): what a chip without a hidden layer could reach at best.
double linear_accuracy(const std::vector<Sample>& train, const std::vector<Sample>& test,
                       std::size_t classes, unsigned epochs);
