#include "caco/answer/moment.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "caco/answer/clean_text.h"

namespace caco {
namespace {

constexpr size_t kMaxMomentBytes = 64;
constexpr int64_t kSecondsPerHour = 3600;

// A word or a number of the text; separators are tokens of one character.
struct Token {
  std::string word;  // lower case, or the separator
  int64_t number = -1;
  size_t num_digits = 0;
};

std::vector<Token> tokenize(std::string_view text) {
  std::vector<Token> tokens;
  for (size_t i = 0; i < text.size();) {
    Token token;
    if (is_digit(text[i])) {
      token.number = 0;
      while (i < text.size() && is_digit(text[i]) && token.num_digits < 9) {
        token.number = token.number * 10 + (text[i++] - '0');
        ++token.num_digits;
      }
    } else if (is_letter(text[i])) {
      // "p.m." is one word.
      while (i < text.size() && (is_letter(text[i]) || text[i] == '.')) {
        if (text[i] != '.') token.word += text[i];
        ++i;
      }
      token.word = fold_case_and_space(token.word);
    } else if (is_space(text[i])) {
      ++i;
      continue;
    } else {
      token.word = text[i++];
    }
    tokens.push_back(std::move(token));
  }
  return tokens;
}

int64_t month_of(std::string_view word) {
  static constexpr std::array<std::string_view, 12> kMonths = {
      "january", "february", "march",     "april",   "may",      "june",
      "july",    "august",   "september", "october", "november", "december"};
  for (size_t i = 0; i < kMonths.size(); ++i) {
    if (kMonths[i] == word || (word.size() == 3 && kMonths[i].starts_with(word)) ||
        (word == "sept" && i == 8)) {
      return static_cast<int64_t>(i) + 1;
    }
  }
  return -1;
}

int64_t weekday_of(std::string_view word) {
  static constexpr std::array<std::string_view, 7> kDays = {
      "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
  for (size_t i = 0; i < kDays.size(); ++i) {
    const bool is_short = word.size() == 3 && kDays[i].starts_with(word);
    if (kDays[i] == word || is_short) return static_cast<int64_t>(i);
  }
  return -1;
}

class MomentParser {
 public:
  explicit MomentParser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  std::optional<Moment> run() {
    if (iso_date()) {
      if (accept("t") || at_ < tokens_.size()) {
        if (!time()) return std::nullopt;
      }
      return finish();
    }
    at_ = 0;
    moment_ = Moment();
    if (slashed_date()) return finish();
    at_ = 0;
    moment_ = Moment();
    if (time()) return finish();
    at_ = 0;
    moment_ = Moment();
    if (worded_date()) return finish();
    return std::nullopt;
  }

 private:
  std::optional<Moment> finish() const {
    if (at_ != tokens_.size()) return std::nullopt;
    if (moment_.month != -1 && (moment_.month < 1 || moment_.month > 12)) return std::nullopt;
    if (moment_.day != -1 && (moment_.day < 1 || moment_.day > 31)) return std::nullopt;
    return moment_;
  }

  const Token* peek() const { return at_ < tokens_.size() ? &tokens_[at_] : nullptr; }

  bool accept(std::string_view word) {
    if (peek() == nullptr || peek()->number >= 0 || peek()->word != word) return false;
    ++at_;
    return true;
  }

  bool number(int64_t& value, size_t fewest_digits, size_t most_digits) {
    const Token* token = peek();
    if (token == nullptr || token->number < 0 || token->num_digits < fewest_digits ||
        token->num_digits > most_digits) {
      return false;
    }
    value = token->number;
    ++at_;
    return true;
  }

  bool iso_date() {
    return number(moment_.year, 4, 4) && accept("-") && number(moment_.month, 2, 2) &&
           accept("-") && number(moment_.day, 2, 2);
  }

  // "2001/05/06", "12/31/1999", "31/12/1999"
  bool slashed_date() {
    if (number(moment_.year, 4, 4)) {
      return accept("/") && number(moment_.month, 1, 2) && accept("/") && number(moment_.day, 1, 2);
    }
    const bool is_read = number(moment_.month, 1, 2) && accept("/") && number(moment_.day, 1, 2) &&
                         accept("/") && number(moment_.year, 4, 4);
    if (!is_read) return false;
    if (moment_.month > 12) std::swap(moment_.month, moment_.day);
    moment_.is_day_first_open = moment_.day <= 12 && moment_.day != moment_.month;
    return moment_.month >= 1 && moment_.month <= 12 && moment_.day >= 1;
  }

  // "3:15", "15:30:20", "3:15 PM", "9 a.m.", "5 o'clock"
  bool time() {
    int64_t hour = 0;
    int64_t minute = 0;
    int64_t second = 0;
    if (!number(hour, 1, 2)) return false;
    const bool has_minutes = accept(":");
    if (has_minutes && !number(minute, 2, 2)) return false;
    const bool has_seconds = has_minutes && accept(":");
    if (has_seconds && !number(second, 2, 2)) return false;
    const bool has_clock = !has_minutes && accept("o") && accept("'") && accept("clock");
    const bool is_morning = accept("am");
    const bool is_afternoon = !is_morning && accept("pm");
    const bool has_half = is_morning || is_afternoon;
    if (!has_minutes && !has_half && !has_clock) return false;
    if (hour > (has_half ? 12 : 24) || (has_half && hour == 0) || minute > 59 || second > 59) {
      return false;
    }
    if (has_half) hour = hour % 12 + (is_afternoon ? 12 : 0);
    moment_.second_of_day = hour * kSecondsPerHour + minute * 60 + second;
    moment_.has_half = has_half || hour == 0 || hour > 12;
    moment_.is_ratio = !has_half && !has_seconds && moment_.year == -1;
    return true;
  }

  // "[Tuesday,] March 5[th][,] [2024]", "5[th] [of] March [2024]", "March 2024"
  bool worded_date() {
    if (peek() != nullptr && weekday_of(peek()->word) >= 0) {
      ++at_;
      accept(",");
    }
    const bool day_first = number(moment_.day, 1, 2);
    if (day_first) {
      ordinal_ending();
      accept("of");
    }
    if (peek() == nullptr || month_of(peek()->word) < 0) return false;
    moment_.month = month_of(peek()->word);
    ++at_;
    if (!day_first && number(moment_.day, 1, 2)) ordinal_ending();
    accept(",");
    number(moment_.year, 4, 4);
    return moment_.day != -1 || moment_.year != -1;
  }

  void ordinal_ending() {
    if (!accept("st") && !accept("nd") && !accept("rd")) accept("th");
  }

  std::vector<Token> tokens_;
  size_t at_ = 0;
  Moment moment_;
};

}  // namespace

bool same_calendar_name(std::string_view left, std::string_view right) {
  const bool same_month = month_of(left) >= 0 && month_of(left) == month_of(right);
  return same_month || (weekday_of(left) >= 0 && weekday_of(left) == weekday_of(right));
}

std::optional<Moment> parse_moment(std::string_view text) {
  text = trim(text);
  if (text.size() < 4 || text.size() > kMaxMomentBytes) return std::nullopt;
  // Most answers are plain numbers: leave them early.
  const bool has_two_slashes = text.find('/') != text.rfind('/');
  if ((!has_two_slashes && text.find_first_not_of("0123456789.,/ ") == std::string_view::npos) ||
      text.find_first_of("0123456789") == std::string_view::npos) {
    return std::nullopt;
  }
  return MomentParser(tokenize(text)).run();
}

}  // namespace caco
