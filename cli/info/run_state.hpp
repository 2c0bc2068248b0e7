// Whether the run behind a trace still writes it, has finished, or has stopped before its end.
#pragma once

#include <string>

#include "traces/trace_reader.hpp"

namespace memprop::cli {

enum class RunState { writing, finished, stopped };

const char* name(RunState state);

// Another process holds the writer's lock (traces/hdf5/commit_file.hpp). A look, not a lock: it
// never keeps a writer from its file.
bool is_being_written(const std::string& path);

// Ask whether it is being written before opening the trace: what has been read then is all there is
// when the answer was no.
RunState run_state(const traces::TraceReader& trace, bool being_written);

}  // namespace memprop::cli
