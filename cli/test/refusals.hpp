// Descriptions that must be refused, and what the one sentence that says so must name.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/config/config.hpp"
#include "solvers/error.hpp"

namespace memprop::config::test {

struct Refused {
  std::string text;                // of a file "run.toml"
  std::vector<std::string> parts;  // all of them stand in the message, in this order
};

inline void expect_refusals(const std::vector<Refused>& cases) {
  for (const Refused& c : cases) {
    try {
      parse_config(c.text, "run.toml", {});
      ADD_FAILURE() << "accepted:\n" << c.text;
    } catch (const UserError& error) {
      const std::string text = error.what();
      std::size_t at = 0;
      for (const std::string& part : c.parts) {
        const std::size_t found = text.find(part, at);
        EXPECT_NE(found, std::string::npos) << "no '" << part << "' in: " << text;
        if (found != std::string::npos) at = found;
      }
      EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    }
  }
}

}  // namespace memprop::config::test
