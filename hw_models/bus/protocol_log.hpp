// What a protocol checker has found: which rule, when, on which signal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace memprop::hw {

struct ProtocolViolation {
  std::string rule;     // the name in the checker's table
  std::uint64_t cycle;  // clock edges since the start of the simulation
  std::string signal;
  std::string text() const {
    return "rule " + rule + " broken in cycle " + std::to_string(cycle) + " by " + signal;
  }
};

class ProtocolLog {
 public:
  const std::vector<ProtocolViolation>& violations() const { return found_; }
  bool clean() const { return found_.empty(); }
  std::uint64_t cycles() const { return cycle_; }

  void next_cycle() { ++cycle_; }
  // Keeps the first `most`: a broken bus breaks its rules in every cycle.
  void add(const char* rule, const char* signal) {
    if (found_.size() < most) found_.push_back({rule, cycle_, signal});
  }

  static constexpr std::size_t most = 1000;

 private:
  std::vector<ProtocolViolation> found_;
  std::uint64_t cycle_ = 0;
};

}  // namespace memprop::hw
