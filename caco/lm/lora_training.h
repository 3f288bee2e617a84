// Low-rank adaptation (Hu et al., LoRA, 2021): a frozen weight W [out, in] is used as
// W + scaling * B A, and only A [rank, in] and B [out, rank] are trained.
//
// The transformer's backward pass gives the gradient dW of every weight it used. By the chain rule
// the factors' gradients follow from it exactly: dA = scaling B^T dW and dB = scaling dW A^T. So
// training needs no second backward pass, and the optimizer keeps moments for A and B alone. The
// price is that W + scaling B A is formed once a step, which is small beside the step's products.
// Immutable after creation; safe to share between threads.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/lora_adapter.h"
#include "caco/lm/matmul.h"
#include "caco/lm/parameter_layout.h"

namespace caco::lm {

struct LoraOptions {
  int64_t rank = 0;  // 0: no adaptation, all weights are trained
  double alpha = 16;
  bool uses_rslora = false;  // scaling alpha / sqrt(rank) (Kalajdzievski, 2023), else alpha / rank
  // Names of linear layers ("q_proj"); "all-linear" stands for every one of the layers.
  std::vector<std::string> target_modules = {"q_proj", "v_proj"};

  bool is_used() const { return rank > 0; }
  double scaling() const;
};

// The linear layers of a decoder layer, in the order of the forward pass.
const std::vector<std::string>& linear_module_names();

class LoraParameters {
 public:
  // One adapted weight. Offsets count floats: `weight` in the model's parameters, `a` and `b` in
  // the trained ones.
  struct Module {
    std::string name;  // "model.layers.0.self_attn.q_proj"
    int64_t rows = 0;
    int64_t columns = 0;
    int64_t weight = 0;
    int64_t a = 0;
    int64_t b = 0;

    int64_t weight_size() const { return rows * columns; }
  };

  // InvalidArgument: a rank that is not positive, a target that is no linear layer of the model.
  static Result<LoraParameters> create(const ParameterLayout& layout, const LoraOptions& options);

  const std::vector<Module>& modules() const { return modules_; }
  int64_t rank() const { return rank_; }
  double scaling() const { return scaling_; }
  int64_t size() const { return size_; }  // trained values

  // Draws A from U(-1/sqrt(in), 1/sqrt(in)), which is what the field's libraries do, and sets B to
  // 0, so that training begins at the base model. Depends on `seed` and the shapes alone.
  std::vector<float> initialize(uint64_t seed) const;

  // out = base + scaling * B A for the weight of one module; the rest of `out` is not touched. The
  // spans of weights are as long as the model, `trained` as long as size().
  void merge_module(const Module& module, std::span<const float> base,
                    std::span<const float> trained, std::span<float> out,
                    const Matmul& matmul) const;

  // Sets the module's part of `trained_gradients` from the gradient of the model's weights.
  void project_module(const Module& module, std::span<const float> weight_gradients,
                      std::span<const float> trained, std::span<float> trained_gradients,
                      const Matmul& matmul) const;

  // Returns the trained values as an adapter in PEFT's terms.
  LoraAdapter to_adapter(std::span<const float> trained, const LoraOptions& options,
                         const std::string& base_name) const;

 private:
  LoraParameters() = default;

  std::vector<Module> modules_;
  int64_t rank_ = 0;
  double scaling_ = 0;
  int64_t size_ = 0;
};

}  // namespace caco::lm
