// Errors as types: what the user got wrong, what the numerics could not do, what we got wrong.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

namespace memprop {

// The user's input is wrong (exit code 2). what() is one finished sentence
// "FILE:LINE: key 'a.b': expected ..., got ..."; parts that are unknown are left out.
class UserError : public std::runtime_error {
 public:
  explicit UserError(const std::string& message) : std::runtime_error(message) {}
};

// Which value misbehaved, and when. The layers above add what they know (sample, phase).
class NumericalError : public std::runtime_error {
 public:
  NumericalError(const std::string& message, double time_s, std::size_t index)
      : std::runtime_error(message), time_s_(time_s), index_(index) {}
  double time_s() const { return time_s_; }     // since the start of the integration [s]
  std::size_t index() const { return index_; }  // of the offending state

 private:
  double time_s_;
  std::size_t index_;
};

// A state became infinite, NaN, or left the range in which the model means anything.
class NonFiniteState : public NumericalError {
 public:
  using NumericalError::NumericalError;
};

// Step control asked for a step below the resolution of time.
class StepSizeUnderflow : public NumericalError {
 public:
  using NumericalError::NumericalError;
};

// Newton's iteration for the algebraic unknowns did not converge.
class AlgebraicSolveFailure : public NumericalError {
 public:
  using NumericalError::NumericalError;
};

// A broken assumption of ours.
class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

}  // namespace memprop
