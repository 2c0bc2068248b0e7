// A user's own program that reads a TOML description and runs it, as the command does.
#include <cstdio>
#include <fstream>
#include <systemc>

#include "cli/config/config.hpp"
#include "testbenches/experiment/experiment.hpp"

int sc_main(int, char**) {
  std::ofstream("or.csv") << "a,b,either\n0,0,0\n0,1,1\n1,0,1\n1,1,1\n";
  const auto config = memprop::config::parse_config(
      "[data]\nname = \"files\"\ntrain_inputs = \"or.csv\"\ntest_on_train = true\n"
      "[network]\nlayers = [2, 4, 2]\nfeedback_gain = 0.1\nbias = true\n"
      "[learning]\nrate = 0.05\nepochs = 200\n"
      "[chip.device]\npreset = \"gokmen-vlasov\"\n",
      "or.toml");
  const auto result = memprop::bench::run_experiment(config.run, {});
  std::printf("%llu samples, accuracy %.2f on the chip, %.2f in the ideal reference\n",
              static_cast<unsigned long long>(result.training_samples), result.accuracy,
              result.ideal_accuracy);
  const bool right = result.training_samples == 800 && result.accuracy == 1.0;
  return right ? 0 : 1;
}
