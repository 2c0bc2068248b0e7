#include "cli/device_fit/pulse_csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>

#include "solvers/error.hpp"
#include "solvers/units.hpp"

namespace memprop::cli {
namespace {

using analog::fit::PulseTrain;
using analog::fit::Reading;

constexpr const char* kColumns =
    "columns \"pulse\", \"polarity\" and \"conductance [uS]\" (any unit of conductance; "
    "\"device\" if there are several)";
constexpr unsigned kMostPulses = 1000000;  // between two readings

std::string trimmed(std::string text) {
  const char* space = " \t\r\n\"'";
  text.erase(0, std::min(text.find_first_not_of(space), text.size()));
  text.erase(text.find_last_not_of(space) + 1);
  return text;
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::vector<std::string> split(const std::string& line, char separator) {
  std::vector<std::string> out;
  std::size_t begin = 0;
  for (std::size_t end; (end = line.find(separator, begin)) != std::string::npos; begin = end + 1) {
    out.push_back(trimmed(line.substr(begin, end - begin)));
  }
  out.push_back(trimmed(line.substr(begin)));
  return out;
}

class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path), file_(path) {
    if (!file_) {
      throw UserError(path + ": expected a table of conductance against pulses, found no file");
    }
  }

  std::vector<PulseTrain> read() {
    std::string line;
    bool has_header = false;
    while (std::getline(file_, line)) {
      ++line_;
      if (line_ == 1 && line.rfind("\xEF\xBB\xBF", 0) == 0) line.erase(0, 3);
      if (line.find('\0') != std::string::npos) fail(std::string("text with ") + kColumns, "bytes");
      const std::string text = trimmed(line);
      if (text.empty() || text[0] == '#') continue;
      if (has_header) {
        take(split(line, separator_));
      } else {
        header(line);
        has_header = true;
      }
    }
    if (!has_header) fail(kColumns, "no line");
    if (trains_.empty()) fail("rows below the header", "none");
    return std::move(trains_);
  }

 private:
  [[noreturn]] void fail(const std::string& expected, const std::string& found) const {
    throw UserError(
        fmt::format("{}:{}: expected {}, found {}", path_, std::max(line_, 1u), expected, found));
  }
  static std::string quoted(const std::string& text) {
    return "\"" + (text.size() > 60 ? text.substr(0, 57) + "..." : text) + "\"";
  }

  void header(const std::string& line) {
    separator_ = line.find('\t') != std::string::npos  ? '\t'
                 : line.find(';') != std::string::npos ? ';'
                                                       : ',';
    const std::vector<std::string> names = split(line, separator_);
    columns_ = names.size();
    for (std::size_t k = 0; k < names.size(); ++k) {
      const std::string name = lower(names[k]);
      const auto place = [&](std::optional<std::size_t>& column) {
        if (column) fail("each column once", quoted(names[k]) + " again");
        column = k;
      };
      if (name == "pulse" || name == "pulses" || name == "pulse number") place(pulse_);
      if (name == "polarity" || name == "direction") place(polarity_);
      if (name == "device" || name == "device id") place(device_);
      if (name.rfind("conductance", 0) == 0) {
        place(conductance_);
        scale_ = unit_of(names[k]);
      }
    }
    if (!pulse_ || !polarity_ || !conductance_) fail(kColumns, quoted(trimmed(line)));
  }

  // "conductance [uS]" or "conductance (uS)".
  double unit_of(const std::string& name) const {
    const std::size_t open = name.find_first_of("[("), close = name.find_last_of("])");
    const char* want = "a unit in the header, such as \"conductance [uS]\"";
    if (open == std::string::npos || close == std::string::npos || close < open) {
      fail(want, quoted(name));
    }
    std::string unit = trimmed(name.substr(open + 1, close - open - 1));
    for (const char* micro : {"\xC2\xB5", "\xCE\xBC"}) {  // the two characters for micro
      if (unit.rfind(micro, 0) == 0) unit.replace(0, 2, "u");
    }
    try {
      return parse_quantity("1 " + unit, Unit::siemens);
    } catch (const UserError&) {
      fail(want, quoted(name));
    }
  }

  double number(const std::string& text, const char* what) const {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0' || !std::isfinite(value)) fail(what, quoted(text));
    return value;
  }

  // +1, -1 or 0.
  int polarity(const std::string& text) const {
    const std::string word = lower(text);
    for (const char* up : {"up", "1", "+1", "+", "set", "p", "potentiation", "ltp"}) {
      if (word == up) return 1;
    }
    for (const char* down : {"down", "-1", "-", "reset", "d", "depression", "ltd"}) {
      if (word == down) return -1;
    }
    if (word == "0" || word == "none" || word.empty()) return 0;
    fail("polarity up, down or none", quoted(text));
  }

  struct Last {
    std::size_t train;
    double pulse;
    int polarity;
  };

  void take(const std::vector<std::string>& cells) {
    if (cells.size() != columns_) {
      fail(fmt::format("{} values as in the header", columns_), std::to_string(cells.size()));
    }
    const double pulse = number(cells[*pulse_], "a pulse number");
    if (pulse < 0 || pulse != std::floor(pulse)) {
      fail("a pulse number that counts from 0 or 1", quoted(cells[*pulse_]));
    }
    const int direction = polarity(cells[*polarity_]);
    const double value = number(cells[*conductance_], "a conductance");
    if (value < 0) fail("a conductance of 0 or more", quoted(cells[*conductance_]));
    const std::string device = device_ ? cells[*device_] : "";

    Reading reading{value * scale_, 0, direction >= 0, false};
    const auto found = last_.find(device);
    if (found == last_.end()) {
      reading.starts = true;
      last_[device] = {trains_.size(), pulse, direction};
      trains_.push_back({device, {reading}});
      return;
    }
    Last& last = found->second;
    double count = pulse - last.pulse;
    if (count < 0) {  // counting begins anew
      reading.starts = direction == last.polarity || direction == 0;
      count = reading.starts ? 0 : pulse;
    }
    if (direction == 0 && count > 0) fail("a polarity for the pulses before", "none");
    if (count > kMostPulses) {
      fail(fmt::format("at most {} pulses between two readings", kMostPulses),
           fmt::format("{:.0f}", count));
    }
    reading.pulses = static_cast<unsigned>(count);
    trains_[last.train].readings.push_back(reading);
    last.pulse = pulse;
    if (direction != 0) last.polarity = direction;
  }

  std::string path_;
  std::ifstream file_;
  unsigned line_ = 0;
  char separator_ = ',';
  std::size_t columns_ = 0;
  std::optional<std::size_t> pulse_, polarity_, conductance_, device_;
  double scale_ = 1.0;
  std::map<std::string, Last> last_;
  std::vector<PulseTrain> trains_;
};

}  // namespace

std::vector<PulseTrain> read_pulse_csv(const std::string& path) { return Reader(path).read(); }

}  // namespace memprop::cli
