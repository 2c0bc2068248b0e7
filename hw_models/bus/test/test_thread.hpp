// A function as an SC_THREAD: what a test does on a bus. Pauses the simulation when it ends.
#pragma once

#include <functional>
#include <systemc>
#include <utility>

namespace memprop::hw {

class TestThread : public sc_core::sc_module {
 public:
  TestThread(sc_core::sc_module_name name, std::function<void()> run)
      : sc_module(name), run_(std::move(run)) {
    SC_HAS_PROCESS(TestThread);
    SC_THREAD(body);
  }
  bool finished() const { return finished_; }

 private:
  void body() {
    run_();
    finished_ = true;
    sc_core::sc_pause();
  }
  std::function<void()> run_;
  bool finished_ = false;
};

}  // namespace memprop::hw
