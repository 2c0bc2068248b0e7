// State algebra for Boost.Odeint's steppers on contiguous arrays, written so that the compiler
// vectorises every stage combination in one pass over memory.
//
// Odeint's own range_algebra walks nine iterators at once, which GCC does not vectorise, and Eigen
// states need Odeint's Eigen header, without which they compile and integrate nothing. States here
// are std::vector<double>, so neither can happen. Include only in .cpp files.
#pragma once

#include <algorithm>
#include <boost/numeric/odeint/algebra/default_operations.hpp>
#include <cmath>
#include <cstddef>
#include <tuple>
#include <utility>
#include <vector>

namespace memprop::ode {

using OdeintState = std::vector<double>;

// Odeint calls for_eachN(state_1, ..., state_N, operation).
struct SimdAlgebra {
  template <class... Args>
  static void for_each1(Args&&... args) {
    apply(std::make_index_sequence<1>{}, std::forward_as_tuple(args...));
  }
  template <class... Args>
  static void for_each2(Args&&... args) {
    apply(std::make_index_sequence<2>{}, std::forward_as_tuple(args...));
  }
  template <class... Args>
  static void for_each3(Args&&... args) {
    apply(std::make_index_sequence<3>{}, std::forward_as_tuple(args...));
  }
  template <class... Args>
  static void for_each4(Args&&... args) {
    apply(std::make_index_sequence<4>{}, std::forward_as_tuple(args...));
  }
  template <class... Args>
  static void for_each5(Args&&... args) {
    apply(std::make_index_sequence<5>{}, std::forward_as_tuple(args...));
  }
  template <class... Args>
  static void for_each6(Args&&... args) {
    apply(std::make_index_sequence<6>{}, std::forward_as_tuple(args...));
  }
  template <class... Args>
  static void for_each7(Args&&... args) {
    apply(std::make_index_sequence<7>{}, std::forward_as_tuple(args...));
  }
  template <class... Args>
  static void for_each8(Args&&... args) {
    apply(std::make_index_sequence<8>{}, std::forward_as_tuple(args...));
  }
  template <class... Args>
  static void for_each9(Args&&... args) {
    apply(std::make_index_sequence<9>{}, std::forward_as_tuple(args...));
  }
  template <class... Args>
  static void for_each10(Args&&... args) {
    apply(std::make_index_sequence<10>{}, std::forward_as_tuple(args...));
  }
  template <class... Args>
  static void for_each11(Args&&... args) {
    apply(std::make_index_sequence<11>{}, std::forward_as_tuple(args...));
  }
  template <class... Args>
  static void for_each12(Args&&... args) {
    apply(std::make_index_sequence<12>{}, std::forward_as_tuple(args...));
  }
  template <class... Args>
  static void for_each13(Args&&... args) {
    apply(std::make_index_sequence<13>{}, std::forward_as_tuple(args...));
  }
  template <class... Args>
  static void for_each14(Args&&... args) {
    apply(std::make_index_sequence<14>{}, std::forward_as_tuple(args...));
  }
  template <class... Args>
  static void for_each15(Args&&... args) {
    apply(std::make_index_sequence<15>{}, std::forward_as_tuple(args...));
  }
  static double norm_inf(const OdeintState& s) {
    double largest = 0.0;
    const double* x = s.data();
#pragma omp simd reduction(max : largest)
    for (std::size_t i = 0; i < s.size(); ++i) largest = std::max(largest, std::abs(x[i]));
    return largest;
  }

 private:
  template <std::size_t... I, class Tuple>
  static void apply(std::index_sequence<I...>, Tuple args) {
    run(std::get<sizeof...(I)>(args), std::get<0>(args).size(), std::get<I>(args).data()...);
  }
  template <class Op, class... Pointers>
  static void run(Op op, std::size_t n, Pointers... x) {
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) op(x[i]...);
  }
};

}  // namespace memprop::ode
