// The input of a barrier for tests: samples that are at hand.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "caco/stages/stage.h"

namespace caco {

class ListSource final : public SampleSource {
 public:
  explicit ListSource(std::vector<Sample> samples) : samples_(std::move(samples)) {}

  Status for_each(const std::function<Status(const Sample&)>& visit) const override {
    for (const Sample& sample : samples_) {
      TRY(visit(sample));
    }
    return {};
  }

  Result<int64_t> count() const override { return std::ssize(samples_); }

 private:
  std::vector<Sample> samples_;
};

}  // namespace caco
