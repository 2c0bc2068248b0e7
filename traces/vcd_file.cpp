#include "traces/vcd_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "solvers/error.hpp"
#include "traces/hdf5/system_file.hpp"

namespace memprop::traces {
namespace {

constexpr std::size_t buffer_bytes = std::size_t{1} << 16U;

bool is_plain_name(const std::string& name) {
  const std::size_t bracket = name.find('[');
  const std::string stem = name.substr(0, bracket);
  const auto letter = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '$'; };
  for (const char c : stem) {
    if (!letter(static_cast<unsigned char>(c))) return false;
  }
  if (stem.empty() || std::isdigit(static_cast<unsigned char>(stem[0])) != 0) return false;
  if (bracket == std::string::npos) return true;
  for (std::size_t i = bracket + 1; i + 1 < name.size(); ++i) {
    if (std::isdigit(static_cast<unsigned char>(name[i])) == 0) return false;
  }
  return name.size() > bracket + 2 && name.back() == ']';
}

// Tokens end at white space; anything but letters, digits, _ and $ needs Verilog's escape.
std::string escaped(const std::string& name) {
  if (is_plain_name(name)) return name;
  std::string out = "\\";
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte > 32 && byte < 127 ? c : '_';
  }
  return out;
}

// Short codes of printable characters: "!", "\"", ... "~", "!!", ...
std::string code_of(std::size_t number) {
  std::string code;
  for (++number; number > 0; number = (number - 1) / 94) {
    code += static_cast<char>('!' + (number - 1) % 94);
  }
  return code;
}

struct Variable {
  unsigned width = 0;  // 0: real
  std::string code;
  std::uint64_t bits = 0;  // the value, of reals their bits
  bool known = false;
};

struct Scope {
  std::map<std::string, Scope> scopes;
  std::map<std::string, std::size_t> variables;
};

double real_of(std::uint64_t bits) {
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace

struct VcdFile::Impl {
  std::string path;
  std::string unfinished;
  Descriptor file;
  std::uint64_t written = 0;
  fmt::memory_buffer text;
  Scope root;
  std::vector<Variable> variables;
  enum class Stage { declaring, first_time, running } stage = Stage::declaring;
  std::int64_t now_ps = 0;
  std::int64_t stamped_ps = -1;  // of the last "#TIME" in the file
  std::uint64_t changes = 0;

  template <class... Values>
  void put(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(text), format, std::forward<Values>(values)...);
  }

  void empty_buffer() {
    try {
      write_fully(file.get(), written, text.data(), text.size(), unfinished);
    } catch (const StorageError& error) {
      give_up();
      throw StorageError(path + std::string(error.what()).substr(unfinished.size()));
    }
    written += text.size();
    text.clear();
  }

  void give_up() {
    if (!unfinished.empty()) ::unlink(unfinished.c_str());
    unfinished.clear();
    stage = Stage::running;
  }

  std::size_t declare(const std::string& name, unsigned width) {
    if (stage != Stage::declaring) {
      throw InternalError(fmt::format("{}: variable '{}' comes after the first time", path, name));
    }
    Scope* scope = &root;
    std::size_t begin = 0;
    for (std::size_t slash = name.find('/'); slash != std::string::npos;
         slash = name.find('/', begin)) {
      if (slash > begin) scope = &scope->scopes[escaped(name.substr(begin, slash - begin))];
      begin = slash + 1;
    }
    const std::string own = escaped(name.substr(begin));
    if (begin == name.size() || scope->variables.count(own) > 0) {
      throw InternalError(fmt::format("{}: variable '{}' has no name of its own", path, name));
    }
    scope->variables[own] = variables.size();
    Variable variable;
    variable.width = width;
    variable.code = code_of(variables.size());
    variables.push_back(std::move(variable));
    return variables.size() - 1;
  }

  void put_declarations(const Scope& scope) {
    for (const auto& [name, number] : scope.variables) {
      const Variable& variable = variables[number];
      if (variable.width == 0) {
        put("$var real 64 {} {} $end\n", variable.code, name);
      } else if (variable.width == 1) {
        put("$var wire 1 {} {} $end\n", variable.code, name);
      } else {
        put("$var wire {} {} {} [{}:0] $end\n", variable.width, variable.code, name,
            variable.width - 1);
      }
    }
    for (const auto& [name, inner] : scope.scopes) {
      put("$scope module {} $end\n", name);
      put_declarations(inner);
      put("$upscope $end\n");
    }
  }

  void put_value(const Variable& variable) {
    if (variable.width == 0) {
      put("r{} {}\n", real_of(variable.bits), variable.code);
    } else if (variable.width == 1) {
      put("{}{}\n", variable.known ? (variable.bits == 0 ? '0' : '1') : 'x', variable.code);
    } else if (variable.known) {
      put("b{:b} {}\n", variable.bits, variable.code);
    } else {
      put("bx {}\n", variable.code);
    }
  }

  void stamp() {
    if (stamped_ps == now_ps) return;
    put("#{}\n", now_ps);
    stamped_ps = now_ps;
  }

  // What was set at the first time is complete.
  void put_initial_values() {
    stage = Stage::running;
    stamp();
    put("$dumpvars\n");
    for (const Variable& variable : variables) put_value(variable);
    put("$end\n");
  }

  void time(std::int64_t time_ps) {
    if (time_ps < now_ps) {
      throw InternalError(
          fmt::format("{}: time goes back from {} ps to {} ps", path, now_ps, time_ps));
    }
    if (stage == Stage::declaring) {
      put_declarations(root);
      put("$enddefinitions $end\n");
      stage = Stage::first_time;
    } else if (time_ps > now_ps && stage == Stage::first_time) {
      put_initial_values();
    }
    now_ps = time_ps;
    if (text.size() > buffer_bytes) empty_buffer();
  }

  void set(std::size_t number, std::uint64_t bits) {
    Variable& variable = variables.at(number);
    if (stage == Stage::declaring) {
      throw InternalError(fmt::format("{}: a value is set before the first time", path));
    }
    if (variable.known && variable.bits == bits) return;
    variable.known = true;
    variable.bits = bits;
    if (stage == Stage::first_time) return;
    stamp();
    put_value(variable);
    ++changes;
  }
};

VcdFile::VcdFile(const std::string& path, const std::string& program)
    : impl_(std::make_unique<Impl>()) {
  impl_->path = path;
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    throw UserError(path + ": expected a file, got a directory");
  }
  impl_->unfinished = fmt::format("{}.{}.part", path, ::getpid());
  impl_->file = Descriptor(open_file_at(impl_->unfinished, O_WRONLY | O_CREAT | O_TRUNC, 0666));
  if (!impl_->file) {
    at_the_start([&] { throw_system_error(path, "create"); });
  }
  // No date: equal runs give equal files.
  impl_->put("$version {} $end\n$timescale 1 ps $end\n", program);
}

VcdFile::VcdFile(VcdFile&&) noexcept = default;
VcdFile& VcdFile::operator=(VcdFile&& other) noexcept {
  impl_.swap(other.impl_);
  return *this;
}
VcdFile::~VcdFile() {
  if (impl_) impl_->give_up();
}

VcdFile::Wire VcdFile::add_wire(const std::string& path, unsigned width) {
  if (width < 1 || width > 64) {
    throw InternalError(fmt::format("{}: wire '{}' of {} bits", impl_->path, path, width));
  }
  return static_cast<Wire>(impl_->declare(path, width));
}

VcdFile::Real VcdFile::add_real(const std::string& path) {
  const std::size_t number = impl_->declare(path, 0);
  const double none = std::numeric_limits<double>::quiet_NaN();
  std::memcpy(&impl_->variables[number].bits, &none, sizeof none);
  return static_cast<Real>(number);
}

void VcdFile::time(std::int64_t time_ps) { impl_->time(time_ps); }

void VcdFile::set(Wire variable, std::uint64_t value) {
  const auto number = static_cast<std::size_t>(variable);
  const unsigned width = impl_->variables.at(number).width;
  if (width < 64 && value >> width != 0) {
    throw InternalError(
        fmt::format("{}: {} does not fit a wire of {} bits", impl_->path, value, width));
  }
  impl_->set(number, value);
}

void VcdFile::set(Real variable, double value) {
  std::uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  impl_->set(static_cast<std::size_t>(variable), bits);
}

void VcdFile::close(std::int64_t end_ps) {
  Impl& impl = *impl_;
  if (impl.unfinished.empty()) return;
  impl.time(std::max(end_ps, impl.now_ps));
  if (impl.stage == Impl::Stage::first_time) impl.put_initial_values();
  impl.stamp();
  impl.empty_buffer();
  try {
    rename_file(impl.unfinished, impl.path);
  } catch (const StorageError&) {
    impl.give_up();
    throw;
  }
  impl.unfinished.clear();
}

std::uint64_t VcdFile::changes() const { return impl_->changes; }

}  // namespace memprop::traces
