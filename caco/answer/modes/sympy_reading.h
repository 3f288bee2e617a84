// What graders that ask SymPy get for an answer: the last stage of the modes. SymPy itself is not
// here; our engine decides on the text that SymPy's LaTeX parser would keep. So identities that
// SymPy cannot prove are accepted here, and what only its simplifier's heuristics accept is not.
#pragma once

#include <optional>
#include <string_view>

namespace caco {

// Returns whether the engine finds two LaTeX texts equal when letters beside each other are
// factors, never words, units or dates ("5 km" is 5*k*m), and numbers beside each other are factors
// as well. Symmetric; thread-safe.
bool latex_equal(std::string_view left, std::string_view right);

// Returns the nearest double of a text that is one real constant, as our engine reads it; nothing
// for anything else. Thread-safe.
std::optional<double> constant_value(std::string_view text);

// Returns whether two texts, each cut to the prefix that such a parser reads, are the same: as
// constants within the relative tolerance, as relations when the differences of their sides agree
// up to sign whatever the relations are, else by the engine. Symmetric; thread-safe.
bool sympy_equal(std::string_view left, std::string_view right, double relative_tolerance);

}  // namespace caco
