// How the files of a trace are opened, locked and copied.
//
// Errors: UserError where the path leads to no file, StorageError with the system's reason.
#pragma once

#include <cstdint>
#include <string>

#include "traces/hdf5/system_file.hpp"

namespace memprop::traces {

// One writer at a time; false: there is one. Locks of open file descriptions do not meet those of
// HDF5 itself (flock), so that other programs can read the file while it grows.
bool lock_for_writing(int descriptor);
// Whether a process holds that lock.
bool is_locked_for_writing(int descriptor);

// The file that a link leads to: its journal lies beside it, whatever name it is opened by.
std::string linked_file(const std::string& path);
// UserError for folders, devices and pipes.
Descriptor open_regular(const std::string& path, int flags);
// Open and locked, and still what `path` names: who writes it may have replaced it meanwhile.
Descriptor open_locked(const std::string& path);

// Whether both are one file; of a path that names nothing: false.
bool names_open_file(const std::string& path, int descriptor);
// Asked of a file of its own: somebody may have the one at `path` open.
bool grants_leases_beside(const std::string& path);
std::uint64_t file_size(int descriptor, const std::string& path);

// The first `size` bytes, by sharing them where the file system can.
void copy_bytes(int from, const std::string& from_path, int to, const std::string& to_path,
                std::uint64_t size);

}  // namespace memprop::traces
