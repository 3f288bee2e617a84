// The file rules of a jail (Landlock): what the interpreter and its programs may do with which
// paths, enforced by the kernel on top of the read-only root.
#pragma once

#include <string>
#include <vector>

namespace caco {

// Denies this process and all that comes of it every file right but reading below `readable` and,
// where `scratch` is not null, changing files below that folder; also TCP, and signals and abstract
// sockets to the outside. Returns nullptr, or the step that failed, with errno. Does nothing on
// kernels without Landlock: there the root, the filter and the self-test must do. Allocates no
// memory.
const char* restrict_files(const std::vector<std::string>& readable, const char* scratch);

}  // namespace caco
