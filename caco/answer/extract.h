// Parts of the extraction of final answers (answer.h) that others need as well.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace caco {

// Returns the text without the calculator annotations of GSM8K: "4 * 6 = <<4*6=24>>24" becomes
// "4 * 6 = 24". Annotations span at most kMaxAnnotationBytes and no line end.
inline constexpr size_t kMaxAnnotationBytes = 400;
std::string remove_annotations(std::string_view text);

}  // namespace caco
