// The Python sources that become part of the library.
#pragma once

#include <string_view>

namespace caco {

extern const std::string_view kWorkerSource;
extern const std::string_view kChildSource;
extern const std::string_view kCompatSource;
extern const std::string_view kScratchSource;
extern const std::string_view kFixedClockSource;
extern const std::string_view kMemorySource;
extern const std::string_view kWarmUpSource;
extern const std::string_view kPlainValuesSource;  // module caco_plain_values
extern const std::string_view kEncodeSource;
extern const std::string_view kSelfTestSource;

}  // namespace caco
