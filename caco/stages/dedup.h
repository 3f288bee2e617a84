// dedup: lets each program through once. Two programs are the same when their normal form is:
// layout, comments and local names do not count, input values do. Seeds are also compared by
// question. The first in the order of the input stays; a rejection names its twin.
//
// Samples of earlier rounds are known, not passed on again: they went through the later steps then.
//
// The barrier sees seeds and generated programs together, so it also counts novelty: novelty.json
// in its folder says how many of the generated programs that ran and passed the rules are new, and
// how many have a structure (the same steps, whatever the names and numbers) that no seed has.
#pragma once

#include <cstdint>
#include <memory>

#include "caco/stages/stage.h"

namespace caco {

struct DedupOptions {
  bool compare_questions = true;
  int64_t max_per_structure = 0;  // 0 = no limit
};

void describe(OptionFields& fields, DedupOptions& options);

// What novelty.json holds, of one round.
struct Novelty {
  int64_t num_generated = 0;            // generated programs that came in
  int64_t num_unique = 0;               // of them, kept
  int64_t num_new_structures = 0;       // of the kept, with a structure that no seed has
  int64_t num_seed_structures = 0;      // different structures of the seeds
  int64_t num_distinct_structures = 0;  // different structures of the kept generated programs
  int64_t num_distinct_new = 0;         // of these, not among the seeds'
};

// Returns the barrier of one round. Rejections: DuplicateProgram (also above max_per_structure),
// DuplicateSeed. About 100 bytes of memory a sample.
std::unique_ptr<Barrier> make_dedup_barrier(const DedupOptions& options, int64_t round);

}  // namespace caco
