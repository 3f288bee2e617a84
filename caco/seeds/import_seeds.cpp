#include "caco/seeds/import_seeds.h"

#include "caco/base/file.h"
#include "caco/base/json.h"
#include "caco/seeds/seed_reader.h"

namespace caco {
namespace {

std::string encode_seed(const Seed& seed) {
  Json object = Json::object();
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) object[key] = value;
  };
  add("id", seed.seed_id);
  add("question", seed.question);
  add("solution", seed.solution);
  add("program", seed.program);
  add("answer", seed.answer);
  return dump_json(object) + "\n";
}

}  // namespace

Result<ImportReport> import_seeds(const std::filesystem::path& input, const FieldMap& map,
                                  const std::filesystem::path& output) {
  const SeedReader reader = TRY(SeedReader::open(input, map, "import"));
  ImportReport report;
  report.num_read = reader.size();
  std::string text;
  for (int64_t index = 0; index < reader.size(); ++index) {
    const Sample sample = reader.read(index);
    if (!sample.rejection) {
      text += encode_seed(*sample.seed);
      ++report.num_kept;
      continue;
    }
    ++report.num_rejected[std::string(to_string(sample.rejection->reason))];
    if (std::ssize(report.rejects) < ImportReport::kMaxNamedRejects) {
      report.rejects.push_back(sample.rejection->detail);
    }
  }
  TRY(write_file_atomic(output, text));
  return report;
}

}  // namespace caco
