#include "traces/internal/sandboxed_reader.hpp"

#include <unistd.h>

#include <algorithm>
#include <new>
#include <optional>

#include "solvers/error.hpp"
#include "traces/internal/trace_contents.hpp"

namespace memprop::traces {
namespace {

// An answer is its length and pieces that add up to it; each of these comes with its kind and size.
enum class Kind : std::uint64_t { total, piece, user_error, internal_error };
struct PieceHead {
  Kind kind = Kind::total;
  std::uint64_t size = 0;  // `total`: of the answer; otherwise of what follows
};

// What reading may take: of time something and the time a slow disk's worth of file takes, of
// memory a multiple of the file (a piece of values says what it needs beyond).
constexpr double least_cpu_s = 8;
constexpr double slowest_bytes_per_s = 50e6;
constexpr std::uint64_t least_memory = 512U << 20U;
constexpr std::uint64_t most_memory_by_size = std::uint64_t{4} << 30U;

class Server {
 public:
  Server(int socket, std::shared_ptr<CommitFile> storage)
      : socket_(socket), storage_(std::move(storage)) {}

  void run() {
    std::uint64_t size = 0;
    Bytes bytes;
    while (receive_all(socket_, &size, sizeof size)) {
      bytes.resize(size);
      if (!receive_all(socket_, bytes.data(), size)) break;
      try {
        answer(bytes);
      } catch (const UserError& error) {
        tell(Kind::user_error, error.what());
      } catch (const std::exception& error) {
        tell(Kind::internal_error, error.what());
      }
    }
    ::_exit(0);  // without what closing the file would do
  }

 private:
  void send(Kind kind, std::uint64_t size, const void* bytes, std::size_t count) {
    const PieceHead head{kind, size};
    // The other side has gone: nobody needs the answer.
    if (!send_all(socket_, &head, sizeof head) || !send_all(socket_, bytes, count)) ::_exit(0);
  }
  void tell(Kind kind, const std::string& text) {
    send(kind, text.size(), text.data(), text.size());
  }
  void reply(WireWriter& writer) {
    const Bytes bytes = writer.take();
    send(Kind::total, bytes.size(), nullptr, 0);
    if (!bytes.empty()) send(Kind::piece, bytes.size(), bytes.data(), bytes.size());
  }

  const TraceContents& contents() {
    if (!contents_) {
      contents_.emplace(storage_, [this](std::uint64_t memory) {
        const std::uint64_t by_size = std::min(most_memory_by_size / 4, storage_->size()) * 4;
        allow(least_cpu_s + static_cast<double>(storage_->size()) / slowest_bytes_per_s,
              least_memory + by_size + memory);
      });
    }
    return *contents_;
  }

  void values(const Request& request, const std::optional<TraceContents::Rows>& rows) {
    contents().read(
        request.path, request.type, rows,
        {[this](std::uint64_t total) { send(Kind::total, total, nullptr, 0); },
         [this](const void* bytes, std::size_t size) { send(Kind::piece, size, bytes, size); }});
  }

  void answer(const Bytes& bytes) {
    WireReader reader(bytes);
    Request request;
    reader.get(request.question);
    reader.get(request.path);
    reader.get(request.type);
    reader.get(request.first);
    reader.get(request.count);
    WireWriter writer;
    switch (request.question) {
      case Question::version:
        writer.put(contents().version());
        break;
      case Question::datasets:
        writer.put(contents().datasets());
        break;
      case Question::has:
        writer.put(static_cast<std::uint8_t>(contents().has(request.path) ? 1 : 0));
        break;
      case Question::info:
        writer.put(contents().info(request.path));
        break;
      case Question::values:
        return values(request, std::nullopt);
      case Question::rows:
        return values(request, TraceContents::Rows{request.first, request.count});
      case Question::strings:
        writer.put(contents().read_strings(request.path));
        break;
      case Question::attributes:
        writer.put(contents().attributes(request.path));
        break;
      case Question::rehearse_resume:
        contents().rehearse_resume();
        break;
    }
    reply(writer);
  }

  int socket_;
  std::shared_ptr<CommitFile> storage_;
  std::optional<TraceContents> contents_;
};

}  // namespace

void SandboxedReader::give_up() {
  const std::string end = process_->end();
  process_.reset();
  throw UserError(storage_->path() + ": cannot be read: " + end);
}

Bytes SandboxedReader::ask(const Request& request) {
  Bytes answer;
  ask(request, [&](std::uint64_t size) {
    answer.resize(size);
    return answer.data();
  });
  return answer;
}

void SandboxedReader::ask(const Request& request,
                          const std::function<void*(std::uint64_t)>& place) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!process_) {
    process_ = std::make_unique<Sandbox>(storage_->path(), storage_->descriptor(),
                                         [this](int socket) { Server(socket, storage_).run(); });
  }
  WireWriter writer;
  writer.put(request.question);
  writer.put(request.path);
  writer.put(request.type);
  writer.put(request.first);
  writer.put(request.count);
  const Bytes bytes = writer.take();
  const std::uint64_t size = bytes.size();
  if (!process_->send(&size, sizeof size) || !process_->send(bytes.data(), size)) give_up();

  std::uint8_t* to = nullptr;
  std::optional<std::uint64_t> left;
  while (!left || *left > 0) {
    PieceHead head;
    if (!process_->receive(&head, sizeof head)) give_up();
    if (head.kind == Kind::total && !left) {
      left = head.size;
      try {
        to = static_cast<std::uint8_t*>(place(head.size));
      } catch (...) {
        process_.reset();  // what it still sends is nobody's
        throw;
      }
    } else if (head.kind == Kind::piece && left && head.size <= *left) {
      if (!process_->receive(to, head.size)) give_up();
      to += head.size;
      *left -= head.size;
    } else if ((head.kind == Kind::user_error || head.kind == Kind::internal_error) &&
               head.size < (1U << 20U)) {
      std::string text(head.size, '\0');
      if (!process_->receive(text.data(), text.size())) give_up();
      if (head.kind == Kind::user_error) throw UserError(text);
      throw InternalError(text);
    } else {
      process_.reset();
      throw UserError(storage_->path() + ": cannot be read: it is damaged");
    }
  }
}

}  // namespace memprop::traces
