// Languages: the names under which the APIs know Python, and those that they know and this server
// does not run.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace caco {

// How SandboxFusion treats a language.
enum class FusionLanguage {
  Python,
  Compiled,     // it has a compile step
  Interpreted,  // it has none
};

// Returns nothing for a name that SandboxFusion does not know.
std::optional<FusionLanguage> fusion_language(std::string_view name);

// Returns whether Piston or a smaller API means Python by this name: python, python3, py, ...
bool is_python_name(std::string_view name);

// Returns whether a version selector ("*", "3", "3.11.x", "^3.10", ">=3.8") takes in `version`
// ("3.11.2").
bool selects_version(std::string_view selector, std::string_view version);

}  // namespace caco
