// What a training writes down: metrics, their plot and the model card.
#include "caco/lm/training_log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "caco/base/file.h"
#include "caco/lm/test_directory.h"
#include "caco/lm/training_card.h"
#include "caco/lm/training_plot.h"

namespace caco::lm {
namespace {

namespace fs = std::filesystem;

StepMetrics metrics_of(int64_t step) {
  StepMetrics metrics;
  metrics.step = step;
  metrics.epoch = static_cast<double>(step) / 10;
  metrics.num_tokens = 100 * step;
  metrics.loss = 8.0 / static_cast<double>(step + 1);
  metrics.learning_rate = 1e-3;
  metrics.gradient_norm = 0.5;
  metrics.tokens_per_second = 1234;
  return metrics;
}

TEST(TrainingLog, LinesHaveTheFieldsNames) {
  const fs::path directory = fresh_directory("log_fields");
  TrainingLog log = TrainingLog::open(directory, 0).value();
  StepMetrics metrics = metrics_of(3);
  log.add(metrics);
  metrics.mfu = 0.25;
  log.add(metrics);
  log.add_evaluation(metrics, 1.5);
  std::istringstream lines(read_file(directory / "metrics.jsonl").value());
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line,
            "{\"step\":3,\"epoch\":0.3,\"num_tokens\":300,\"loss\":2.0,\"learning_rate\":0.001,"
            "\"grad_norm\":0.5,\"tokens_per_second\":1234.0,\"seconds\":0.0}");
  std::getline(lines, line);
  EXPECT_NE(line.find("\"grad_norm\":0.5,\"mfu\":0.25,"), std::string::npos) << line;
  std::getline(lines, line);
  EXPECT_EQ(line,
            "{\"step\":3,\"epoch\":0.3,\"num_tokens\":300,\"eval_loss\":1.5,\"seconds\":0.0}");
}

TEST(TrainingLog, ResumedLogsForgetWhatIsDoneAgain) {
  const fs::path directory = fresh_directory("log_resumed");
  {
    TrainingLog log = TrainingLog::open(directory, 0).value();
    for (int64_t step = 1; step <= 5; ++step)
      log.add(metrics_of(step));
  }
  const TrainingLog log = TrainingLog::open(directory, 3).value();
  const std::string text = read_file(directory / "metrics.jsonl").value();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
  EXPECT_EQ(text, log.text());
  EXPECT_EQ(TrainingLog::open(directory, 0).value().text(), "");
}

TEST(TrainingLog, PlotShowsTheCurves) {
  EXPECT_EQ(training_plot_svg("", "x"), "");
  EXPECT_EQ(training_plot_svg("nonsense\n{\"step\":1}\n{\"step\":2,\"loss\":null}\n", "x"), "");
  std::string lines;
  for (int64_t step = 1; step <= 3000; ++step) {
    lines += "{\"step\":" + std::to_string(step) +
             ",\"loss\":" + std::to_string(1 + 5.0 / static_cast<double>(step)) +
             ",\"learning_rate\":0.001,\"grad_norm\":" + (step == 7 ? "900" : "1.5") + "}\n";
    if (step % 1000 == 0) lines += "{\"step\":" + std::to_string(step) + ",\"eval_loss\":1.25}\n";
  }
  const std::string svg = training_plot_svg(lines, "a < b & c");
  EXPECT_EQ(svg, training_plot_svg(lines, "a < b & c"));
  EXPECT_LT(svg.size(), 100'000u);
  EXPECT_NE(svg.find("a &lt; b &amp; c"), std::string::npos);
  EXPECT_NE(svg.find("held-out 1.25"), std::string::npos);
  EXPECT_NE(svg.find(">learning rate<"), std::string::npos);
  EXPECT_NE(svg.find(">gradient norm<"), std::string::npos);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  // One spike does not press the rest of its panel flat.
  EXPECT_EQ(svg.find(">800<"), std::string::npos);
  // One point alone is a plot too.
  EXPECT_NE(training_plot_svg("{\"step\":1,\"loss\":0}", "x").find("<circle"), std::string::npos);
}

TEST(TrainingCard, SaysWhereTheModelComesFrom) {
  TrainingCard card;
  card.base_name = "org/base";
  card.base_license = "apache-2.0";
  card.files = {{"a|b.jsonl", "training"}};
  card.options = {{"seed", "1"}};
  card.results = {{"steps", "5 of 5"}};
  card.is_finished = true;
  const std::string text = to_markdown(card);
  for (const char* part :
       {"---\nlibrary_name: transformers\n", "base_model: org/base\nlicense: apache-2.0\n",
        "# A fine-tuned org/base\n", "| training file | `a\\|b.jsonl` |", "| steps | 5 of 5 |",
        "| seed | 1 |", "stay under its licence (apache-2.0)"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
  EXPECT_EQ(text.find("not finished"), std::string::npos);
  EXPECT_EQ(license_of_card(text), "apache-2.0");
  card.is_adapter = true;
  card.base_license.clear();
  card.is_finished = false;
  const std::string adapter = to_markdown(card);
  EXPECT_NE(adapter.find("library_name: peft\n"), std::string::npos);
  EXPECT_NE(adapter.find("names no licence"), std::string::npos);
  EXPECT_NE(adapter.find("not finished"), std::string::npos);
  EXPECT_EQ(license_of_card(adapter), "");
}

TEST(TrainingCard, ReadsLicences) {
  const struct {
    const char* card;
    const char* license;
  } rows[] = {{"", ""},
              {"# no block\nlicense: mit\n", ""},
              {"---\nlicense: mit\n---\n", "mit"},
              {"---\ntags: x\nlicense:  'llama3' \r\n---\n", "llama3"},
              {"---\nlicense:\n---\n", ""},
              {"---\ntags: x\n---\nlicense: mit\n", ""}};
  for (const auto& row : rows)
    EXPECT_EQ(license_of_card(row.card), row.license) << row.card;
}

}  // namespace
}  // namespace caco::lm
