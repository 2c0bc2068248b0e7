// memprop report: hands over to the Python package that draws.
#include <filesystem>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/python_program.hpp"
#include "solvers/error.hpp"

namespace memprop::cli {

int command_report(const ReportArguments& arguments) {
  for (const std::string& trace : arguments.traces) {
    if (!std::filesystem::exists(trace)) {
      throw UserError(trace + ": expected the trace of a run, found nothing");
    }
  }
  // "--": a trace may be called -x.h5.
  std::vector<std::string> words{"report", "-o", arguments.output, "--"};
  words.insert(words.end(), arguments.traces.begin(), arguments.traces.end());
  become_python("report", "memprop", words,
                "python3 python3-h5py python3-jinja2 python3-matplotlib python3-numpy "
                "python3-xarray");
}

}  // namespace memprop::cli
