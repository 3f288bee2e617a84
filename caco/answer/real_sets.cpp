// Unions of intervals with exact ends in a normal form: sorted, and merged where they touch.
#include <algorithm>
#include <vector>

#include "caco/answer/relation.h"

namespace caco {
namespace {

constexpr size_t kMaxSpanPairs = 1000;

// An end of an interval; `side` is -1 just below the value, 0 at it, 1 just above it.
struct End {
  int infinite = 0;  // -1 or 1 for minus or plus infinity
  mpq_class value;
  int side = 0;
};

int compare(const End& a, const End& b) {
  if (a.infinite != b.infinite) return a.infinite < b.infinite ? -1 : 1;
  if (a.infinite != 0) return 0;
  const int order = cmp(a.value, b.value);
  return order != 0 ? order : a.side - b.side;
}

struct Span {
  End low;   // the first point is at or just above it
  End high;  // the last point is at or just below it
};

std::optional<End> end_of(const Value& value, int side) {
  End end;
  if (value.kind == ValueKind::Infinity) {
    end.infinite = value.is_negative ? -1 : 1;
  } else if (value.kind == ValueKind::Number && value.unit.name.empty()) {
    end.value = value.number.value;
    end.side = side;
  } else {
    return std::nullopt;
  }
  return end;
}

std::optional<std::vector<Span>> spans_of(const Value& set) {
  std::vector<Span> spans;
  for (const Value& item : set.items) {
    if (item.kind == ValueKind::Set) {
      for (const Value& point : item.items) {
        const std::optional<End> end = end_of(point, 0);
        if (!end.has_value()) return std::nullopt;
        spans.push_back({*end, *end});
      }
      continue;
    }
    if (item.kind != ValueKind::Interval) return std::nullopt;
    const std::optional<End> low = end_of(item.items[0], item.text[0] == '(' ? 1 : 0);
    const std::optional<End> high = end_of(item.items[1], item.text[1] == ')' ? -1 : 0);
    if (!low.has_value() || !high.has_value()) return std::nullopt;
    if (compare(*low, *high) <= 0) spans.push_back({*low, *high});
  }
  return spans;
}

// Whether nothing lies between the end of one span and the start of the next.
bool touches(const End& high, const End& low) {
  if (compare(low, high) <= 0) return true;
  if (high.infinite != 0 || low.infinite != 0 || high.value != low.value) return false;
  return low.side - high.side <= 1;
}

std::vector<Span> merged(std::vector<Span> spans) {
  std::sort(spans.begin(), spans.end(),
            [](const Span& a, const Span& b) { return compare(a.low, b.low) < 0; });
  std::vector<Span> out;
  for (const Span& span : spans) {
    if (out.empty() || !touches(out.back().high, span.low)) {
      out.push_back(span);
    } else if (compare(out.back().high, span.high) < 0) {
      out.back().high = span.high;
    }
  }
  return out;
}

// Returns the end as a value, for an interval or a set of one point.
Value value_of(const End& end) {
  Value value;
  value.kind = end.infinite == 0 ? ValueKind::Number : ValueKind::Infinity;
  value.is_negative = end.infinite < 0;
  value.number.value = end.value;
  return value;
}

}  // namespace

std::optional<Value> unite_sets(const Value& left, const Value& right) {
  Value both = left;
  both.items.insert(both.items.end(), right.items.begin(), right.items.end());
  return both;
}

std::optional<Value> subtract_sets(const Value& left, const Value& right) {
  const bool is_line_without_point =
      left.items.size() == 1 && left.items[0].kind == ValueKind::Interval &&
      left.items[0].items[0].kind == ValueKind::Infinity &&
      left.items[0].items[1].kind == ValueKind::Infinity && right.items.size() == 1 &&
      right.items[0].kind == ValueKind::Set && right.items[0].items.size() == 1;
  if (is_line_without_point) {
    const std::vector<Value>& ends = left.items[0].items;
    const Value& point = right.items[0].items[0];
    Value rest = left;
    rest.items = {interval_value('(', ends[0], point, ')'),
                  interval_value('(', point, ends[1], ')')};
    return rest;
  }
  const std::optional<std::vector<Span>> removed = spans_of(right);
  if (!removed.has_value()) return std::nullopt;
  // What lies between the removed spans.
  Value between = left;
  between.items.clear();
  End low{-1, 0, 0};
  const auto add = [&](const End& high) {
    between.items.push_back(interval_value(low.side == 0 && low.infinite == 0 ? '[' : '(',
                                           value_of(low), value_of(high),
                                           high.side == 0 && high.infinite == 0 ? ']' : ')'));
  };
  for (const Span& span : merged(*removed)) {
    if (span.low.infinite == 0) add(End{0, span.low.value, span.low.side > 0 ? 0 : -1});
    if (span.high.infinite != 0) return intersect_exact(left, between);
    low = End{0, span.high.value, span.high.side < 0 ? 0 : 1};
  }
  add(End{1, 0, 0});
  return intersect_exact(left, between);
}

std::optional<Value> intersect_exact(const Value& left, const Value& right) {
  const std::optional<std::vector<Span>> a = spans_of(left);
  const std::optional<std::vector<Span>> b = spans_of(right);
  if (!a.has_value() || !b.has_value() || a->size() * b->size() > kMaxSpanPairs) {
    return std::nullopt;
  }
  Value common;
  common.kind = ValueKind::Union;
  common.text = left.text;
  for (const Span& x : *a) {
    for (const Span& y : *b) {
      const End& low = compare(x.low, y.low) < 0 ? y.low : x.low;
      const End& high = compare(x.high, y.high) < 0 ? x.high : y.high;
      if (compare(low, high) > 0) continue;
      common.items.push_back(interval_value(low.side == 0 ? '[' : '(', value_of(low),
                                            value_of(high), high.side == 0 ? ']' : ')'));
    }
  }
  return common;
}

std::optional<bool> is_empty_set(const Value& set) {
  const std::optional<std::vector<Span>> spans = spans_of(set);
  if (!spans.has_value()) return std::nullopt;
  return spans->empty();
}

std::optional<bool> same_real_sets(const Value& left, const Value& right) {
  const std::optional<std::vector<Span>> a = spans_of(left);
  const std::optional<std::vector<Span>> b = spans_of(right);
  if (!a.has_value() || !b.has_value()) return std::nullopt;
  const std::vector<Span> x = merged(*a);
  const std::vector<Span> y = merged(*b);
  return std::equal(x.begin(), x.end(), y.begin(), y.end(), [](const Span& s, const Span& t) {
    return compare(s.low, t.low) == 0 && compare(s.high, t.high) == 0;
  });
}

}  // namespace caco
