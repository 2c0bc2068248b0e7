#include "hw_models/rtl/rtl_model.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include "solvers/error.hpp"

namespace memprop::hw::rtl {

void Port::set_words(const std::vector<std::uint32_t>& values) {
  if (values.size() != words()) {
    throw InternalError(
        fmt::format("port of {} words: expected as many, got {}", words(), values.size()));
  }
  if (bits_ > 64) {
    auto* to = static_cast<std::uint32_t*>(storage_);
    for (std::size_t k = 0; k < values.size(); ++k) to[k] = values[k];
    return;
  }
  std::uint64_t value = values[0];
  if (values.size() > 1) value |= static_cast<std::uint64_t>(values[1]) << 32;
  set(value);
}

std::uint32_t Port::field(std::size_t from, unsigned count) const {
  const std::size_t k = from / 32, shift = from % 32;
  std::uint64_t pair = word(k);
  if (shift + count > 32) pair |= static_cast<std::uint64_t>(word(k + 1)) << 32;
  const std::uint64_t mask = (std::uint64_t{1} << count) - 1;
  return static_cast<std::uint32_t>((pair >> shift) & mask);
}

RtlModel::RtlModel(const MempropRtlApi* api) : api_(api) { start(); }

RtlModel::RtlModel(const std::string& file) {
  library_ = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library_ == nullptr) {
    throw UserError(
        fmt::format("expected a model made by memprop_rtl.py, found '{}': {}", file, dlerror()));
  }
  using Entry = const MempropRtlApi* (*)();
  const auto entry = reinterpret_cast<Entry>(dlsym(library_, "memprop_rtl_model"));
  if (entry == nullptr) {
    dlclose(library_);
    throw UserError(fmt::format("'{}' is not a model made by memprop_rtl.py", file));
  }
  api_ = entry();
  start();
}

void RtlModel::start() {
  if (api_->abi != memprop_rtl_abi_version) {
    throw UserError(
        fmt::format("the model of '{}' was made for version {} of the interface, "
                    "expected {}: make it again",
                    api_->top, api_->abi, memprop_rtl_abi_version));
  }
  top_ = api_->top;
  parameters_ = api_->parameters;
  digest_ = api_->digest;
  ports_.assign(api_->ports, api_->ports + api_->port_count);
  handle_ = api_->create();
}

RtlModel::~RtlModel() {
  if (handle_ != nullptr) api_->destroy(handle_);
  // The file stays loaded: dlclose while its static objects may still be referred to helps nobody.
}

Port RtlModel::port(const std::string& name) const {
  for (unsigned k = 0; k < ports_.size(); ++k) {
    if (name == ports_[k].name) return Port(api_->port(handle_, k), ports_[k].bits);
  }
  return {};
}

void RtlModel::eval() {
  if (api_->eval(handle_) != 0) {
    throw UserError(
        fmt::format("the controller '{}' ended the simulation: {}", top_, api_->message(handle_)));
  }
}

void RtlModel::clock(Port& clk) {
  clk.set(0);
  eval();
  if (listener_) listener_(false);
  clk.set(1);
  eval();
  if (listener_) listener_(true);
}

std::vector<std::uint8_t> RtlModel::save() const {
  std::vector<std::uint8_t> bytes(api_->save(handle_, nullptr, 0));
  api_->save(handle_, bytes.data(), bytes.size());
  return bytes;
}

void RtlModel::restore(Span<const std::uint8_t> bytes) {
  listener_ = nullptr;
  if (api_->restore(handle_, bytes.data(), bytes.size()) != 0) {
    throw UserError(fmt::format("the saved state of the controller '{}' does not fit: {}", top_,
                                api_->message(handle_)));
  }
}

}  // namespace memprop::hw::rtl
