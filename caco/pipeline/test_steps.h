// A small plan of real steps for tests of the run loop: two sources, a stage that fills a part, one
// that rejects, a barrier that drops doubles and one that "trains" a file which a later source
// depends on.
#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "caco/pipeline/run.h"

namespace caco::test {

// What a test may turn.
struct PlanOptions {
  int64_t num_seeds = 50;
  int64_t num_generated = 40;
  int64_t modulus = 7;                         // of the filter
  int64_t num_threads = 2;                     // of every step
  int64_t fail_at_seed = -1;                   // the marking stage meets an Error at this seed
  std::atomic<int64_t>* num_marked = nullptr;  // counts the samples that the marking stage saw
  std::atomic<bool>* cancel_soon = nullptr;    // set to true by the marking stage at seed 20
};

// Returns a new, empty folder for a test, in memory where the machine has such a place: these tests
// sync thousands of files.
std::filesystem::path make_test_folder(const std::string& name);

// 01-seeds -> 02-mark -> 03-filter -> 04-train; 05-generate (after 04) -> 06-mark-more;
// 07-dedup <- 03, 06.
std::vector<Step> make_plan(const PlanOptions& options, const std::filesystem::path& root);

// Returns the bytes of every file of the run by its name, without what holds measured times or
// process ids.
std::map<std::string, std::string> read_run(const std::filesystem::path& root);

}  // namespace caco::test
