#include "caco/pipeline/lazy_sandbox.h"

namespace caco {

Result<Sandbox*> LazySandbox::started() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (sandbox_ == nullptr) sandbox_ = TRY(Sandbox::create(options_));
  return sandbox_.get();
}

Result<Execution> LazySandbox::run(const std::string& program) {
  Sandbox* const sandbox = TRY(started());
  return sandbox->run(program);
}

std::vector<SandboxCheck> LazySandbox::checks() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return sandbox_ == nullptr ? std::vector<SandboxCheck>() : sandbox_->checks();
}

}  // namespace caco
