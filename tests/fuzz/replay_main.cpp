// Runs a fuzz target without a fuzzer: on every file of the folders given, and on mutations of them
// from a fixed seed (cut, repeated, spliced, bytes changed). So each build checks the stored
// corpus, whatever its compiler.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/fuzz_target.h"

namespace {

constexpr int kMutationsPerFile = 200;
constexpr size_t kMaxInputBytes = 100000;

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
}

std::string mutate(std::string input, const std::vector<std::string>& corpus,
                   std::mt19937_64& random) {
  static const std::string kBytes = std::string("\0\x01\xff{}[]()\\$\"',.:%/-+*^_=eE019 \n", 32);
  for (uint64_t i = 1 + random() % 4; i > 0; --i) {
    const size_t at = input.empty() ? 0 : random() % input.size();
    switch (random() % 6) {
      case 0:
        input.resize(at);
        break;
      case 1:
        input.insert(at, 1, kBytes[random() % kBytes.size()]);
        break;
      case 2:
        if (!input.empty()) input[at] = static_cast<char>(random());
        break;
      case 3:
        input.insert(at, input.substr(at, random() % 64));
        break;
      case 4:
        input.insert(at, corpus[random() % corpus.size()]);
        break;
      default:
        if (!input.empty()) input.erase(at, 1 + random() % 8);
    }
  }
  if (input.size() > kMaxInputBytes) input.resize(kMaxInputBytes);
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> corpus = {""};
  for (const std::filesystem::path& file : files) {
    std::ifstream stream(file, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  }
  std::mt19937_64 random(20260101);
  for (const std::string& input : corpus) {
    run(input);
    for (int i = 0; i < kMutationsPerFile; ++i)
      run(mutate(input, corpus, random));
  }
  std::printf("%zu inputs of the corpus, %d mutations of each\n", corpus.size(), kMutationsPerFile);
  return corpus.size() > 1 ? 0 : 1;
}
