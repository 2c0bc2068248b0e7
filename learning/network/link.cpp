#include "learning/network/link.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "learning/network/initial_weights.hpp"
#include "learning/network/network_check.hpp"
#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

[[noreturn]] void fail(const char* key, const std::string& expected, const std::string& got) {
  throw UserError(fmt::format("key '{}': expected {}, got {}", key, expected, got));
}

struct Described {
  std::size_t from = 0, to = 0;
  bool both = false;
  bool has_gain = false;
  double gain = 0;
};

[[noreturn]] void bad_form(const std::string& text) {
  fail("network.links",
       "texts such as \"1-4\" (both ways), \"1>4\" (one way) or \"1-4@0.05\" (with a gain)",
       fmt::format("\"{}\"", text));
}

template <class Number>
const char* take(const char* at, const char* end, Number& value, const std::string& text) {
  const auto found = std::from_chars(at, end, value);
  if (found.ec != std::errc() || found.ptr == at) bad_form(text);
  return found.ptr;
}

Described parse(const std::string& text) {
  Described d;
  const char* at = text.data();
  const char* const end = at + text.size();
  at = take(at, end, d.from, text);
  if (at == end || (*at != '-' && *at != '>')) bad_form(text);
  d.both = *at++ == '-';
  at = take(at, end, d.to, text);
  if (at != end) {
    if (*at++ != '@') bad_form(text);
    at = take(at, end, d.gain, text);
    if (at != end) bad_form(text);
    d.has_gain = true;
  }
  return d;
}

class LinkList {
 public:
  explicit LinkList(const NetworkConfig& config)
      : config_(config), layers_(recurrent_layers(config)) {}

  void add(const Described& d, const char* key, const std::string& text) {
    const auto check = [&](bool good, const std::string& expected) {
      if (!good) fail(key, expected, text);
    };
    const auto inside = [&](std::size_t l) { return l >= 1 && l <= layers_; };
    check(inside(d.from) && inside(d.to),
          fmt::format("layers 1 to {} of the recurrent net", layers_));
    check(d.from != d.to, "two different layers (no layer is linked to itself)");
    const std::size_t low = std::min(d.from, d.to), high = std::max(d.from, d.to);
    check(high - low > 1, "layers that are not neighbours (the chain connects those)");
    check(!d.has_gain || (d.gain > 0 && std::isfinite(d.gain)), "a gain above 0");
    const bool once = d.both ? !present(low, high) && !present(high, low) : !present(d.from, d.to);
    check(once, "every link once");
    if (!d.both) {
      push(d.from, d.to, d.has_gain ? d.gain : default_gain(d.from, d.to), Link::not_tied);
      return;
    }
    push(low, high, 1.0, Link::not_tied);
    const bool tied = config_.feedback == FeedbackWeights::tied;
    push(high, low, d.has_gain ? d.gain : default_gain(high, low),
         tied ? links_.size() - 1 : Link::not_tied);
  }

  bool present(std::size_t from, std::size_t to) const {
    return std::any_of(links_.begin(), links_.end(),
                       [&](const Link& l) { return l.from == from && l.to == to; });
  }
  void push_default(std::size_t from, std::size_t to) {
    push(from, to, default_gain(from, to), Link::not_tied);
  }
  std::size_t layers() const { return layers_; }
  std::vector<Link> take() { return std::move(links_); }

 private:
  double default_gain(std::size_t from, std::size_t to) const {
    return from < to ? 1.0 : config_.feedback_gain[to - 1];
  }
  void push(std::size_t from, std::size_t to, double gain, std::size_t tied_to) {
    Link link;
    link.from = from;
    link.to = to;
    link.gain = gain;
    link.tied_to = tied_to;
    links_.push_back(std::move(link));
  }

  const NetworkConfig& config_;
  std::size_t layers_;
  std::vector<Link> links_;
};

}  // namespace

std::string Link::name() const { return fmt::format("link{}>{}", from, to); }

std::vector<Link> list_links(const NetworkConfig& config, std::uint64_t seed) {
  LinkList list(config);
  for (const std::string& text : config.links) {
    list.add(parse(text), "network.links", fmt::format("\"{}\"", text));
  }
  if (config.link_block > 0) {
    const std::size_t n = config.link_block;
    const std::string got = std::to_string(n);
    if (n == 1) {
      fail("network.link_block", "0, or at least 2 (the chain connects neighbours)", got);
    }
    if (1 + n > list.layers()) {
      fail("network.link_block", fmt::format("less than the {} layers it links", list.layers()),
           got);
    }
    for (std::size_t l = 1; l + n <= list.layers(); l += n) {
      Described d;
      d.from = l;
      d.to = l + n;
      d.both = true;
      list.add(d, "network.link_block", fmt::format("{}, which names {}-{} again", got, l, l + n));
    }
  }
  const double share = config.link_probability;
  if (!(share >= 0 && share <= 1)) {
    fail("network.link_probability", "a value between 0 and 1", fmt::format("{}", share));
  }
  if (share > 0) {
    if (config.feedback == FeedbackWeights::tied) {
      fail("network.link_probability",
           "0 with network.feedback = \"tied\" (a random graph has links without a partner to be "
           "tied to)",
           fmt::format("{}", share));
    }
    const RandomStream stream(seed, "topology");
    for (std::size_t from = 1; from <= list.layers(); ++from) {
      for (std::size_t to = 1; to <= list.layers(); ++to) {
        const std::size_t hop = from < to ? to - from : from - to;
        if (hop < 2 || list.present(from, to)) continue;
        if (stream.uniform(from, to) < share) list.push_default(from, to);
      }
    }
  }
  return list.take();
}

void draw_link_weights(std::vector<Link>& links, const NetworkConfig& config, std::uint64_t seed) {
  const RandomStream stream(seed, "links");
  for (Link& link : links) {
    if (link.tied_to != Link::not_tied) continue;
    // By its ends, so that no link's weights depend on which others there are.
    const std::uint64_t event = (static_cast<std::uint64_t>(link.from) << 32U) | link.to;
    link.weight =
        draw_weights(stream, event, config.layers[link.to], config.layers[link.from], config);
  }
}

}  // namespace memprop::learning
