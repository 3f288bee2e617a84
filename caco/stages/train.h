// train: fine-tunes local checkpoints on what the run made so far.
//   The generator learns the programs alone, without any problem text (the paper's section 5), so
//   that it can be sampled unconditionally.
//   A student learns questions with their worked solutions (section 9): the measure of what a data
//   set is worth. Several students differ in the data they see, everything else being equal.
// Both write records {"prompt", "completion"} with the very prompts that the roles get later, and
// leave the checkpoint in the step's folder under model/. They emit no samples.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "caco/model/local_trainer.h"
#include "caco/model/prompts.h"
#include "caco/stages/stage.h"

namespace caco {

struct TrainOptions {
  double epochs = 2;
  double learning_rate = 5e-4;
  int64_t batch_tokens = 8192;  // of one optimizer step
  int64_t max_length = 512;     // tokens; longer records are left out
  int64_t min_records = 20;
  // From here on not described: the plan fills them in.
  std::filesystem::path base = {};  // checkpoint folder to start from
  int64_t seed = 0;                 // the recipe's seed
};

void describe(OptionFields& fields, TrainOptions& options);

// Which samples a student sees.
//   seeds       verified original problems
//   generated   verified problems that were written from generated programs
//   verified    both
//   unverified  solved samples as they came from the solver, right or wrong; its barrier reads the
//               solve step instead of the verify step
struct StudentOptions {
  std::string name = "student";
  std::string data = "verified";
  double fraction = 1;      // of those samples; a smaller part is contained in a larger one
  int64_t max_samples = 0;  // 0 = no limit
  int64_t rounds = 0;       // of the first rounds only; 0 = of all. The plan picks the steps
  TrainOptions train = {.epochs = 3};
};

void describe(OptionFields& fields, StudentOptions& options);

// Return the barriers. The trainer and the prompts must outlive them. Besides the trainer's Errors:
// NotFound when fewer than min_records records came together, with the numbers and what to do.
std::unique_ptr<Barrier> make_train_generator_barrier(const TrainOptions& options,
                                                      const LocalTrainer& trainer,
                                                      const PromptSet& prompts);
std::unique_ptr<Barrier> make_train_student_barrier(const StudentOptions& options,
                                                    const LocalTrainer& trainer,
                                                    const PromptSet& prompts);

}  // namespace caco
