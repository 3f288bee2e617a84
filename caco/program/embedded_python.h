// The Python sources that look at programs, as parts of the library. The sandbox loads them into
// its interpreters.
#pragma once

#include <string_view>

namespace caco {

extern const std::string_view kFactsSource;        // module caco_facts
extern const std::string_view kInputUseSource;     // module caco_input_use
extern const std::string_view kWrittenFormSource;  // module caco_written_form
extern const std::string_view kUnifiedTextSource;  // module caco_unified_text
extern const std::string_view kUnifySource;        // module caco_unify

}  // namespace caco
