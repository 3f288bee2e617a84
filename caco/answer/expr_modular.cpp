#include "caco/answer/expr_modular.h"

#include <array>
#include <string_view>
#include <vector>

namespace caco {
namespace {

__extension__ typedef unsigned __int128 Wide;

// The two largest primes below 2^61.
constexpr std::array<uint64_t, kNumModularPoints> kPrimes = {2305843009213693951U,
                                                             2305843009213693921U};
constexpr uint64_t kSeed = 0x9e3779b97f4a7c15U;

uint64_t hash_name(std::string_view name) {
  uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : name)
    hash = mix_bits((hash ^ static_cast<unsigned char>(c)) + kSeed);
  return hash;
}

class ModularEvaluator {
 public:
  ModularEvaluator(const Expr& expr, int point)
      : expr_(expr),
        point_(static_cast<uint64_t>(point) + 1),
        prime_(kPrimes[static_cast<size_t>(point)]) {}

  std::optional<Residue> run() {
    nodes_.reserve(expr_.nodes.size());
    for (const ExprNode& node : expr_.nodes)
      nodes_.push_back(evaluate(node));
    const Node& root = nodes_.back();
    if (!root.is_defined) return std::nullopt;
    return Residue{root.value, root.is_rational};
  }

 private:
  struct Node {
    uint64_t value = 0;
    bool is_defined = true;
    bool is_rational = true;
    const mpq_class* constant = nullptr;  // of Number
    bool is_negated = false;              // the constant is to be negated
  };

  uint64_t multiply(uint64_t a, uint64_t b) const {
    return static_cast<uint64_t>(static_cast<Wide>(a) * b % prime_);
  }
  uint64_t raise(uint64_t base, uint64_t exponent) const {
    uint64_t result = 1;
    for (; exponent > 0; exponent >>= 1U) {
      if ((exponent & 1U) != 0) result = multiply(result, base);
      base = multiply(base, base);
    }
    return result;
  }
  uint64_t invert(uint64_t value) const { return raise(value, prime_ - 2); }

  Node number(const mpq_class& value) const {
    Node node;
    const uint64_t above = mpz_fdiv_ui(value.get_num_mpz_t(), prime_);
    const uint64_t below = value.get_den() == 1 ? 1 : mpz_fdiv_ui(value.get_den_mpz_t(), prime_);
    node.is_defined = below != 0;
    node.value = below == 1 ? above : multiply(above, invert(below));
    node.constant = &value;
    return node;
  }

  Node opaque(const ExprNode& source, uint64_t name) const {
    Node node;
    uint64_t hash = mix_bits(kSeed * (static_cast<uint64_t>(source.op) + 2) + point_) ^ name;
    for (const int32_t child : {source.left, source.right}) {
      if (child < 0) continue;
      const Node& operand = nodes_[static_cast<size_t>(child)];
      node.is_defined = node.is_defined && operand.is_defined;
      hash = mix_bits(hash + mix_bits(operand.value + kSeed));
    }
    node.value = hash % prime_;
    node.is_rational = false;
    return node;
  }

  Node evaluate(const ExprNode& source) const {
    Node node;
    switch (source.op) {
      case Op::Number:
        return number(expr_.numbers[static_cast<size_t>(source.datum)].value);
      case Op::Symbol: {
        const uint64_t name = hash_name(expr_.names[static_cast<size_t>(source.datum)]);
        node.value = mix_bits(name + point_ * kSeed) % prime_;
        return node;
      }
      case Op::Call:
        return opaque(source, hash_name(expr_.names[static_cast<size_t>(source.datum)]));
      case Op::Add:
      case Op::Subtract:
      case Op::Multiply:
      case Op::Divide:
        return arithmetic(source);
      case Op::Negate: {
        node = nodes_[static_cast<size_t>(source.left)];
        node.value = node.value == 0 ? 0 : prime_ - node.value;
        node.is_negated = !node.is_negated;
        return node;
      }
      case Op::Power:
        return power(source);
      default:
        return opaque(source, 0);
    }
  }

  Node arithmetic(const ExprNode& source) const {
    const Node& left = nodes_[static_cast<size_t>(source.left)];
    const Node& right = nodes_[static_cast<size_t>(source.right)];
    Node node;
    node.is_defined = left.is_defined && right.is_defined;
    node.is_rational = left.is_rational && right.is_rational;
    switch (source.op) {
      case Op::Add:
        node.value = (left.value + right.value) % prime_;
        break;
      case Op::Subtract:
        node.value = (left.value + prime_ - right.value) % prime_;
        break;
      case Op::Multiply:
        node.value = multiply(left.value, right.value);
        break;
      default:
        node.is_defined = node.is_defined && right.value != 0;
        node.value = multiply(left.value, invert(right.value));
    }
    return node;
  }

  Node power(const ExprNode& source) const {
    const Node& base = nodes_[static_cast<size_t>(source.left)];
    const Node& exponent = nodes_[static_cast<size_t>(source.right)];
    const mpq_class* constant = exponent.constant;
    if (constant == nullptr || constant->get_den() != 1 || !constant->get_num().fits_slong_p()) {
      return opaque(source, 0);
    }
    const long written = constant->get_num().get_si();
    const bool is_negative = (written < 0) != exponent.is_negated && written != 0;
    Node node;
    node.is_rational = base.is_rational;
    node.is_defined = base.is_defined && !(base.value == 0 && (is_negative || written == 0));
    const uint64_t size =
        written < 0 ? 0 - static_cast<uint64_t>(written) : static_cast<uint64_t>(written);
    node.value = raise(is_negative ? invert(base.value) : base.value, size);
    return node;
  }

  const Expr& expr_;
  uint64_t point_;
  uint64_t prime_;
  std::vector<Node> nodes_;
};

}  // namespace

std::optional<Residue> evaluate_modular(const Expr& expr, int point) {
  if (expr.empty()) return std::nullopt;
  return ModularEvaluator(expr, point).run();
}

std::optional<uint64_t> divide_residues(uint64_t left, uint64_t right, int point) {
  if (right == 0) return std::nullopt;
  const uint64_t prime = kPrimes[static_cast<size_t>(point)];
  Wide inverse = 1;
  Wide base = right;
  for (uint64_t exponent = prime - 2; exponent > 0; exponent >>= 1U) {
    if ((exponent & 1U) != 0) inverse = inverse * base % prime;
    base = base * base % prime;
  }
  return static_cast<uint64_t>(inverse * left % prime);
}

// Rational reconstruction (Wang 1981): the Euclidean algorithm on prime and residue stops at the
// first remainder below the square root of the prime; that over its cofactor is the fraction.
int sign_of_small_rational(uint64_t residue, int point) {
  constexpr int64_t kBound = 1 << 28;
  auto previous = static_cast<int64_t>(kPrimes[static_cast<size_t>(point)]);
  auto current = static_cast<int64_t>(residue);
  int64_t previous_factor = 0;
  int64_t factor = 1;
  while (current > kBound) {
    const int64_t quotient = previous / current;
    const int64_t next = previous - quotient * current;
    const int64_t next_factor = previous_factor - quotient * factor;
    previous = current;
    current = next;
    previous_factor = factor;
    factor = next_factor;
  }
  if (current == 0 || factor == 0 || factor > kBound || factor < -kBound) return 0;
  return factor > 0 ? 1 : -1;
}

}  // namespace caco
