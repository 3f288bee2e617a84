#include "caco/answer/expr_names.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "caco/answer/text_pieces.h"

namespace caco {
namespace {

using FunctionTable = std::unordered_map<std::string_view, FunctionName>;

const FunctionTable& functions() {
  static const FunctionTable kFunctions = {
      {"sin", {Op::Sin, 1}},
      {"cos", {Op::Cos, 1}},
      {"tan", {Op::Tan, 1}},
      {"tg", {Op::Tan, 1}},
      {"cot", {Op::Cot, 1}},
      {"ctg", {Op::Cot, 1}},
      {"sec", {Op::Sec, 1}},
      {"csc", {Op::Csc, 1}},
      {"cosec", {Op::Csc, 1}},
      {"arcsin", {Op::Asin, 1}},
      {"asin", {Op::Asin, 1}},
      {"arccos", {Op::Acos, 1}},
      {"acos", {Op::Acos, 1}},
      {"arctan", {Op::Atan, 1}},
      {"atan", {Op::Atan, 1}},
      {"arctg", {Op::Atan, 1}},
      {"arccot", {Op::Acot, 1}},
      {"acot", {Op::Acot, 1}},
      {"sinh", {Op::Sinh, 1}},
      {"cosh", {Op::Cosh, 1}},
      {"tanh", {Op::Tanh, 1}},
      {"sech", {Op::Cosh, 1}},
      {"csch", {Op::Sinh, 1}},
      {"cosech", {Op::Sinh, 1}},
      {"coth", {Op::Tanh, 1}},
      {"asinh", {Op::Sinh, 1}},
      {"arsinh", {Op::Sinh, 1}},
      {"arcsinh", {Op::Sinh, 1}},
      {"acosh", {Op::Cosh, 1}},
      {"arcosh", {Op::Cosh, 1}},
      {"arccosh", {Op::Cosh, 1}},
      {"atanh", {Op::Tanh, 1}},
      {"artanh", {Op::Tanh, 1}},
      {"arctanh", {Op::Tanh, 1}},
      {"exp", {Op::Exp, 1}},
      {"ln", {Op::Ln, 1}},
      {"log", {Op::Log, 1}},
      {"lg", {Op::Log, 1}},
      {"sqrt", {Op::Root, 1}},
      {"cbrt", {Op::Root, 1}},
      {"abs", {Op::Abs, 1}},
      {"Abs", {Op::Abs, 1}},
      {"floor", {Op::Floor, 1}},
      {"ceil", {Op::Ceiling, 1}},
      {"ceiling", {Op::Ceiling, 1}},
      {"factorial", {Op::Factorial, 1}},
      {"gamma", {Op::Gamma, 1}},
      {"binomial", {Op::Binomial, 2}},
      {"binom", {Op::Binomial, 2}},
      {"comb", {Op::Binomial, 2}},
      {"max", {Op::Maximum, 0}},
      {"Max", {Op::Maximum, 0}},
      {"min", {Op::Minimum, 0}},
      {"Min", {Op::Minimum, 0}},
      {"gcd", {Op::Gcd, 0}},
      {"lcm", {Op::Lcm, 0}},
      {"Mod", {Op::Modulo, 2}},
      {"pow", {Op::Power, 2}},
      {"Pow", {Op::Power, 2}},
      {"root", {Op::Root, 2}},
      {"Rational", {Op::Divide, 2}},
      {"Fraction", {Op::Divide, 2}},
      {"conjugate", {Op::Conjugate, 1}},
  };
  return kFunctions;
}

const std::unordered_map<std::string_view, std::string_view>& greek() {
  static const std::unordered_map<std::string_view, std::string_view> kGreek = {
      {"alpha", "alpha"},
      {"beta", "beta"},
      {"delta", "delta"},
      {"epsilon", "epsilon"},
      {"varepsilon", "epsilon"},
      {"zeta", "zeta"},
      {"eta", "eta"},
      {"theta", "theta"},
      {"vartheta", "theta"},
      {"iota", "iota"},
      {"kappa", "kappa"},
      {"lambda", "lambda"},
      {"mu", "mu"},
      {"nu", "nu"},
      {"xi", "xi"},
      {"rho", "rho"},
      {"varrho", "rho"},
      {"sigma", "sigma"},
      {"tau", "tau"},
      {"upsilon", "upsilon"},
      {"phi", "phi"},
      {"varphi", "phi"},
      {"chi", "chi"},
      {"psi", "psi"},
      {"omega", "omega"},
      {"Gamma", "Gamma"},
      {"Delta", "Delta"},
      {"Theta", "Theta"},
      {"Lambda", "Lambda"},
      {"Xi", "Xi"},
      {"Pi", "Pi"},
      {"Sigma", "Sigma"},
      {"Phi", "Phi"},
      {"Psi", "Psi"},
      {"Omega", "Omega"},
      {"ell", "l"},
      {"gamma", "gamma"},
      {"hbar", "hbar"},
  };
  return kGreek;
}

constexpr size_t kLongestName = 10;
constexpr int kMostLetters = 3;

// Short words that stand beside mathematics and are no products.
constexpr std::array<std::string_view, 36> kWordsInExpressions = {
    "or",  "and", "is",  "of",  "to",  "in",  "if",  "no",  "an",  "as",  "at",  "by",
    "on",  "so",  "we",  "it",  "the", "for", "not", "all", "any", "are", "but", "one",
    "two", "six", "ten", "per", "odd", "yes", "set", "mod", "bad", "let", "men", "has"};

}  // namespace

bool is_inverse_hyperbolic(std::string_view name) {
  return name.size() > 4 && name.front() == 'a' && name.ends_with('h');
}

bool is_reciprocal_hyperbolic(std::string_view name) {
  return name == "sech" || name == "csch" || name == "cosech" || name == "coth";
}

std::optional<FunctionName> find_function(std::string_view name) {
  const auto found = functions().find(name);
  if (found == functions().end()) return std::nullopt;
  return found->second;
}

std::optional<Op> find_constant(std::string_view name) {
  if (name == "pi") return Op::Pi;
  if (name == "infinity" || name == "infty" || name == "oo" || name == "inf") return Op::Infinity;
  if (name == "imath") return Op::Imaginary;
  return std::nullopt;
}

std::string_view find_greek(std::string_view name) {
  const auto found = greek().find(name);
  return found == greek().end() ? std::string_view() : found->second;
}

std::string_view known_prefix(std::string_view letters) {
  for (size_t size = std::min(letters.size(), kLongestName); size >= 2; --size) {
    const std::string_view name = letters.substr(0, size);
    const bool is_greek = !find_greek(name).empty() && name.size() == letters.size();
    if (find_function(name).has_value() || find_constant(name).has_value() || is_greek) return name;
  }
  return {};
}

bool is_plausible_product(std::string_view letters) {
  if (is_among(kWordsInExpressions, letters)) return false;
  int num_single = 0;
  bool is_alphabetical = true;
  for (size_t at = 0; at < letters.size();) {
    const std::string_view known = known_prefix(letters.substr(at));
    if (known.empty()) ++num_single;
    if (at > 0 && letters[at] != letters[at - 1] + 1) is_alphabetical = false;
    at += std::max<size_t>(known.size(), 1);
  }
  return num_single <= kMostLetters || is_alphabetical;
}

Op inverse_of(Op op) {
  switch (op) {
    case Op::Sin:
      return Op::Asin;
    case Op::Cos:
      return Op::Acos;
    case Op::Tan:
      return Op::Atan;
    case Op::Cot:
      return Op::Acot;
    default:
      return Op::Call;
  }
}

}  // namespace caco
