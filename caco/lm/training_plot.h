// The plot of a training as SVG: loss (with its running mean and the held-out loss), learning rate
// and gradient norm over the steps. Pure, thread-safe; the same metrics give the same bytes.
#pragma once

#include <string>
#include <string_view>

namespace caco::lm {

// Returns the SVG of the lines of a metrics.jsonl; empty when no line has a finite loss. Lines that
// are not metrics are passed over.
std::string training_plot_svg(const std::string& metrics_jsonl, std::string_view title);

}  // namespace caco::lm
