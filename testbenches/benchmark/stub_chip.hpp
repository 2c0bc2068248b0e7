// The digital half of the main job's chip in front of an analog half that does nothing: what is
// left of a sample is event kernel, pins, processes and the controller's arithmetic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "digital/controller.hpp"
#include "testbenches/benchmark/main_job.hpp"

namespace memprop::bench {

// The input codes of sample s, for a DAC of 8 bits.
void load_codes(digital::Controller& target, const Samples& samples, std::size_t s);

// CPU seconds per sample of the stub. It runs in a process of its own, this program with
// `--samples N --stub FILE` (a kernel elaborates one chip): the codes that its converters return go
// there through the file, the figure comes back as text.
double time_stub(const char* program, std::size_t count,
                 const std::vector<std::vector<std::int32_t>>& recorded);
// What that process does: prints the figure. Returns the exit code.
int run_stub(std::size_t count, const char* path, int repetitions);

}  // namespace memprop::bench
