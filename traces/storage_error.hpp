// The disk, or whatever stands in for it, failed while a file was being written.
//
// Not a UserError: what the user gave was fine when the run began, so a command that ends with it
// exits with 1, not 2. A target that is bad from the start (no such folder, no permission, held by
// another process) is a UserError. what() is one sentence "FILE: cannot ACTION: REASON".
#pragma once

#include <stdexcept>
#include <string>

namespace memprop::traces {

class StorageError : public std::runtime_error {
 public:
  explicit StorageError(const std::string& message) : std::runtime_error(message) {}
};

}  // namespace memprop::traces
