// What describe() talks to: one call per section and key. Each call turns a member of the run's
// description into a Field; an implementation reads it, prints it or compares it.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "cli/config/byte_size.hpp"
#include "cli/config/field.hpp"
#include "solvers/error.hpp"

namespace memprop::config {

// The texts of an enumeration.
template <class E>
using Names = std::vector<std::pair<E, std::string_view>>;

enum class Affects { results, output };

class Binder {
 public:
  virtual ~Binder() = default;

  // Keys that follow belong to [name].
  void section(std::string_view name, std::string_view meaning) {
    prefix_ = std::string(name) + ".";
    on_section(std::string(name), std::string(meaning));
  }

  void boolean(std::string_view key, bool& value, std::string_view meaning,
               Affects affects = Affects::results) {
    bind_scalar(make(key, FieldType::boolean, meaning, affects), value);
  }
  void number(std::string_view key, double& value, Range range, std::string_view meaning,
              Affects affects = Affects::results) {
    Field field = make(key, FieldType::number, meaning, affects);
    field.range = range;
    bind_scalar(std::move(field), value);
  }
  void quantity(std::string_view key, double& value, Unit unit, Range range,
                std::string_view meaning, Affects affects = Affects::results) {
    Field field = make(key, FieldType::quantity, meaning, affects);
    field.unit = unit;
    field.range = range;
    bind_scalar(std::move(field), value);
  }
  // The range must lie inside that of Int.
  template <class Int>
  void integer(std::string_view key, Int& value, Range range, std::string_view meaning,
               Affects affects = Affects::results) {
    Field field = make(key, FieldType::integer, meaning, affects);
    field.range = bounded<Int>(range);
    bind_integer(std::move(field), value);
  }
  // Width of a converter: 1 to most, or "ideal" (0 inside).
  void bits(std::string_view key, unsigned& value, unsigned most, std::string_view meaning) {
    integer_or(key, value, most, "ideal", meaning);
  }
  // 1 to most, or a word for 0.
  void integer_or(std::string_view key, unsigned& value, unsigned most, const char* word,
                  std::string_view meaning) {
    Field field = make(key, FieldType::integer, meaning, Affects::results);
    field.range = within(1, most);
    field.word = word;
    bind_integer(std::move(field), value);
  }
  void text(std::string_view key, std::string& value, std::string_view meaning,
            Affects affects = Affects::results) {
    bind_scalar(make(key, FieldType::text, meaning, affects), value);
  }
  void path(std::string_view key, std::string& value, std::string_view meaning) {
    bind_scalar(make(key, FieldType::path, meaning, Affects::results), value);
  }
  // Text out of a list that is only known at run time.
  void name_of(std::string_view key, std::string& value, std::vector<std::string> names,
               std::string_view meaning) {
    Field field = make(key, FieldType::choice, meaning, Affects::results);
    field.names = std::move(names);
    bind_scalar(std::move(field), value);
  }
  template <class E>
  void choice(std::string_view key, E& value, const Names<E>& names, std::string_view meaning,
              Affects affects = Affects::results) {
    Field field = make_choice(key, names, meaning, affects);
    field.get = [&value, names] { return Values{Scalar{text_of(names, value)}}; };
    field.set = [&value, names](const Values& v) { value = value_of(names, v.at(0)); };
    on_field(field);
  }

  // Lists; a single value in the file stands for a list of one.
  void numbers(std::string_view key, std::vector<double>& values, Range range,
               std::string_view meaning) {
    Field field = make(key, FieldType::number, meaning, Affects::results);
    field.list = true;
    field.range = range;
    field.get = [&values] { return Values(values.begin(), values.end()); };
    field.set = [&values](const Values& v) { values = convert<double>(v); };
    on_field(field);
  }
  template <class Int>
  void integers(std::string_view key, std::vector<Int>& values, Range range,
                std::string_view meaning, bool required = false,
                Affects affects = Affects::results) {
    Field field = make(key, FieldType::integer, meaning, affects);
    field.list = true;
    field.required = required;
    field.range = bounded<Int>(range);
    field.get = [&values] {
      Values out;
      for (const Int value : values) out.emplace_back(static_cast<std::int64_t>(value));
      return out;
    };
    field.set = [&values](const Values& v) {
      values.clear();
      for (const Scalar& s : v) values.push_back(static_cast<Int>(std::get<std::int64_t>(s)));
    };
    on_field(field);
  }
  void texts(std::string_view key, std::vector<std::string>& values, std::string_view meaning,
             Affects affects = Affects::results) {
    Field field = make(key, FieldType::text, meaning, affects);
    field.list = true;
    field.get = [&values] { return Values(values.begin(), values.end()); };
    field.set = [&values](const Values& v) { values = convert<std::string>(v); };
    on_field(field);
  }
  void paths(std::string_view key, std::vector<std::string>& values, std::string_view meaning) {
    Field field = make(key, FieldType::path, meaning, Affects::results);
    field.list = true;
    field.get = [&values] { return Values(values.begin(), values.end()); };
    field.set = [&values](const Values& v) { values = convert<std::string>(v); };
    on_field(field);
  }
  template <class E>
  void choices(std::string_view key, std::vector<E>& values, const Names<E>& names,
               std::string_view meaning) {
    Field field = make_choice(key, names, meaning, Affects::results);
    field.list = true;
    field.get = [&values, names] {
      Values out;
      for (const E value : values) out.emplace_back(text_of(names, value));
      return out;
    };
    field.set = [&values, names](const Values& v) {
      values.clear();
      for (const Scalar& s : v) values.push_back(value_of(names, s));
    };
    on_field(field);
  }
  // [low, high]
  void interval(std::string_view key, double& low, double& high, Range range,
                std::string_view meaning) {
    Field field = make(key, FieldType::number, meaning, Affects::results);
    field.list = true;
    field.count = 2;
    field.range = range;
    field.get = [&low, &high] { return Values{low, high}; };
    field.set = [&low, &high](const Values& v) {
      low = std::get<double>(v.at(0));
      high = std::get<double>(v.at(1));
    };
    on_field(field);
  }

  // A size as text, "2 GB"; empty text is 0 where that has a meaning.
  void bytes(std::string_view key, std::uint64_t& value, bool may_be_empty,
             std::string_view meaning) {
    Field field = make(key, FieldType::text, meaning, Affects::output);
    field.get = [&value, may_be_empty] {
      return Values{Scalar{may_be_empty && value == 0 ? std::string() : format_bytes(value)}};
    };
    field.set = [&value, may_be_empty](const Values& v) {
      const auto& text = std::get<std::string>(v.at(0));
      value = may_be_empty && text.empty() ? 0 : parse_bytes(text);
      if (may_be_empty && value == 0 && !text.empty()) {
        throw UserError("expected a size above 0 B, or \"\" for no limit, got \"" + text + "\"");
      }
    };
    on_field(field);
  }

  // A key whose setting does more than store a value.
  void custom(std::string_view key, Field field) {
    field.key = prefix_ + std::string(key);
    on_field(field);
  }

 protected:
  virtual void on_section(const std::string& name, const std::string& meaning) = 0;
  virtual void on_field(const Field& field) = 0;

 private:
  Field make(std::string_view key, FieldType type, std::string_view meaning,
             Affects affects) const {
    Field field;
    field.key = prefix_ + std::string(key);
    field.type = type;
    field.meaning = std::string(meaning);
    field.affects_results = affects == Affects::results;
    return field;
  }
  template <class E>
  Field make_choice(std::string_view key, const Names<E>& names, std::string_view meaning,
                    Affects affects) const {
    Field field = make(key, FieldType::choice, meaning, affects);
    for (const auto& entry : names) field.names.emplace_back(entry.second);
    return field;
  }
  template <class T>
  void bind_scalar(Field field, T& value) {
    field.get = [&value] { return Values{Scalar{value}}; };
    field.set = [&value](const Values& v) { value = std::get<T>(v.at(0)); };
    on_field(field);
  }
  template <class Int>
  void bind_integer(Field field, Int& value) {
    field.get = [&value] { return Values{Scalar{static_cast<std::int64_t>(value)}}; };
    field.set = [&value](const Values& v) {
      value = static_cast<Int>(std::get<std::int64_t>(v.at(0)));
    };
    on_field(field);
  }
  template <class Int>
  static Range bounded(Range range) {
    // 64-bit counts are bounded by TOML's signed integers anyway.
    if constexpr (sizeof(Int) < sizeof(std::int64_t)) {
      const auto most = static_cast<double>(std::numeric_limits<Int>::max());
      if (range.high > most) range.high = most;
    }
    return range;
  }
  template <class T>
  static std::vector<T> convert(const Values& values) {
    std::vector<T> out;
    for (const Scalar& value : values) out.push_back(std::get<T>(value));
    return out;
  }
  template <class E>
  static std::string text_of(const Names<E>& names, E value) {
    for (const auto& entry : names) {
      if (entry.first == value) return std::string(entry.second);
    }
    throw InternalError("an enumeration value has no text");
  }
  template <class E>
  static E value_of(const Names<E>& names, const Scalar& text) {
    for (const auto& entry : names) {
      if (entry.second == std::get<std::string>(text)) return entry.first;
    }
    throw InternalError("an enumeration text has no value");
  }

  std::string prefix_;
};

}  // namespace memprop::config
