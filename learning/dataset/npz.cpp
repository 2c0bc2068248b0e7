// Zip records after PKWARE's APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (central
// directory), 4.3.16 (its end). The central directory is the truth: numpy.savez leaves the sizes of
// the local headers to a 64-bit extra field.
#include "learning/dataset/npz.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>

#include "learning/dataset/npy.hpp"
#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

constexpr std::uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50;
constexpr std::size_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22;
constexpr std::uint16_t kDate1980 = 0x21;  // 1 January 1980, the oldest a zip can name

class ZipBytes {
 public:
  ZipBytes(const Bytes& bytes, std::string path) : bytes_(bytes), path_(std::move(path)) {}

  void require(std::size_t at, std::size_t count) const {
    if (at > bytes_.size() || count > bytes_.size() - at) damaged();
  }
  std::uint16_t u16(std::size_t at) const {
    require(at, 2);
    return static_cast<std::uint16_t>(bytes_[at] | bytes_[at + 1] << 8);
  }
  std::uint32_t u32(std::size_t at) const {
    return u16(at) | static_cast<std::uint32_t>(u16(at + 2)) << 16;
  }
  std::string text(std::size_t at, std::size_t count) const {
    require(at, count);
    return {reinterpret_cast<const char*>(bytes_.data()) + at, count};
  }
  [[noreturn]] void damaged() const {
    throw UserError(path_ +
                    ": expected a complete .npz (zip) archive, got a truncated or damaged "
                    "one");
  }
  // The end record stands in the last 64 KiB, before a comment of any length.
  std::size_t end_record() const {
    if (bytes_.size() < kEndSize) damaged();
    const std::size_t last = bytes_.size() - kEndSize;
    const std::size_t first = last > 65535 ? last - 65535 : 0;
    for (std::size_t at = last + 1; at-- > first;) {
      if (u32(at) == kEnd) return at;
    }
    damaged();
  }
  const Bytes& bytes() const { return bytes_; }

 private:
  const Bytes& bytes_;
  std::string path_;
};

void put(Bytes& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t k = 0; k < bytes; ++k) {
    out.push_back(static_cast<unsigned char>(value >> (8 * k) & 0xff));
  }
}

struct Member {
  std::string name;
  std::uint32_t crc, size, offset;
};

// The fields that local header and central directory share.
void put_common(Bytes& out, const Member& member) {
  put(out, 20, 2);  // version 2.0
  put(out, 0, 2);
  put(out, 0, 2);  // stored
  put(out, 0, 2);
  put(out, kDate1980, 2);
  put(out, member.crc, 4);
  put(out, member.size, 4);
  put(out, member.size, 4);
  put(out, member.name.size(), 2);
  put(out, 0, 2);
}

}  // namespace

bool looks_like_npz(const Bytes& bytes) {
  return bytes.size() >= 4 && bytes[0] == 'P' && bytes[1] == 'K' &&
         (bytes[2] == 3 || bytes[2] == 5) && bytes[3] == bytes[2] + 1;
}

std::vector<NamedArray> parse_npz(const Bytes& bytes, const std::string& path) {
  const ZipBytes zip(bytes, path);
  const std::size_t end = zip.end_record();
  const std::size_t count = zip.u16(end + 10);
  std::size_t at = zip.u32(end + 16);
  std::vector<NamedArray> arrays;
  for (std::size_t m = 0; m < count; ++m) {
    if (zip.u32(at) != kCentral) zip.damaged();
    const std::uint16_t flags = zip.u16(at + 8);
    const std::uint16_t method = zip.u16(at + 10);
    const std::uint32_t crc = zip.u32(at + 16);
    const std::uint32_t packed = zip.u32(at + 20);
    const std::uint32_t unpacked = zip.u32(at + 24);
    const std::size_t name_length = zip.u16(at + 28);
    const std::size_t skip = name_length + zip.u16(at + 30) + zip.u16(at + 32);
    const std::uint32_t local = zip.u32(at + 42);
    std::string name = zip.text(at + kCentralSize, name_length);
    at += kCentralSize + skip;

    const std::string what = path + ": array " + name;
    if (packed == 0xffffffff || unpacked == 0xffffffff || local == 0xffffffff) {
      throw UserError(what + ": expected an archive below 4 GiB, got a zip64 one");
    }
    if ((flags & 1) != 0) throw UserError(what + ": expected a plain member, got an encrypted one");
    if (zip.u32(local) != kLocal) zip.damaged();
    const std::size_t data = local + kLocalSize + zip.u16(local + 26) + zip.u16(local + 28);
    zip.require(data, packed);
    Bytes content;
    if (method == 0) {
      content.assign(bytes.begin() + static_cast<std::ptrdiff_t>(data),
                     bytes.begin() + static_cast<std::ptrdiff_t>(data + packed));
    } else if (method == 8) {
      content = inflate_raw(bytes.data() + data, packed, unpacked, what);
    } else {
      throw UserError(
          fmt::format("{}: expected a stored or deflated member, got zip method {}", what, method));
    }
    if (crc32_z(0, content.data(), content.size()) != crc) {
      throw UserError(what + ": the checksum does not fit (damaged file)");
    }
    if (name.size() > 4 && name.compare(name.size() - 4, 4, ".npy") == 0) {
      name.resize(name.size() - 4);
    }
    arrays.push_back({std::move(name), parse_npy(content, what)});
  }
  return arrays;
}

std::vector<NamedArray> read_npz(const std::string& path) {
  const Bytes bytes = read_file(path);
  if (!looks_like_npz(bytes)) {
    throw UserError(path + ": expected a NumPy .npz (zip) archive, got something else");
  }
  return parse_npz(bytes, path);
}

void write_npz(const std::string& path, const std::vector<NamedArray>& arrays) {
  Bytes out;
  std::vector<Member> members;
  for (const NamedArray& named : arrays) {
    const Bytes content = format_npy(named.array);
    if (out.size() + content.size() > std::numeric_limits<std::uint32_t>::max() - 65536) {
      throw UserError(path + ": expected less than 4 GiB of arrays, got more");
    }
    const auto crc = static_cast<std::uint32_t>(crc32_z(0, content.data(), content.size()));
    members.push_back({named.name + ".npy", crc, static_cast<std::uint32_t>(content.size()),
                       static_cast<std::uint32_t>(out.size())});
    put(out, kLocal, 4);
    put_common(out, members.back());
    out.insert(out.end(), members.back().name.begin(), members.back().name.end());
    out.insert(out.end(), content.begin(), content.end());
  }
  const std::size_t directory = out.size();
  for (const Member& member : members) {
    put(out, kCentral, 4);
    put(out, 20, 2);  // made by version 2.0
    put_common(out, member);
    put(out, 0, 2);  // comment
    put(out, 0, 2);  // disk
    put(out, 0, 2);  // internal attributes
    put(out, 0, 4);  // external attributes
    put(out, member.offset, 4);
    out.insert(out.end(), member.name.begin(), member.name.end());
  }
  const std::size_t size = out.size() - directory;
  put(out, kEnd, 4);
  put(out, 0, 4);
  put(out, members.size(), 2);
  put(out, members.size(), 2);
  put(out, size, 4);
  put(out, directory, 4);
  put(out, 0, 2);
  write_file(path, out);
}

}  // namespace memprop::learning
