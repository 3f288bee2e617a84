#include "caco/lm/torch/torch_ops.h"

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>

#if __has_include(<ATen/ops/_fused_adamw.h>)
#define CACO_HAS_FUSED_ADAMW 1
#endif
#if __has_include(<ATen/ops/rms_norm.h>)
#define CACO_HAS_RMS_NORM 1
#endif
#if __has_include(<ATen/ops/scaled_dot_product_attention.h>)
#define CACO_HAS_ATTENTION 1
#endif

namespace caco::lm {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Values of float logits that exist at one time: half a gigabyte.
constexpr int64_t kLogitValues = int64_t{1} << 27;
constexpr int64_t kMinLogitRows = 64;

// Documents as short as this share a group with longer ones.
constexpr int64_t kShortDocument = 32;

at::Tensor to_device(const std::vector<int64_t>& values, const at::Device& device) {
  return at::tensor(values, at::TensorOptions().dtype(at::kLong)).to(device);
}

// Repeats key and value heads for the query heads that share them.
[[maybe_unused]] at::Tensor repeat_heads(const at::Tensor& x, int64_t times) {
  if (times == 1) return x;
  const auto shape = x.sizes();
  return x.unsqueeze(2)
      .expand({shape[0], shape[1], times, shape[2], shape[3]})
      .reshape({shape[0], shape[1] * times, shape[2], shape[3]});
}

// By parts, for versions without a fused operation. An undefined mask: causal.
[[maybe_unused]] at::Tensor plain_attention(const at::Tensor& q, const at::Tensor& k,
                                            const at::Tensor& v, const at::Tensor& mask) {
  at::Tensor looked_at = mask;
  if (!mask.defined()) {
    looked_at = at::ones({q.size(2), k.size(2)}, q.options().dtype(at::kBool)).tril();
  }
  const double scale = 1.0 / std::sqrt(static_cast<double>(q.size(3)));
  at::Tensor scores = at::matmul(q, k.transpose(2, 3)).to(at::kFloat) * scale;
  scores = scores.masked_fill(looked_at.logical_not(), -INFINITY);
  return at::matmul(at::softmax(scores, -1).to(v.scalar_type()), v);
}

// A template, so that a version whose operation takes no `enable_gqa` compiles the other branch.
template <typename T>
T fused_causal_attention(const T& q, const T& k, const T& v) {
  const int64_t times = q.size(1) / k.size(1);
#ifdef CACO_HAS_ATTENTION
  if constexpr (requires {
                  at::scaled_dot_product_attention(q, k, v, {}, 0.0, true, std::nullopt, true);
                }) {
    return at::scaled_dot_product_attention(q, k, v, {}, 0.0, true, std::nullopt, times > 1);
  } else {
    return at::scaled_dot_product_attention(q, repeat_heads(k, times), repeat_heads(v, times), {},
                                            0.0, true);
  }
#else
  return plain_attention(q, repeat_heads(k, times), repeat_heads(v, times), {});
#endif
}

// Rows of one group on the way to packed ones.
std::vector<std::vector<std::pair<int64_t, int64_t>>> group_documents(const PackedBatch& batch) {
  std::vector<std::pair<int64_t, int64_t>> documents;  // first row, length
  for (size_t i = 1; i < batch.starts.size(); ++i)
    documents.emplace_back(batch.starts[i - 1], batch.starts[i] - batch.starts[i - 1]);
  std::stable_sort(documents.begin(), documents.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::vector<std::pair<int64_t, int64_t>>> groups;
  for (const auto& document : documents) {
    const bool fits = !groups.empty() && (3 * document.second >= 2 * groups.back().front().second ||
                                          groups.back().front().second <= kShortDocument);
    if (!fits) groups.emplace_back();
    groups.back().push_back(document);
  }
  return groups;
}

// Forward and gradient of the output layer and the loss, some rows at a time.
class ChunkedLoss : public torch::autograd::Function<ChunkedLoss> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& hidden,
                            const at::Tensor& weight, const at::Tensor& target,
                            bool wants_gradient) {
    const at::Tensor cast = weight.to(hidden.scalar_type());
    const bool trains_weight = wants_gradient && weight.requires_grad();
    at::Tensor dhidden;
    at::Tensor dweight;
    if (wants_gradient) dhidden = at::empty_like(hidden);
    if (trains_weight) dweight = at::zeros_like(weight);
    at::Tensor loss = at::zeros({}, hidden.options().dtype(at::kDouble));
    const int64_t num_rows = hidden.size(0);
    const int64_t chunk = std::max(kMinLogitRows, kLogitValues / weight.size(0));
    for (int64_t at_row = 0; at_row < num_rows; at_row += chunk) {
      const int64_t count = std::min(chunk, num_rows - at_row);
      const at::Tensor rows = hidden.narrow(0, at_row, count);
      const at::Tensor ids = target.narrow(0, at_row, count).unsqueeze(1);
      at::Tensor logits = at::mm(rows, cast.t()).to(at::kFloat);
      const at::Tensor log_sums = at::logsumexp(logits, {1}, true);
      loss += (log_sums - logits.gather(1, ids)).sum(at::kDouble);
      if (!wants_gradient) continue;
      logits.sub_(log_sums).exp_().scatter_add_(1, ids,
                                                at::full({count, 1}, -1.0, logits.options()));
      const at::Tensor dlogits = logits.to(hidden.scalar_type());
      dhidden.narrow(0, at_row, count).copy_(at::mm(dlogits, cast));
      if (trains_weight) dweight += at::mm(dlogits.t(), rows);
    }
    context->save_for_backward({dhidden, dweight});
    return loss;
  }

  static variable_list backward(AutogradContext* context, const variable_list& outer) {
    const variable_list saved = context->get_saved_variables();
    variable_list gradients(4);
    for (size_t i = 0; i < saved.size(); ++i) {
      if (saved[i].defined()) gradients[i] = saved[i] * outer[0].to(saved[i].scalar_type());
    }
    return gradients;
  }
};

using Body = std::function<at::Tensor(const at::Tensor&)>;

class Recomputed : public torch::autograd::Function<Recomputed> {
 public:
  static at::Tensor forward(AutogradContext* context, const Body* body, const at::Tensor& x) {
    context->save_for_backward({x});
    context->saved_data["body"] = reinterpret_cast<int64_t>(body);
    return (*body)(x);
  }

  static variable_list backward(AutogradContext* context, const variable_list& outer) {
    const Body* const body = reinterpret_cast<const Body*>(context->saved_data["body"].toInt());
    const at::AutoGradMode records(true);
    const at::Tensor x = context->get_saved_variables()[0].detach().requires_grad_(true);
    const at::Tensor y = (*body)(x);
    // Adds to the gradients of the leaves inside; that of x goes on outside.
    torch::autograd::backward({y}, {outer[0]});
    return {at::Tensor(), x.grad()};
  }
};

#ifndef CACO_HAS_FUSED_ADAMW
void adamw_by_parts(const at::Tensor& value, const at::Tensor& gradient, const at::Tensor& moment1,
                    const at::Tensor& moment2, const TorchAdamW& step) {
  const double count = static_cast<double>(step.step);
  const double correction1 = 1.0 - std::pow(step.beta1, count);
  const double correction2 = 1.0 - std::pow(step.beta2, count);
  moment1.lerp_(gradient, 1.0 - step.beta1);
  moment2.mul_(step.beta2).addcmul_(gradient, gradient, 1.0 - step.beta2);
  const at::Tensor scale = moment2.sqrt().div_(std::sqrt(correction2)).add_(step.epsilon);
  value.mul_(1.0 - step.learning_rate * step.weight_decay)
      .addcdiv_(moment1, scale, -step.learning_rate / correction1);
}
#endif

}  // namespace

at::Tensor torch_rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  const at::Tensor cast = weight.to(x.scalar_type());
#ifdef CACO_HAS_RMS_NORM
  return at::rms_norm(x, {x.size(-1)}, cast, eps);
#else
  const at::Tensor wide = x.to(at::kFloat);
  const at::Tensor scale = at::rsqrt(wide.square().mean(-1, true) + eps);
  return (wide * scale).to(x.scalar_type()) * cast;
#endif
}

at::Tensor torch_rotate(const at::Tensor& x, const at::Tensor& cosines, const at::Tensor& sines) {
  const int64_t half = x.size(2) / 2;
  const at::Tensor first = x.narrow(2, 0, half);
  const at::Tensor second = x.narrow(2, half, half);
  return at::cat({first * cosines - second * sines, second * cosines + first * sines}, 2);
}

at::Tensor torch_causal_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  return fused_causal_attention(q, k, v);
}

at::Tensor torch_masked_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                  const at::Tensor& mask) {
#ifdef CACO_HAS_ATTENTION
  return at::scaled_dot_product_attention(q, k, v, mask);
#else
  return plain_attention(q, k, v, mask);
#endif
}

TorchRows::TorchRows(const PackedBatch& batch, const at::Device& device) {
  std::vector<int64_t> ids(batch.tokens.begin(), batch.tokens.end());
  std::vector<int64_t> places(ids.size());
  for (size_t i = 1; i < batch.starts.size(); ++i) {
    std::iota(places.begin() + batch.starts[i - 1], places.begin() + batch.starts[i], int64_t{0});
  }
  std::vector<int64_t> back(ids.size());
  int64_t num_rows = 0;
  bool is_in_order = true;
  for (const auto& documents : group_documents(batch)) {
    Group group;
    group.num_documents = static_cast<int64_t>(documents.size());
    group.length = documents.front().second;
    longest = std::max(longest, group.length);
    std::vector<int64_t> rows;
    for (const auto& [first, length] : documents) {
      for (int64_t i = 0; i < group.length; ++i, ++num_rows) {
        const int64_t row = first + std::min(i, length - 1);
        is_in_order = is_in_order && i < length && row == num_rows;
        if (i < length) back[static_cast<size_t>(row)] = num_rows;
        rows.push_back(row);
      }
    }
    group.rows = to_device(rows, device);
    groups.push_back(std::move(group));
  }
  std::vector<int64_t> with_target;
  std::vector<int64_t> targets;
  for (size_t i = 0; i < batch.targets.size(); ++i) {
    if (batch.targets[i] < 0) continue;
    with_target.push_back(static_cast<int64_t>(i));
    targets.push_back(batch.targets[i]);
  }
  tokens = to_device(ids, device);
  positions = to_device(places, device);
  if (!is_in_order) restore = to_device(back, device);
  target_row = to_device(with_target, device);
  target_id = to_device(targets, device);
}

at::Tensor torch_packed_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                  const TorchRows& rows) {
  const int64_t width = q.size(1) * q.size(2);
  std::vector<at::Tensor> parts;
  int64_t at_row = 0;
  for (const TorchRows::Group& group : rows.groups) {
    const int64_t count = group.num_documents * group.length;
    const auto take = [&](const at::Tensor& x) {
      const at::Tensor taken =
          rows.restore.defined() ? x.index_select(0, group.rows) : x.narrow(0, at_row, count);
      return taken.view({group.num_documents, group.length, x.size(1), x.size(2)}).transpose(1, 2);
    };
    parts.push_back(
        torch_causal_attention(take(q), take(k), take(v)).transpose(1, 2).reshape({count, width}));
    at_row += count;
  }
  const at::Tensor all = parts.size() == 1 ? parts[0] : at::cat(parts);
  return rows.restore.defined() ? all.index_select(0, rows.restore) : all;
}

at::Tensor torch_chunked_loss(const at::Tensor& hidden, const at::Tensor& weight,
                              const at::Tensor& target) {
  const bool wants_gradient =
      at::GradMode::is_enabled() && (hidden.requires_grad() || weight.requires_grad());
  return ChunkedLoss::apply(hidden, weight, target, wants_gradient);
}

at::Tensor torch_recomputed(const std::function<at::Tensor(const at::Tensor&)>& body,
                            const at::Tensor& x) {
  // Of frozen origin it may be; the backward pass must come here for the leaves inside.
  return Recomputed::apply(&body, x.requires_grad() ? x : x.detach().requires_grad_(true));
}

void torch_adamw(const std::vector<at::Tensor>& values, const std::vector<at::Tensor>& gradients,
                 const std::vector<at::Tensor>& moments1, const std::vector<at::Tensor>& moments2,
                 const TorchAdamW& step) {
  if (values.empty()) return;
#ifdef CACO_HAS_FUSED_ADAMW
  const at::Tensor count =
      at::full({}, static_cast<double>(step.step), values[0].options().dtype(at::kFloat));
  const std::vector<at::Tensor> counts(values.size(), count);
  at::_fused_adamw_(values, gradients, moments1, moments2, {}, counts, step.learning_rate,
                    step.beta1, step.beta2, step.weight_decay, step.epsilon, /*amsgrad=*/false,
                    /*maximize=*/false);
#else
  for (size_t i = 0; i < values.size(); ++i)
    adamw_by_parts(values[i], gradients[i], moments1[i], moments2[i], step);
#endif
}

}  // namespace caco::lm
