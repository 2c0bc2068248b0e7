#include "learning/dataset/file_bytes.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <limits>
#include <memory>

#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

// zlib counts in 32 bits: larger buffers are handed over in pieces.
constexpr std::size_t kPiece = std::size_t{1} << 30;

class Inflater {
 public:
  // zlib's window_bits: 31 expects a gzip header, -15 a raw deflate stream.
  Inflater(int window_bits, const unsigned char* data, std::size_t size)
      : next_(data), left_(size) {
    if (inflateInit2(&stream_, window_bits) != Z_OK) throw InternalError("zlib: inflateInit2");
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }

  // Fills out; returns the number of bytes written. done() tells whether the stream has ended.
  std::size_t fill(unsigned char* out, std::size_t size, const std::string& what) {
    std::size_t written = 0;
    while (!done_ && written < size) {
      if (stream_.avail_in == 0 && left_ > 0) {
        const std::size_t piece = std::min(left_, kPiece);
        stream_.next_in = const_cast<unsigned char*>(next_);
        stream_.avail_in = static_cast<uInt>(piece);
        next_ += piece;
        left_ -= piece;
      }
      const std::size_t room = std::min(size - written, kPiece);
      stream_.next_out = out + written;
      stream_.avail_out = static_cast<uInt>(room);
      const int status = inflate(&stream_, Z_NO_FLUSH);
      written += room - stream_.avail_out;
      if (status == Z_STREAM_END) {
        done_ = true;
      } else if (status == Z_BUF_ERROR) {
        throw UserError(what + ": the compressed data ends early (truncated file?)");
      } else if (status != Z_OK) {
        throw UserError(fmt::format("{}: damaged compressed data ({})", what,
                                    stream_.msg != nullptr ? stream_.msg : "zlib error"));
      }
    }
    return written;
  }

  bool done() const { return done_; }
  std::size_t unread() const { return left_ + stream_.avail_in; }
  // The next member of a gzip file that was put together from several.
  void restart() {
    inflateReset(&stream_);
    done_ = false;
  }

 private:
  z_stream stream_{};
  const unsigned char* next_;
  std::size_t left_;
  bool done_ = false;
};

Bytes gunzip(const Bytes& packed, const std::string& path) {
  Inflater inflater(31, packed.data(), packed.size());
  Bytes out;
  std::size_t size = 0;
  while (true) {
    if (size == out.size()) out.resize(std::max<std::size_t>(4 * packed.size(), 2 * size) + 64);
    size += inflater.fill(out.data() + size, out.size() - size, path);
    if (!inflater.done()) continue;
    const std::size_t unread = inflater.unread();
    if (unread == 0) break;
    const unsigned char* rest = packed.data() + (packed.size() - unread);
    if (unread < 2 || rest[0] != 0x1f || rest[1] != 0x8b) {
      throw UserError(
          fmt::format("{}: expected the end of the file after the gzip data, got {} "
                      "more bytes",
                      path, unread));
    }
    inflater.restart();
  }
  out.resize(size);
  return out;
}

}  // namespace

Bytes read_file(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    throw UserError(path + ": expected a file, got a folder");
  }
  errno = 0;
  const File file(std::fopen(path.c_str(), "rb"));
  if (!file) throw UserError(fmt::format("{}: cannot open: {}", path, std::strerror(errno)));
  Bytes bytes;
  const auto expected = std::filesystem::file_size(path, ignored);
  if (!ignored) bytes.reserve(static_cast<std::size_t>(expected));
  unsigned char buffer[65536];
  for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, file.get())) > 0;) {
    bytes.insert(bytes.end(), buffer, buffer + got);
  }
  if (std::ferror(file.get()) != 0) {
    throw UserError(fmt::format("{}: cannot read: {}", path, std::strerror(errno)));
  }
  return bytes;
}

Bytes read_unpacked(const std::string& path) {
  Bytes bytes = read_file(path);
  if (bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b) return gunzip(bytes, path);
  return bytes;
}

Bytes inflate_raw(const unsigned char* data, std::size_t size, std::size_t unpacked,
                  const std::string& what) {
  // A deflate stream cannot shrink by more than 1032: a larger claim is a damaged directory.
  if (unpacked / 1032 > size + 1) throw UserError(what + ": damaged sizes in the zip directory");
  Inflater inflater(-15, data, size);
  Bytes out(unpacked + 1);
  const std::size_t got = inflater.fill(out.data(), out.size(), what);
  if (!inflater.done() || got != unpacked) {
    throw UserError(fmt::format("{}: expected {} unpacked bytes, got {}", what, unpacked,
                                inflater.done() ? std::to_string(got) : "more"));
  }
  out.resize(unpacked);
  return out;
}

void write_file(const std::string& path, const Bytes& bytes) {
  const std::string part = path + ".part";
  errno = 0;
  bool good = false;
  if (std::FILE* file = std::fopen(part.c_str(), "wb"); file != nullptr) {
    good = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
    good = std::fclose(file) == 0 && good;
    good = good && std::rename(part.c_str(), path.c_str()) == 0;
  }
  if (good) return;
  const int reason = errno;
  std::remove(part.c_str());
  throw UserError(fmt::format("{}: cannot write: {}", path, std::strerror(reason)));
}

}  // namespace memprop::learning
