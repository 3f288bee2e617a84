#include "caco/lm/training_plot.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <sstream>
#include <vector>

#include "caco/base/json.h"

namespace caco::lm {
namespace {

constexpr double kWidth = 760;
constexpr double kLeft = 74;
constexpr double kRight = 20;
constexpr double kTop = 58;
constexpr double kGap = 40;  // between panels: the caption of the next one
constexpr size_t kMostPoints = 1000;
// The weight of a new value in the running mean, times the number of values.
constexpr double kMeanPart = 20;

struct Point {
  double x = 0;
  double y = 0;
};
using Curve = std::vector<Point>;

struct Metrics {
  Curve loss;
  Curve eval_loss;
  Curve learning_rate;
  Curve gradient_norm;
};

struct Series {
  const Curve* points = nullptr;
  const char* style = nullptr;  // class of the line
  bool has_dots = false;
};

struct Panel {
  const char* caption = nullptr;
  double height = 0;
  std::vector<Series> series;
};

Metrics read_metrics(const std::string& metrics_jsonl) {
  Metrics metrics;
  std::istringstream lines(metrics_jsonl);
  for (std::string line; std::getline(lines, line);) {
    const Result<Json> json = parse_json(line);
    if (!json.ok() || !json.value().is_object()) continue;
    const auto number = [&](const char* key) {
      const auto found = json.value().find(key);
      return found != json.value().end() && found->is_number() ? found->get<double>() : NAN;
    };
    const double step = number("step");
    const auto add = [&](const char* key, Curve& curve) {
      const double value = number(key);
      if (std::isfinite(step) && std::isfinite(value)) curve.push_back({step, value});
    };
    add("loss", metrics.loss);
    add("eval_loss", metrics.eval_loss);
    add("learning_rate", metrics.learning_rate);
    add("grad_norm", metrics.gradient_norm);
  }
  return metrics;
}

// Every n-th point, and the last one.
Curve thinned(const Curve& curve) {
  if (curve.size() <= kMostPoints) return curve;
  const size_t every = (curve.size() + kMostPoints - 1) / kMostPoints;
  Curve kept;
  for (size_t i = 0; i < curve.size(); i += every)
    kept.push_back(curve[i]);
  if (kept.back().x != curve.back().x) kept.push_back(curve.back());
  return kept;
}

Curve running_mean(const Curve& curve) {
  Curve mean = curve;
  const double weight = std::clamp(kMeanPart / static_cast<double>(curve.size()), 0.05, 0.5);
  for (size_t i = 1; i < mean.size(); ++i) {
    mean[i].y = (1 - weight) * mean[i - 1].y + weight * mean[i].y;
  }
  return mean;
}

std::string tick_text(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.3g", value);
  return text;
}

std::string coordinate(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f", value);
  return text;
}

// A step of 1, 2 or 5 times a power of ten that divides `range` into about `count` parts.
double tick_step(double range, double count) {
  const double rough = range / count;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough * 0.999) return factor * power;
  }
  return 10 * power;
}

// From values to pixels.
struct Scale {
  double low = 0;
  double high = 1;
  double begin = 0;
  double end = 1;

  double at(double value) const { return begin + (value - low) / (high - low) * (end - begin); }
};

// The range of the panel's values, from zero, cut where single spikes would press the rest flat.
Scale value_scale(const Panel& panel, double top) {
  std::vector<double> values;
  double highest_dot = 0;
  for (const Series& series : panel.series) {
    for (const Point& point : *series.points) {
      values.push_back(point.y);
      if (series.has_dots) highest_dot = std::max(highest_dot, point.y);
    }
  }
  std::sort(values.begin(), values.end());
  double high = values.empty() ? 1 : values.back();
  if (values.size() > 20) {
    high = std::min(high, 1.5 * values[values.size() * 98 / 100]);
  }
  high = std::max({high * 1.05, highest_dot, 1e-12});
  const double low = values.empty() ? 0 : std::min(0.0, values.front());
  return {low, high, top + panel.height, top};
}

std::string path_of(const Curve& curve, const Scale& x, const Scale& y) {
  std::string path;
  for (const Point& point : curve) {
    path += path.empty() ? "M" : "L";
    const double height = std::clamp(y.at(point.y), y.end, y.begin);
    path += coordinate(x.at(point.x)) + " " + coordinate(height);
  }
  return path;
}

std::string text_at(double x, double y, const char* style, const char* anchor,
                    const std::string& text) {
  return "<text class=\"" + std::string(style) + "\" x=\"" + coordinate(x) + "\" y=\"" +
         coordinate(y) + "\" text-anchor=\"" + anchor + "\">" + text + "</text>\n";
}

std::string line_between(double x1, double y1, double x2, double y2) {
  return "<path class=\"grid\" d=\"M" + coordinate(x1) + " " + coordinate(y1) + "L" +
         coordinate(x2) + " " + coordinate(y2) + "\"/>\n";
}

std::string panel_svg(const Panel& panel, double top, const Scale& x) {
  const Scale y = value_scale(panel, top);
  std::string svg = text_at(kLeft, top - 8, "caption", "start", panel.caption);
  const double step = tick_step(y.high - y.low, panel.height > 150 ? 5 : 4);
  for (double value = std::ceil(y.low / step) * step; value <= y.high; value += step) {
    svg += line_between(kLeft, y.at(value), kWidth - kRight, y.at(value));
    const std::string text = std::fabs(value) < step / 2 ? "0" : tick_text(value);
    svg += text_at(kLeft - 8, y.at(value) + 4, "note", "end", text);
  }
  for (const Series& series : panel.series) {
    const Curve curve = thinned(*series.points);
    if (curve.size() > 1) {
      svg += "<path class=\"line " + std::string(series.style) + "\" d=\"" + path_of(curve, x, y) +
             "\"/>\n";
    }
    if (!series.has_dots && curve.size() > 1) continue;
    for (const Point& point : curve) {
      svg += "<circle class=\"" + std::string(series.style) + "-dot\" cx=\"" +
             coordinate(x.at(point.x)) + "\" cy=\"" + coordinate(y.at(point.y)) +
             "\" r=\"3.5\"/>\n";
    }
  }
  return svg;
}

std::string step_axis(const Scale& x, double bottom) {
  std::string svg;
  // Steps are whole numbers.
  const double step = std::max(1.0, tick_step(x.high - x.low, 7));
  for (double value = std::ceil(x.low / step) * step; value <= x.high; value += step) {
    svg += line_between(x.at(value), bottom, x.at(value), bottom + 5);
    char text[32];
    std::snprintf(text, sizeof(text), "%.0f", value);
    svg += text_at(x.at(value), bottom + 19, "note", "middle", text);
  }
  return svg + text_at(kWidth - kRight, bottom + 36, "note", "end", "step");
}

std::string escaped(std::string_view text) {
  std::string result;
  for (const char byte : text) {
    if (byte == '<') {
      result += "&lt;";
    } else if (byte == '&') {
      result += "&amp;";
    } else {
      result += byte;
    }
  }
  return result;
}

constexpr const char* kStyle = R"(<style>
text { font: 13px system-ui, sans-serif; fill: #24292f; }
.title { font-weight: 600; font-size: 15px; }
.caption { font-weight: 600; }
.note { fill: #57606a; font-size: 12px; }
.grid { stroke: #d0d7de; stroke-width: 1; fill: none; }
.line { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
.raw { stroke: #1a7f64; stroke-opacity: 0.45; stroke-width: 1; }
.mean { stroke: #1a7f64; }
.eval { stroke: #b35900; }
.rate { stroke: #0550ae; }
.norm { stroke: #6e40c9; stroke-width: 1.2; }
.raw-dot, .mean-dot { fill: #1a7f64; }
.eval-dot { fill: #b35900; }
.rate-dot { fill: #0550ae; }
.norm-dot { fill: #6e40c9; }
.paper { fill: #ffffff; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; }
.note { fill: #9da7b3; }
.grid { stroke: #30363d; }
.paper { fill: #0d1117; }
.raw, .mean { stroke: #3fb68b; }
.eval { stroke: #f0883e; }
.rate { stroke: #58a6ff; }
.norm { stroke: #bc8cff; }
.raw-dot, .mean-dot { fill: #3fb68b; }
.eval-dot { fill: #f0883e; }
.rate-dot { fill: #58a6ff; }
.norm-dot { fill: #bc8cff; }
}
</style>
)";

std::string last_values(const Metrics& metrics, const Curve& mean) {
  std::string text = "loss " + tick_text(mean.back().y) + " (running mean)";
  if (!metrics.eval_loss.empty()) {
    text += ", held-out " + tick_text(metrics.eval_loss.back().y);
  }
  return text;
}

}  // namespace

std::string training_plot_svg(const std::string& metrics_jsonl, std::string_view title) {
  const Metrics metrics = read_metrics(metrics_jsonl);
  if (metrics.loss.empty()) return "";
  const Curve mean = running_mean(metrics.loss);
  std::vector<Panel> panels;
  panels.push_back(
      {"loss (nats a target)", 220, {{&metrics.loss, "raw", false}, {&mean, "mean", false}}});
  if (!metrics.eval_loss.empty()) {
    panels[0].caption = "loss (nats a target); with dots: held-out";
    panels[0].series.push_back({&metrics.eval_loss, "eval", true});
  }
  panels.push_back({"learning rate", 90, {{&metrics.learning_rate, "rate", false}}});
  panels.push_back({"gradient norm", 90, {{&metrics.gradient_norm, "norm", false}}});
  double height = kTop;
  for (const Panel& panel : panels)
    height += panel.height + kGap;
  double first = metrics.loss.front().x;
  double last = metrics.loss.back().x;
  if (!metrics.eval_loss.empty()) {
    first = std::min(first, metrics.eval_loss.front().x);
    last = std::max(last, metrics.eval_loss.back().x);
  }
  const Scale x = {first, std::max(last, first + 1), kLeft, kWidth - kRight};
  const std::string size = coordinate(kWidth) + "\" height=\"" + coordinate(height);
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " +
                    coordinate(kWidth) + " " + coordinate(height) + "\" width=\"" + size +
                    "\" role=\"img\" aria-label=\"" + escaped(title) + "\">\n" + kStyle +
                    "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n" +
                    text_at(kLeft, 24, "title", "start", escaped(title)) +
                    text_at(kWidth - kRight, 24, "note", "end", last_values(metrics, mean));
  double top = kTop;
  for (const Panel& panel : panels) {
    svg += panel_svg(panel, top, x);
    top += panel.height + kGap;
  }
  return svg + step_axis(x, top - kGap) + "</svg>\n";
}

}  // namespace caco::lm
