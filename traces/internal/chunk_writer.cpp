#include "traces/internal/chunk_writer.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <utility>

namespace memprop::traces {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

}  // namespace

ChunkWriter::ChunkWriter(std::size_t bytes_limit, Action action)
    : bytes_limit_(bytes_limit), action_(std::move(action)) {}

ChunkWriter::~ChunkWriter() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  job_there_.notify_one();
  if (thread_.joinable()) thread_.join();
}

// The thread takes no signals: the handlers of a run belong to its main thread, and a write beyond
// the permitted size of a file then fails with EFBIG instead of ending the process.
void ChunkWriter::start() {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  try {
    thread_ = std::thread([this] { work(); });
  } catch (...) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void ChunkWriter::rethrow() const {
  if (failure_) std::rethrow_exception(failure_);
}

void ChunkWriter::push(WriteJob job) {
  if (!thread_.joinable()) start();
  std::unique_lock<std::mutex> lock(mutex_);
  rethrow();
  const std::size_t size = job.chunk.size();
  // A chunk above the limit passes alone.
  if (!failure_ && queued_bytes_ > 0 && queued_bytes_ + size > bytes_limit_) {
    // Waits for half of it: waking up for every single chunk would cost more than the chunk.
    const auto begin = Clock::now();
    waited_for_ = bytes_limit_ / 2;
    job_done_.wait(lock, [&] { return failure_ || queued_bytes_ <= waited_for_; });
    ++counts_.stalls;
    counts_.stall_s += seconds_since(begin);
    rethrow();
  }
  queued_bytes_ += size;
  drop_spares();
  counts_.bytes_peak = std::max(counts_.bytes_peak, queued_bytes_);
  counts_.memory_peak = std::max(counts_.memory_peak, queued_bytes_ + spare_bytes_);
  waiting_.push_back(std::move(job));
  lock.unlock();
  job_there_.notify_one();
}

std::vector<std::uint8_t> ChunkWriter::buffer(std::size_t size) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    auto& spare = spare_[size];
    if (!spare.empty()) {
      std::vector<std::uint8_t> chunk = std::move(spare.back());
      spare.pop_back();
      spare_bytes_ -= size;
      return chunk;
    }
  }
  return std::vector<std::uint8_t>(size);
}

// Buffers kept for later make room for chunks that are there.
void ChunkWriter::drop_spares() {
  for (auto it = spare_.begin(); it != spare_.end(); ++it) {
    while (queued_bytes_ + spare_bytes_ > bytes_limit_ && !it->second.empty()) {
      it->second.pop_back();
      spare_bytes_ -= it->first;
    }
  }
}

void ChunkWriter::recycle(std::vector<std::uint8_t> chunk) {
  const std::size_t size = chunk.size();
  if (size == 0 || queued_bytes_ + spare_bytes_ + size > bytes_limit_) return;
  spare_[size].push_back(std::move(chunk));
  spare_bytes_ += size;
}

void ChunkWriter::work() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    job_there_.wait(lock, [&] { return stop_ || !waiting_.empty(); });
    if (stop_) return;
    taken_.swap(waiting_);
    busy_ = true;
    for (WriteJob& job : taken_) {
      if (!failure_ && !stop_) {
        std::exception_ptr failure;
        lock.unlock();
        const auto begin = Clock::now();
        try {
          action_(job);
        } catch (...) {
          failure = std::current_exception();
        }
        const double time_s = seconds_since(begin);
        lock.lock();
        counts_.busy_s += time_s;
        failure_ = failure;
      }
      queued_bytes_ -= job.chunk.size();
      recycle(std::move(job.chunk));
      if (queued_bytes_ <= waited_for_ || failure_) job_done_.notify_one();
    }
    taken_.clear();
    busy_ = false;
    job_done_.notify_one();
  }
}

void ChunkWriter::idle() {
  std::unique_lock<std::mutex> lock(mutex_);
  job_done_.wait(lock, [&] { return waiting_.empty() && !busy_; });
}

void ChunkWriter::drain() {
  idle();
  const std::lock_guard<std::mutex> lock(mutex_);
  rethrow();
}

QueueCounts ChunkWriter::counts() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return counts_;
}

}  // namespace memprop::traces
