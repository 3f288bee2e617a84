// Small text operations with the semantics of Python's, which the graders that the modes reproduce
// are written in. Pure functions; thread-safe; linear unless said otherwise.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caco::text_rules {

bool starts_with(std::string_view text, std::string_view start);
bool ends_with(std::string_view text, std::string_view end);
bool contains(std::string_view text, std::string_view part);

// Replaces all occurrences, left to right.
void replace_all(std::string& text, std::string_view from, std::string_view to);

// Returns the text without blanks at its ends, or without the given characters there.
std::string_view strip(std::string_view text, std::string_view characters = " \t\n\r\f\v");
std::string_view strip_right(std::string_view text, std::string_view characters);

// Lower case of ASCII letters.
std::string lower(std::string_view text);

// Returns the parts between separators; one part when there is none.
std::vector<std::string> split(std::string_view text, std::string_view separator);

// Returns what follows the last occurrence of the mark, or nothing when it does not occur.
std::optional<std::string_view> after_last(std::string_view text, std::string_view mark);

// Returns the number that Python's float() makes of the text, or nothing.
std::optional<double> python_float(std::string_view text);

// Python's math.isclose.
bool is_close(double left, double right, double relative, double absolute);

// Returns the last match of -?digits*.?digits+ of the text without its commas; empty when none.
std::string last_number(std::string_view text);

// Returns the text after the last "boxed" or "oxed" mark up to the brace that closes it; to the end
// when no brace does; to the next $ when no brace follows. With `skips_escaped`, braces behind a
// backslash do not count.
std::string box_after(std::string_view text, std::string_view mark, bool skips_escaped);

// "\frac12" and "\frac1{23}" with braces around both arguments; the text unchanged when a \frac
// stands at its end.
std::string brace_fractions(std::string_view text);

// "3/4" alone becomes "\frac{3}{4}"; with `allows_roots`, parts that name sqrt do as well.
std::string fraction_of_slash(std::string_view text, bool allows_roots);

// Is the byte a letter, a digit or an underscore (bytes of other alphabets count as letters)?
bool is_word(char byte);

}  // namespace caco::text_rules
