// The one thread that writes a trace's chunks, and the queue in front of it.
//
// Jobs are done in the order they are given. The queue is bounded in bytes: push() waits for room,
// which is counted. After a failure the remaining jobs are dropped and every call throws what
// happened. One thread calls.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace memprop::traces {

class SeriesBuffer;

struct WriteJob {
  SeriesBuffer* series = nullptr;  // none: a commit
  std::size_t first_row = 0;
  std::size_t rows = 0;
  std::vector<std::uint8_t> chunk = {};  // whole, padded with zeros
  bool to_disk = false;                  // of commits
};

struct QueueCounts {
  std::size_t bytes_peak = 0;   // of chunks that wait or are being written
  std::size_t memory_peak = 0;  // the same with the buffers kept for later ones
  std::uint64_t stalls = 0;     // how often push() waited
  double stall_s = 0;           // and for how long
  double busy_s = 0;            // time in jobs
};

class ChunkWriter {
 public:
  using Action = std::function<void(const WriteJob&)>;

  // The thread starts with the first job.
  ChunkWriter(std::size_t bytes_limit, Action action);
  ~ChunkWriter();  // drops what waits
  ChunkWriter(const ChunkWriter&) = delete;
  ChunkWriter& operator=(const ChunkWriter&) = delete;

  void push(WriteJob job);
  // Of that size, with whatever an earlier chunk left in it.
  std::vector<std::uint8_t> buffer(std::size_t size);
  // Waits until all jobs are done or dropped; drain() then throws what happened, if anything.
  void idle();
  void drain();

  std::size_t bytes_limit() const { return bytes_limit_; }
  QueueCounts counts() const;

 private:
  void start();
  void work();
  void drop_spares();
  void recycle(std::vector<std::uint8_t> chunk);
  void rethrow() const;

  const std::size_t bytes_limit_;
  const Action action_;
  mutable std::mutex mutex_;
  std::condition_variable job_there_;
  std::condition_variable job_done_;
  std::vector<WriteJob> waiting_;
  std::vector<WriteJob> taken_;                                          // the thread's
  std::map<std::size_t, std::vector<std::vector<std::uint8_t>>> spare_;  // by size
  std::size_t queued_bytes_ = 0;
  std::size_t waited_for_ = 0;  // queued bytes at which push() goes on
  std::size_t spare_bytes_ = 0;
  QueueCounts counts_;
  std::exception_ptr failure_;
  bool busy_ = false;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace memprop::traces
