// A drive over time, made of smooth pieces. The pieces matter: an adaptive integration stops at
// every joint, so neither a jump nor a short pulse between two long pauses is stepped across.
#pragma once

#include <vector>

namespace memprop::analog {

class Waveform {
 public:
  // One smooth piece: offset + slope (t - begin) + amplitude sin(2 pi frequency t).
  struct Piece {
    double begin_s, end_s;
    double offset, slope;
    double amplitude, frequency_hz;
    double value(double t) const;
  };
  struct Point {
    double t_s, value;
  };

  // amplitude sin(2 pi f t) from 0 to duration_s.
  static Waveform sine(double amplitude, double frequency_hz, double duration_s);
  static Waveform constant(double value, double duration_s);
  // Straight lines between points in order of time, from t = 0; two points at the same time make a
  // jump. Throws UserError for points out of order.
  static Waveform points(const std::vector<Point>& points);
  // `count` rectangular pulses of width_s, each followed by a pause at 0.
  static Waveform pulses(double value, double width_s, double pause_s, int count);
  // Adds another waveform behind this one.
  Waveform& then(const Waveform& next);

  double duration_s() const { return pieces_.empty() ? 0.0 : pieces_.back().end_s; }
  const std::vector<Piece>& pieces() const { return pieces_; }

 private:
  std::vector<Piece> pieces_;
};

}  // namespace memprop::analog
