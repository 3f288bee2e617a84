#include "caco/cli/agreement_report.h"

#include <fmt/format.h>

namespace caco {
namespace {

constexpr std::array<Equality, 3> kVerdicts = {Equality::Equal, Equality::Different,
                                               Equality::Unknown};

// A cell of a table: one line, bars escaped.
std::string cell(std::string_view text) {
  std::string result = "`";
  for (const char byte : text.substr(0, 80)) {
    if (byte == '|') result += '\\';
    result += byte == '\n' || byte == '`' ? ' ' : byte;
  }
  return result + "`";
}

}  // namespace

void AgreementReport::add(const GradedLine& first, const GradedLine& second) {
  if (!first.error.empty()) {
    ++num_bad_;
    return;
  }
  const Equality left = first.grade.comparison.equality;
  const Equality right = second.grade.comparison.equality;
  ++counts_[static_cast<size_t>(left)][static_cast<size_t>(right)];
  if ((left == Equality::Equal) == (right == Equality::Equal)) return;
  ++num_disagreeing_;
  if (disagreeing_.size() < kMaxListedPairs) {
    disagreeing_.push_back({first.row.id, first.row.gold, first.row.predicted, left, right});
  }
}

int64_t AgreementReport::count(Equality first, Equality second) const {
  return counts_[static_cast<size_t>(first)][static_cast<size_t>(second)];
}

int64_t AgreementReport::num_pairs() const {
  int64_t sum = 0;
  for (const auto& row : counts_) {
    for (const int64_t each : row)
      sum += each;
  }
  return sum;
}

double AgreementReport::agreement() const {
  const auto total = static_cast<double>(num_pairs());
  return total > 0 ? (total - static_cast<double>(num_disagreeing_)) / total : 1;
}

double AgreementReport::kappa() const {
  const auto total = static_cast<double>(num_pairs());
  if (total <= 0) return 1;
  double first_equal = 0;
  double second_equal = 0;
  for (const Equality verdict : kVerdicts) {
    first_equal += static_cast<double>(count(Equality::Equal, verdict)) / total;
    second_equal += static_cast<double>(count(verdict, Equality::Equal)) / total;
  }
  const double by_chance = first_equal * second_equal + (1 - first_equal) * (1 - second_equal);
  return by_chance < 1 ? (agreement() - by_chance) / (1 - by_chance) : 1;
}

std::string AgreementReport::markdown() const {
  const std::string first(to_string(first_));
  const std::string second(to_string(second_));
  std::string text = fmt::format("# Agreement of {} and {}\n\n", first, second);
  text += fmt::format(
      "{} pairs, {} bad rows. Same decision on {:.2f} % of the pairs; Cohen's kappa {:.4f} "
      "(decision: equal or not).\n\n",
      num_pairs(), num_bad_, 100 * agreement(), kappa());
  text += fmt::format("| {} \\ {} | equal | different | unknown |\n|---|---:|---:|---:|\n", first,
                      second);
  for (const Equality verdict : kVerdicts) {
    text +=
        fmt::format("| {} | {} | {} | {} |\n", to_string(verdict), count(verdict, Equality::Equal),
                    count(verdict, Equality::Different), count(verdict, Equality::Unknown));
  }
  text += fmt::format("\n## Pairs on which they disagree: {}\n\n", num_disagreeing_);
  if (disagreeing_.empty()) return text;
  text +=
      fmt::format("| id | gold | prediction | {} | {} |\n|---|---|---|---|---|\n", first, second);
  for (const Pair& pair : disagreeing_) {
    const std::string id = pair.id.is_string() ? pair.id.get<std::string>() : dump_json(pair.id);
    text += fmt::format("| {} | {} | {} | {} | {} |\n", id, cell(pair.gold), cell(pair.predicted),
                        to_string(pair.first), to_string(pair.second));
  }
  if (num_disagreeing_ > static_cast<int64_t>(disagreeing_.size())) {
    text += fmt::format("\nThe first {} are listed.\n", disagreeing_.size());
  }
  return text;
}

Json AgreementReport::json() const {
  Json counts = Json::object();
  for (const Equality verdict : kVerdicts) {
    Json row = Json::object();
    for (const Equality other : kVerdicts)
      row[std::string(to_string(other))] = count(verdict, other);
    counts[std::string(to_string(verdict))] = row;
  }
  Json pairs = Json::array();
  for (const Pair& pair : disagreeing_) {
    pairs.push_back({{"id", pair.id},
                     {"gold", pair.gold},
                     {"pred", pair.predicted},
                     {"first", std::string(to_string(pair.first))},
                     {"second", std::string(to_string(pair.second))}});
  }
  return {{"first", std::string(to_string(first_))},
          {"second", std::string(to_string(second_))},
          {"pairs", num_pairs()},
          {"bad_rows", num_bad_},
          {"agreement", agreement()},
          {"kappa", kappa()},
          {"counts", counts},
          {"num_disagreeing", num_disagreeing_},
          {"disagreeing", pairs}};
}

}  // namespace caco
