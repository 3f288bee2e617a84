#include "caco/stages/rejection.h"

#include <utility>

namespace caco {

Rejection reject(RejectReason reason, std::string detail) {
  return Rejection{reason, "", std::move(detail)};
}

std::string join_names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names)
    text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace caco
