#include "caco/seeds/seed_reader.h"

#include <cassert>
#include <unordered_map>

#include "caco/base/hash.h"

namespace caco {
namespace {

constexpr size_t kMaxDetailBytes = 300;

// Returns the text with every run of blanks as one space.
std::string squeeze_blanks(std::string_view text) {
  std::string squeezed;
  for (const char c : text) {
    const bool is_blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!is_blank) {
      squeezed.push_back(c);
    } else if (!squeezed.empty() && squeezed.back() != ' ') {
      squeezed.push_back(' ');
    }
  }
  if (squeezed.ends_with(' ')) squeezed.pop_back();
  return squeezed;
}

std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  if (text.size() > kMaxDetailBytes) text.resize(kMaxDetailBytes);
  return text;
}

}  // namespace

Result<SeedReader> SeedReader::open(const std::filesystem::path& path, const FieldMap& map,
                                    std::string source) {
  SeedReader reader;
  reader.file_name_ = path.filename().string();
  reader.source_ = std::move(source);
  reader.map_ = map;
  reader.text_ = TRY(read_packed_file(path));
  reader.content_hash_ = hash_hex(reader.text_);
  reader.index_lines();
  return reader;
}

std::string_view SeedReader::text_of(const Line& line) const {
  const std::string_view text = text_;
  return text.substr(static_cast<size_t>(line.span.offset), static_cast<size_t>(line.span.length));
}

void SeedReader::index_lines() {
  std::unordered_map<uint64_t, int64_t> line_by_question;
  std::unordered_map<uint64_t, int64_t> num_by_text;
  for (const LineSpan& span : find_lines(text_)) {
    Line line;
    line.span = span;
    line.num_equal = num_by_text[hash_64(text_of(line))]++;
    const SeedLine parsed = parse_seed_line(text_of(line), map_);
    if (parsed.seed) {
      const uint64_t question = hash_64(squeeze_blanks(parsed.seed->question));
      const auto [found, is_new] = line_by_question.emplace(question, span.number);
      if (!is_new) line.same_question = found->second;
    }
    lines_.push_back(line);
  }
}

Sample SeedReader::read(int64_t index) const {
  assert(index >= 0 && index < size());
  const Line& line = lines_[static_cast<size_t>(index)];
  const std::string_view text = text_of(line);
  SeedLine parsed = parse_seed_line(text, map_);
  Sample sample;
  sample.id = make_sample_id(hash_hex_of({source_, text}), "seeds", line.num_equal);
  sample.origin = Origin::Seed;
  sample.seed = parsed.seed ? std::move(*parsed.seed) : Seed{};
  sample.seed->source = source_;
  sample.seed->location = file_name_ + ":" + std::to_string(line.span.number);
  if (!parsed.seed) {
    sample.rejection = Rejection{RejectReason::UnreadableSeed, "",
                                 one_line(sample.seed->location + ": " + parsed.problem)};
  } else if (line.same_question >= 0) {
    sample.rejection = Rejection{
        RejectReason::DuplicateSeed, "",
        sample.seed->location + ": same question as line " + std::to_string(line.same_question)};
  }
  return sample;
}

}  // namespace caco
