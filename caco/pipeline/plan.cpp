#include "caco/pipeline/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "caco/base/hash.h"
#include "caco/pipeline/funnel_rows.h"
#include "caco/pipeline/recipe_check.h"
#include "caco/report/data_set_card.h"
#include "caco/report/funnel.h"
#include "caco/seeds/families.h"
#include "caco/store/counts.h"

namespace caco {
namespace {

using Index = int64_t;

// How the steps of a round hand on to the next.
struct RoundSteps {
  Index filtered = 0;  // generated programs that run and pass the rules
  Index unique = 0;
  Index solved = 0;
  Index verified = 0;
};

std::string sandbox_fingerprint(SandboxOptions options) {
  OptionFields fields;
  describe(fields, options);
  return "sandbox " + dump_json(options_to_json(fields, /*only_affecting=*/true));
}

}  // namespace

// Adds steps to a plan. The two functions at its end are the table of contents.
class PlanBuilder {
 public:
  explicit PlanBuilder(Plan& plan)
      : plan_(plan), recipe_(plan.recipe_), options_(plan.recipe_), prompts_(plan.prompts_) {}

  Status build();

 private:
  struct Generator {
    LanguageModel* model = nullptr;
    std::vector<Index> trained;  // the step that trains it, if one does
  };
  Result<Generator> build_generator(int64_t round, Index seeds,
                                    const std::vector<RoundSteps>& rounds);
  Status build_round(int64_t round, Index seeds, std::vector<RoundSteps>& rounds);
  Status build_students(const std::vector<RoundSteps>& rounds);

  Result<LanguageModel*> open_role(const std::string& model) {
    if (model.empty()) return static_cast<LanguageModel*>(nullptr);
    const ModelBinding binding =
        TRY(find_model(recipe_, model, plan_.installation_.shipped_models));
    return plan_.endpoints_.open(binding);
  }

  // Opens the checkpoint that an earlier step leaves in its folder.
  Result<LanguageModel*> open_trained(const ModelBinding& base, Index step) {
    ModelBinding binding = base;
    binding.path = (plan_.run_.step(plan_.steps_[at(step)].folder) / "model").string();
    return plan_.endpoints_.open(binding);
  }

  Index add(int64_t round, int64_t number, const std::string& name, decltype(Step::work) work,
            std::vector<Index> inputs, StepEstimate estimate) {
    Step step;
    step.folder = step_folder_name({round, number, name});
    step.work = std::move(work);
    step.inputs = std::move(inputs);
    plan_.steps_.push_back(std::move(step));
    plan_.estimates_.push_back(std::move(estimate));
    return static_cast<Index>(plan_.steps_.size()) - 1;
  }

  static size_t at(Index index) { return static_cast<size_t>(index); }
  Step& last() { return plan_.steps_.back(); }
  int64_t samples_of(Index step) const { return plan_.estimates_[at(step)].num_samples; }

  // A step that makes no requests to a model.
  StepEstimate plain(int64_t num_samples) const { return {num_samples, "", 0, 0}; }
  // One that asks for `num_choices` replies for each sample.
  StepEstimate asking(const std::string& model, int64_t num_samples, int64_t num_choices,
                      const Sampling& sampling) const {
    if (model.empty()) return plain(num_samples);
    return {num_samples, model, num_samples, num_samples * num_choices * sampling.max_tokens};
  }

  Plan& plan_;
  const Recipe& recipe_;
  Recipe options_;  // the recipe with what stages want filled in by the plan
  const PromptSet& prompts_;
};

Status PlanBuilder::build() {
  const std::string sandbox_text = sandbox_fingerprint(recipe_.sandbox);
  const ModelCalls calls = {recipe_.run.seed, recipe_.run.model_batch_size,
                            recipe_.run.model_batches};
  options_.unify.calls = calls;
  options_.generate.calls = calls;
  options_.reverse.calls = calls;
  options_.solve.calls = calls;
  options_.verify.calls = calls;
  options_.evaluate.calls = calls;
  options_.execute.sandbox = recipe_.sandbox;

  // Seed problems, as the user brought them or as the families make them.
  std::unique_ptr<Source> seeds_source =
      make_seeds_source({recipe_.seeds, recipe_.run.seed, plan_.installation_.families_folder},
                        plan_.families_sandbox_);
  const int64_t num_seeds = TRY(seeds_source->total());
  const Index raw = add(1, 1, "seeds", std::move(seeds_source), {}, plain(num_seeds));

  // Each in the unified program form: rewritten where it has a program, by a model where it has
  // only words.
  LanguageModel* const unifier = TRY(open_role(recipe_.roles.unifier));
  const Index unified =
      add(1, 2, "unify", make_unify_stage(options_.unify, plan_.sandbox_, unifier, prompts_), {raw},
          asking(recipe_.roles.unifier, num_seeds, 1, recipe_.unify.sampling));
  last().shared_fingerprint = sandbox_text;

  // Run, and kept when it passes the rules and gives the gold answer.
  const Index executed =
      add(1, 3, "execute-seeds", make_execute_stage(options_.execute, plan_.sandbox_), {unified},
          plain(num_seeds));
  const Index seeds =
      add(1, 4, "filter-seeds", make_filter_stage(recipe_.filter, FilterKind::Seeds), {executed},
          plain(num_seeds));

  // The loop, once a round: new programs, then problems and solutions for them.
  std::vector<RoundSteps> rounds;
  for (int64_t round = 1; round <= recipe_.run.rounds; ++round)
    TRY(build_round(round, seeds, rounds));

  // The data set, from what was verified in all rounds. It also tells where every sample went, so
  // it comes after everything.
  std::vector<std::string> folders;
  std::vector<Index> before;
  for (const Step& step : plan_.steps_) {
    before.push_back(static_cast<Index>(folders.size()));
    folders.push_back(step.folder);
  }
  std::vector<Index> verified;
  int64_t num_rows = 0;
  for (const RoundSteps& steps : rounds) {
    verified.push_back(steps.verified);
    num_rows += samples_of(steps.verified);
  }
  const auto write_documents = [&plan = plan_, folders](const DataSetSummary& summary) {
    return plan.write_documents(summary, read_counts(plan.run_, folders));
  };
  add(1, 13, "assemble", make_assemble_barrier(recipe_.assemble, write_documents), verified,
      plain(num_rows));
  last().after = before;
  last().shared_fingerprint = plan_.installation_.version + " " + hash_data_options(recipe_);

  // What the data is worth: students trained on it, and all of them measured.
  return build_students(rounds);
}

// The generator learns the programs of the seeds and of what earlier rounds verified. One that is
// not a local checkpoint is asked as it is.
Result<PlanBuilder::Generator> PlanBuilder::build_generator(int64_t round, Index seeds,
                                                            const std::vector<RoundSteps>& rounds) {
  ModelBinding binding =
      TRY(find_model(recipe_, recipe_.roles.generator, plan_.installation_.shipped_models));
  if (binding.kind != "local") return Generator{TRY(open_role(recipe_.roles.generator)), {}};
  options_.train.base = binding.path;
  options_.train.seed = recipe_.run.seed;
  std::vector<Index> lessons = {seeds};
  int64_t num_lessons = samples_of(seeds);
  for (const RoundSteps& earlier : rounds) {
    lessons.push_back(earlier.verified);
    num_lessons += samples_of(earlier.verified);
  }
  const Index train = add(round, 5, "train-generator",
                          make_train_generator_barrier(options_.train, plan_.trainer_, prompts_),
                          lessons, {num_lessons, recipe_.roles.generator, 0, 0});
  return Generator{TRY(open_trained(binding, train)), {train}};
}

Status PlanBuilder::build_round(int64_t round, Index seeds, std::vector<RoundSteps>& rounds) {
  RoundSteps steps;

  // New programs, sampled without any condition.
  const Generator generator = TRY(build_generator(round, seeds, rounds));
  const int64_t num_new = recipe_.generate.num_samples;
  const Index generated =
      add(round, 6, "generate",
          make_generate_source(options_.generate, *generator.model, prompts_, round), {},
          asking(recipe_.roles.generator, num_new, 1, recipe_.generate.sampling));
  last().after = generator.trained;

  // The same checks as for seeds, but without a gold answer.
  const Index executed =
      add(round, 7, "execute", make_execute_stage(options_.execute, plan_.sandbox_), {generated},
          plain(num_new));
  steps.filtered = add(round, 8, "filter", make_filter_stage(recipe_.filter, FilterKind::Generated),
                       {executed}, plain(num_new));

  // Each program once. From here on the first round's seeds go the way of generated programs; later
  // rounds only look at what was there.
  std::vector<Index> candidates;
  candidates.reserve(rounds.size() + 2);
  for (const RoundSteps& earlier : rounds)
    candidates.push_back(earlier.unique);
  if (round == 1) candidates.push_back(seeds);
  candidates.push_back(steps.filtered);
  const int64_t num_unique = num_new + (round == 1 ? samples_of(seeds) : 0);
  steps.unique = add(round, 9, "dedup", make_dedup_barrier(recipe_.dedup, round), candidates,
                     plain(num_unique));
  last().passes_on =
      round == 1 ? std::vector<Index>{seeds, steps.filtered} : std::vector<Index>{steps.filtered};

  // A problem in words for each program that has none; seeds have theirs.
  LanguageModel* const reverser = TRY(open_role(recipe_.roles.reverser));
  StepEstimate reversing = asking(recipe_.roles.reverser, num_new, recipe_.reverse.num_candidates,
                                  recipe_.reverse.sampling);
  reversing.num_samples = num_unique;
  const Index reversed =
      add(round, 10, "reverse", make_reverse_stage(options_.reverse, *reverser, prompts_),
          {steps.unique}, reversing);

  // Solutions, from the problem's words alone.
  LanguageModel* const solver = TRY(open_role(recipe_.roles.solver));
  steps.solved =
      add(round, 11, "solve", make_solve_stage(options_.solve, *solver, prompts_), {reversed},
          asking(recipe_.roles.solver, num_unique, recipe_.solve.num_solutions,
                 recipe_.solve.sampling));

  // Kept when problem, program and solutions agree.
  LanguageModel* const judge = TRY(open_role(recipe_.roles.judge));
  steps.verified =
      add(round, 12, "verify", make_verify_stage(options_.verify, plan_.sandbox_, judge, prompts_),
          {steps.solved}, asking(recipe_.roles.judge, num_unique, 1, recipe_.verify.sampling));
  last().shared_fingerprint = sandbox_fingerprint(recipe_.sandbox);
  rounds.push_back(steps);
  return {};
}

Status PlanBuilder::build_students(const std::vector<RoundSteps>& rounds) {
  std::vector<NamedModel> models;
  std::vector<Index> trained;
  if (!recipe_.roles.student.empty())
    models.push_back({"base", TRY(open_role(recipe_.roles.student))});

  // Students that differ in the data they see, and in nothing else.
  for (StudentOptions& student : options_.students) {
    const ModelBinding base =
        TRY(find_model(recipe_, recipe_.roles.student, plan_.installation_.shipped_models));
    student.train.base = base.path;
    student.train.seed = recipe_.run.seed;
    std::vector<Index> lessons;
    int64_t num_lessons = 0;
    for (const RoundSteps& steps : rounds) {
      if (student.rounds > 0 && std::ssize(lessons) == student.rounds) break;
      lessons.push_back(student.data == "unverified" ? steps.solved : steps.verified);
      num_lessons += samples_of(lessons.back());
    }
    trained.push_back(add(1, 14, "train-student-" + student.name,
                          make_train_student_barrier(student, plan_.trainer_, prompts_), lessons,
                          {num_lessons, recipe_.roles.student, 0, 0}));
    models.push_back({student.name, TRY(open_trained(base, trained.back()))});
  }
  if (recipe_.benchmarks.empty() || models.empty()) return {};

  // The same problems for the base and for every student.
  int64_t num_problems = 0;
  for (BenchmarkOptions benchmark : recipe_.benchmarks) {
    benchmark.seed = recipe_.run.seed;
    benchmark.families_folder = plan_.installation_.families_folder;
    num_problems += benchmark.num_problems;
    options_.evaluate.benchmarks.push_back(benchmark);
  }
  const auto num_models = static_cast<int64_t>(models.size());
  StepEstimate asked = asking(fmt::format("base and {} students", num_models - 1),
                              num_problems * num_models, 1, recipe_.evaluate.sampling);
  add(1, 15, "evaluate",
      make_evaluate_barrier(options_.evaluate, models, plan_.families_sandbox_, prompts_), {},
      asked);
  last().after = trained;
  return {};
}

namespace {

int64_t threads_of(const Recipe& recipe, const Installation& installation) {
  return recipe.run.num_threads > 0 ? recipe.run.num_threads : installation.num_cores;
}

EndpointsOptions endpoints_options(const Recipe& recipe, const RunDirectory& run,
                                   const Installation& installation, PlanUse use) {
  EndpointsOptions options;
  options.lm_program = installation.lm_program;
  options.num_threads = threads_of(recipe, installation);
  if (use == PlanUse::Run) options.journal_folder = run.journal_folder();
  options.environment = installation.environment;
  return options;
}

Result<PromptSet> prompts_of(const Recipe& recipe) {
  PromptSet prompts = TRY(builtin_prompts(recipe.run.prompts));
  if (recipe.run.prompts_folder.empty()) return prompts;
  return load_prompts(std::move(prompts), recipe.run.prompts_folder);
}

}  // namespace

Plan::Plan(const Recipe& recipe, const RunDirectory& run, const Installation& installation,
           PlanUse use)
    : recipe_(recipe),
      run_(run),
      installation_(installation),
      sandbox_(recipe.sandbox),
      families_sandbox_(SeedFamilies::sandbox_options(recipe.sandbox)),
      trainer_{installation.lm_program, threads_of(recipe, installation)},
      endpoints_(endpoints_options(recipe, run, installation, use)) {}

Status Plan::check(const Recipe& recipe, const Installation& installation) {
  const PromptSet prompts = TRY(prompts_of(recipe));
  return check_recipe(recipe, prompts, installation.shipped_models);
}

Result<std::unique_ptr<Plan>> Plan::create(const Recipe& recipe, const RunDirectory& run,
                                           const Installation& installation, PlanUse use) {
  TRY(check(recipe, installation));
  std::unique_ptr<Plan> plan(new Plan(recipe, run, installation, use));
  plan->prompts_ = TRY(prompts_of(recipe));
  TRY(PlanBuilder(*plan).build());
  TRY(check_steps(plan->steps_));
  return plan;
}

Result<std::vector<DataSetDocument>> Plan::write_documents(
    const DataSetSummary& summary, const std::vector<StepCounts>& counts) const {
  DataSetCard card;
  card.name = summary.name;
  card.num_rows = summary.num_rows;
  card.version = installation_.version;
  card.recipe_hash = hash_data_options(recipe_);
  card.fields = standard_fields();
  const std::pair<const char*, const std::string&> roles[] = {
      {"unifier", recipe_.roles.unifier},
      {"generator", recipe_.roles.generator},
      {"reverser", recipe_.roles.reverser},
      {"solver", recipe_.roles.solver},
      {"judge", recipe_.roles.judge}};
  for (const auto& [role, model] : roles) {
    if (!model.empty()) card.models.push_back({role, model});
  }
  for (const SeedSourceOptions& source : recipe_.seeds)
    card.sources.push_back({source.name, ""});
  card.counts = {{"rows from seed problems", group_digits(summary.num_seed_rows)},
                 {"rows from generated programs", group_digits(summary.num_generated_rows)},
                 {"different program structures", group_digits(summary.num_structures)},
                 {"of these, in no seed row", group_digits(summary.num_generated_structures)},
                 {"rows whose steps were compared with the program's",
                  group_digits(summary.num_steps_checked)},
                 {"verified samples left out because their question was there already",
                  group_digits(summary.num_same_questions)}};
  card.funnel = funnel_rows(counts);
  card.limitations = standard_limitations();
  card.example_rows = summary.first_rows;
  return std::vector<DataSetDocument>{
      {"README.md", render_data_set_card(card)},
      {"funnel.json", dump_json_pretty(funnel_to_json(card.funnel))},
      {"funnel.svg", funnel_svg(card.funnel, summary.name)}};
}

Result<Manifest> Plan::manifest() const {
  Manifest manifest;
  manifest.caco_version = installation_.version;
  manifest.recipe_path = recipe_.path;
  manifest.recipe = recipe_.text;
  for (const Step& step : steps_)
    manifest.steps.push_back(step.folder);
  for (const SeedSourceOptions& source : recipe_.seeds) {
    if (source.kind != "file") continue;
    const FileDigest digest = TRY(digest_file(source.path));
    manifest.seeds.push_back({source.path, digest.num_bytes, digest.hash});
  }
  return manifest;
}

}  // namespace caco
