#include "analog/memristor/waveform.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "solvers/error.hpp"

namespace memprop::analog {
namespace {

constexpr double kTwoPi = 6.28318530717958647692;
constexpr double kPiecesPerPeriod = 32.0;

}  // namespace

double Waveform::Piece::value(double t) const {
  double v = offset + slope * (t - begin_s);
  if (amplitude != 0.0) {
    // Half a period gives exactly 0, not the rounding of pi.
    const double phase = frequency_hz * t;
    const double turns = phase - std::floor(phase);
    v += turns == 0.5 ? 0.0 : amplitude * std::sin(kTwoPi * turns);
  }
  return v;
}

Waveform Waveform::sine(double amplitude, double frequency_hz, double duration_s) {
  if (!(frequency_hz > 0.0 && duration_s > 0.0)) {
    throw UserError("sine: expected a positive frequency and duration, got another");
  }
  Waveform w;
  const double pieces = std::ceil(duration_s * frequency_hz * kPiecesPerPeriod - 1e-9);
  for (double k = 0; k < pieces; ++k) {
    const double end = std::min((k + 1) / (kPiecesPerPeriod * frequency_hz), duration_s);
    w.pieces_.push_back(
        {k / (kPiecesPerPeriod * frequency_hz), end, 0.0, 0.0, amplitude, frequency_hz});
  }
  return w;
}

Waveform Waveform::constant(double value, double duration_s) {
  if (!(duration_s > 0.0)) throw UserError("constant: expected a positive duration, got another");
  Waveform w;
  w.pieces_.push_back({0.0, duration_s, value, 0.0, 0.0, 0.0});
  return w;
}

Waveform Waveform::points(const std::vector<Point>& points) {
  Waveform w;
  for (std::size_t k = 1; k < points.size(); ++k) {
    const Point& a = points[k - 1];
    const Point& b = points[k];
    if (!(b.t_s >= a.t_s)) throw UserError("waveform: expected points in order of time");
    if (b.t_s == a.t_s) continue;
    w.pieces_.push_back({a.t_s, b.t_s, a.value, (b.value - a.value) / (b.t_s - a.t_s), 0.0, 0.0});
  }
  if (w.pieces_.empty() || points.front().t_s != 0.0) {
    throw UserError("waveform: expected two points or more, the first at 0 s");
  }
  return w;
}

Waveform Waveform::pulses(double value, double width_s, double pause_s, int count) {
  Waveform w;
  for (int k = 0; k < count; ++k) {
    w.then(constant(value, width_s));
    if (pause_s > 0.0) w.then(constant(0.0, pause_s));
  }
  return w;
}

Waveform& Waveform::then(const Waveform& next) {
  const double shift = duration_s();
  for (Piece piece : next.pieces_) {
    if (piece.amplitude != 0.0 && shift != 0.0) {
      throw UserError("waveform: expected a sine at the beginning, got one behind other pieces");
    }
    piece.begin_s += shift;
    piece.end_s += shift;
    pieces_.push_back(piece);
  }
  return *this;
}

}  // namespace memprop::analog
