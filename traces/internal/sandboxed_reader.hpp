// The contents of a trace, read by a process of its own: what a damaged or hostile file does to the
// HDF5 library happens there. Here the process is asked, and how it ended becomes a UserError.
//
// A process that has ended is started again for the next question, so that one damaged data set
// does not hide the others. Questions of several threads are answered one after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "traces/element_type.hpp"
#include "traces/hdf5/commit_file.hpp"
#include "traces/internal/sandbox.hpp"
#include "traces/internal/wire.hpp"

namespace memprop::traces {

enum class Question : std::uint8_t {
  version,
  datasets,
  has,
  info,
  values,
  rows,
  strings,
  attributes,
  rehearse_resume
};

struct Request {
  Question question = Question::version;
  std::string path;
  ElementType type = ElementType::float64;
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

class SandboxedReader {
 public:
  explicit SandboxedReader(std::shared_ptr<CommitFile> storage) : storage_(std::move(storage)) {}

  Bytes ask(const Request& request);
  // The answer's bytes into the memory that `place` has for so many of them.
  void ask(const Request& request, const std::function<void*(std::uint64_t)>& place);

 private:
  [[noreturn]] void give_up();

  std::shared_ptr<CommitFile> storage_;
  std::mutex mutex_;
  std::unique_ptr<Sandbox> process_;
};

}  // namespace memprop::traces
