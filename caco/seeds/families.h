// The seed families: Python files that make any number of problems (families/README.md). They are
// not imported but put together into one program text (world.py, all family files in the order of
// their paths, one call) that runs in the sandbox like any other program.
//
// What comes out is a pure function of the files, the seed and the index: a range can be made in
// any pieces.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "caco/base/json.h"
#include "caco/base/result.h"
#include "caco/record/sample.h"
#include "caco/sandbox/sandbox.h"

namespace caco {

// One problem with all that the families know of it.
struct FamilyProblem {
  std::string id;         // "unseen-1-17"
  std::string area;       // of its first step
  std::string structure;  // ids of its steps: "tray_count>sell>share"
  std::string question;
  std::string solution;
  std::string program;
  std::string answer;
};

// Immutable after load(); the functions may be called concurrently.
class SeedFamilies {
 public:
  // Reads world.py and the family files in the folders below `folder`. NotFound when they are not
  // there.
  static Result<SeedFamilies> load(const std::filesystem::path& folder);

  // Returns limits that are wide enough for the families, based on `options`: they are our own
  // programs, but make many problems in one run.
  static SandboxOptions sandbox_options(SandboxOptions options);

  // Returns seeds first .. first + count - 1 of the stream `seed`, in the raw forms that real data
  // sets have, some of them wrong. Samples have id, origin and the Seed part. Internal when the
  // families do not do as they should; the sandbox's own Errors.
  Result<std::vector<Sample>> make_seeds(Sandbox& sandbox, uint64_t seed, int64_t first,
                                         int64_t count, const std::string& source) const;

  // Returns problems of a split: "base" (the embedded model was trained on its structures), "seed",
  // "seen" (the structures of "seed" with other values) or "unseen" (held-out structures).
  Result<std::vector<FamilyProblem>> make_problems(Sandbox& sandbox, std::string_view split,
                                                   uint64_t seed, int64_t first,
                                                   int64_t count) const;

  // Returns the hash of all files, for fingerprints.
  const std::string& content_hash() const { return content_hash_; }

 private:
  SeedFamilies() = default;
  Result<std::vector<Json>> call(Sandbox& sandbox, const std::string& function, Json arguments,
                                 int64_t first, int64_t count) const;

  std::string text_;
  std::string content_hash_;
};

}  // namespace caco
