#include "cli/config/field_list.hpp"

#include "solvers/error.hpp"

namespace memprop::config {
namespace {

class Collector : public Binder {
 public:
  std::vector<SectionFields> take() { return std::move(sections_); }

 protected:
  void on_section(const std::string& name, const std::string& meaning) override {
    sections_.push_back({name, meaning, {}});
  }
  void on_field(const Field& field) override {
    if (sections_.empty()) throw InternalError("a key outside any section: " + field.key);
    sections_.back().fields.push_back(field);
  }

 private:
  std::vector<SectionFields> sections_;
};

}  // namespace

std::vector<SectionFields> list_sections(bench::RunConfig& c) {
  Collector collector;
  describe(collector, c);
  return collector.take();
}

std::vector<Field> list_fields(bench::RunConfig& c) {
  std::vector<Field> fields;
  for (SectionFields& section : list_sections(c)) {
    for (Field& field : section.fields) fields.push_back(std::move(field));
  }
  return fields;
}

}  // namespace memprop::config
