// Speed of tokenizers: megabytes of text a second of one core.
//
//   lm_tokenizer_bench --tokenizer FOLDER... --text FILE... [--megabytes 8]
//
// Each file is repeated to the size asked for and encoded in documents of about 100 kB, as a data
// set would be. Time is that of the processor, so that a busy machine matters little.
// lm_tokenizer_bench.py does the same with the `tokenizers` library of Python.
#include <time.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "caco/base/file.h"
#include "caco/base/result.h"
#include "caco/lm/tokenizer.h"

namespace caco::lm {
namespace {

constexpr size_t kDocumentBytes = 100'000;

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// Cuts `text`, repeated to `num_bytes`, into documents that end at line ends.
std::vector<std::string> make_documents(const std::string& text, size_t num_bytes) {
  std::vector<std::string> documents;
  for (size_t done = 0; done < num_bytes && !text.empty();) {
    for (size_t begin = 0; begin < text.size() && done < num_bytes;) {
      size_t end = text.find('\n', begin + kDocumentBytes);
      end = end == std::string::npos ? text.size() : end + 1;
      documents.push_back(text.substr(begin, end - begin));
      done += end - begin;
      begin = end;
    }
  }
  return documents;
}

void measure(const std::string& name, const Tokenizer& tokenizer, const std::string& file,
             const std::vector<std::string>& documents) {
  tokenizer.encode(documents.front(), SpecialTokens::Ignore);  // fills caches and tables
  size_t num_bytes = 0;
  size_t num_ids = 0;
  double encoding = 0;
  double decoding = 0;
  for (const std::string& document : documents) {
    const double begin = processor_seconds();
    const std::vector<int32_t> ids = tokenizer.encode(document, SpecialTokens::Parse);
    const double middle = processor_seconds();
    const std::string text = tokenizer.decode(ids);
    decoding += processor_seconds() - middle;
    encoding += middle - begin;
    num_bytes += document.size();
    num_ids += ids.size();
    if (text != document) std::printf("%s: text does not come back\n", name.c_str());
  }
  const double megabytes = static_cast<double>(num_bytes) / 1e6;
  std::printf("| %s | %s | %.1f | %.1f | %.2f |\n", name.c_str(), file.c_str(),
              megabytes / encoding, megabytes / decoding,
              static_cast<double>(num_bytes) / static_cast<double>(num_ids));
  std::fflush(stdout);
}

Status run(const std::vector<std::string>& tokenizers, const std::vector<std::string>& files,
           int64_t megabytes) {
  std::printf(
      "| tokenizer | text | encode MB/s | decode MB/s | bytes a token |\n|---|---|---|---|---|\n");
  for (const std::string& path : tokenizers) {
    const std::filesystem::path folder = path;
    const double begin = processor_seconds();
    const Tokenizer tokenizer = TRY(Tokenizer::load(folder));
    std::fprintf(stderr, "%s: loaded in %.2f s\n", path.c_str(), processor_seconds() - begin);
    for (const std::string& file : files) {
      const std::string text = TRY(read_file(file));
      measure(folder.filename().string(), tokenizer,
              std::filesystem::path(file).filename().string(),
              make_documents(text, static_cast<size_t>(megabytes) * 1'000'000));
    }
  }
  return {};
}

}  // namespace
}  // namespace caco::lm

int main(int argc, char** argv) {
  CLI::App app{"Measures how fast tokenizers encode and decode"};
  std::vector<std::string> tokenizers;
  std::vector<std::string> files;
  int64_t megabytes = 8;
  app.add_option("--tokenizer", tokenizers, "folders with a tokenizer")->required();
  app.add_option("--text", files, "text files")->required()->check(CLI::ExistingFile);
  app.add_option("--megabytes", megabytes, "text to encode of each file")
      ->check(CLI::Range(1, 1000));
  CLI11_PARSE(app, argc, argv);
  const caco::Status status = caco::lm::run(tokenizers, files, megabytes);
  if (status.ok()) return 0;
  std::fprintf(stderr, "lm_tokenizer_bench: %s\n", caco::to_string(status.error()).c_str());
  return 1;
}
