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
    ++x_num_bad;
    return;
  }
  const Equality left = first.grade.comparison.equality;
  const Equality right = second.grade.comparison.equality;
  ++x_counts[static_cast<size_t>(left)][static_cast<size_t>(right)];
  if ((left == Equality::Equal) == (right == Equality::Equal)) return;
  ++x_num_disagreeing;
  if (x_disagreeing.size() < kMaxListedPairs) {
    x_disagreeing.push_back({first.row.id, first.row.gold, first.row.predicted, left, right});
  }
}

int64_t AgreementReport::count(Equality first, Equality second) const {
  return x_counts[static_cast<size_t>(first)][static_cast<size_t>(second)];
}

int64_t AgreementReport::num_pairs() const {
  int64_t sum = 0;
  for (const auto& row : x_counts) {
    for (const int64_t each : row)
      sum += each;
  }
  return sum;
}

double AgreementReport::agreement() const {
  const auto total = static_cast<double>(num_pairs());
  return total > 0 ? (total - static_cast<double>(x_num_disagreeing)) / total : 1;
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
  const std::string first(to_string(x_first));
  const std::string second(to_string(x_second));
  std::string text = fmt::format("# Agreement of {} and {}\n\n", first, second);
  text += fmt::format(
      "{} pairs, {} bad rows. Same decision on {:.2f} % of the pairs; Cohen's kappa {:.4f} "
      "(decision: equal or not).\n\n",
      num_pairs(), x_num_bad, 100 * agreement(), kappa());
  text += fmt::format("| {} \\ {} | equal | different | unknown |\n|---|---:|---:|---:|\n", first,
                      second);
  for (const Equality verdict : kVerdicts) {
    text +=
        fmt::format("| {} | {} | {} | {} |\n", to_string(verdict), count(verdict, Equality::Equal),
                    count(verdict, Equality::Different), count(verdict, Equality::Unknown));
  }
  text += fmt::format("\n## Pairs on which they disagree: {}\n\n", x_num_disagreeing);
  if (x_disagreeing.empty()) return text;
  text +=
      fmt::format("| id | gold | prediction | {} | {} |\n|---|---|---|---|---|\n", first, second);
  for (const Pair& pair : x_disagreeing) {
    const std::string id = pair.id.is_string() ? pair.id.get<std::string>() : dump_json(pair.id);
    text += fmt::format("| {} | {} | {} | {} | {} |\n", id, cell(pair.gold), cell(pair.predicted),
                        to_string(pair.first), to_string(pair.second));
  }
  if (x_num_disagreeing > static_cast<int64_t>(x_disagreeing.size())) {
    text += fmt::format("\nThe first {} are listed.\n", x_disagreeing.size());
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
  for (const Pair& pair : x_disagreeing) {
    pairs.push_back({{"id", pair.id},
                     {"gold", pair.gold},
                     {"pred", pair.predicted},
                     {"first", std::string(to_string(pair.first))},
                     {"second", std::string(to_string(pair.second))}});
  }
  return {{"first", std::string(to_string(x_first))},
          {"second", std::string(to_string(x_second))},
          {"pairs", num_pairs()},
          {"bad_rows", x_num_bad},
          {"agreement", agreement()},
          {"kappa", kappa()},
          {"counts", counts},
          {"num_disagreeing", x_num_disagreeing},
          {"disagreeing", pairs}};
}

}  // namespace caco
