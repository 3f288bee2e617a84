// Finds samples in the shards of a run by (the beginning of) their id.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "caco/base/result.h"
#include "caco/record/sample.h"
#include "caco/store/run_directory.h"

namespace caco {

// A sample as one step left it.
struct Sighting {
  std::string folder;
  Sample sample;  // with `rejection` when the step rejected it
};

// Returns every sighting of the sample whose id begins with `id`, in the order of `folders`.
// NotFound when there is none; InvalidArgument, with some of the ids, when several ids begin so.
Result<std::vector<Sighting>> find_sample(const RunDirectory& run,
                                          const std::vector<std::string>& folders,
                                          const std::string& id);

// Calls `visit` with every kept, or every rejected, sample of a step; false from it ends the walk.
Status for_each_sample(const RunDirectory& run, const std::string& folder, bool is_rejected,
                       const std::function<bool(const Sample&)>& visit);

// Returns the folders of the plan that the run was last made with.
Result<std::vector<std::string>> read_step_folders(const RunDirectory& run);

}  // namespace caco
