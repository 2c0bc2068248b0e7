// A moment in which no other process has a file open, and none can open it.
//
// A write lease (fcntl F_SETLEASE) is granted only when nobody else has the file open; while it is
// held, every open(2) elsewhere waits. So a program that opens, reads and closes a file sees either
// all of what is written under the lease or nothing of it, whatever the program is. Where the file
// system knows no leases (most network ones), the lock that HDF5's own readers take (flock, shared)
// is asked for: readers that are there are waited for, one that comes at that very moment is told
// that the file is locked.
#pragma once

namespace memprop::traces {

class ExclusiveUse {
 public:
  // Of a descriptor open for writing; waits up to `wait_s` for others to close the file.
  ExclusiveUse(int descriptor, bool leases, double wait_s);
  ~ExclusiveUse();
  ExclusiveUse(const ExclusiveUse&) = delete;
  ExclusiveUse& operator=(const ExclusiveUse&) = delete;

  bool granted() const { return granted_; }

 private:
  bool ask() const;

  int descriptor_;
  bool leases_;
  bool granted_ = false;
};

// Whether the file system grants leases at all: asked of a file that nobody else can have open.
bool grants_leases(int descriptor);

}  // namespace memprop::traces
