#include "caco/sandbox_service/program_row.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace caco {
namespace {

struct InputRow {
  std::string line;
  std::string says;  // part of the error; empty: it is a row
  Json id;
};

TEST(ProgramRow, ReadsLines) {
  const std::vector<InputRow> rows = {
      {R"({"program":"x"})", "", nullptr},
      {R"({"code":"x","id":"a"})", "", "a"},
      {R"({"program":"x","id":{"k":1},"stdin":"s","arguments":["a"],"scratch":true})",
       "",
       {{"k", 1}}},
      {R"({"program":"x","cpu_limit_ms":100,"files":{"a":"aGk="},"fetch_files":["b"]})", "",
       nullptr},
      {R"({"program":"x","facts":true,"run_twice":true,"semantics":"paper","fixed_time_s":0})", "",
       nullptr},
      {R"({"program":"x","semantics":"other"})", "caco or paper", nullptr},
      {R"({"program":"x","fixed_time_s":"now"})", "valid integer", nullptr},
      {"not JSON", "JSON", nullptr},
      {"[1]", "JSON object", nullptr},
      {R"({"id":4})", "program: Field required", 4},
      {R"({"id":5,"program":null})", "Field required", 5},
      {R"({"program":1})", "valid string", nullptr},
      {R"({"program":"x","cpu_limit_ms":0})", "greater than 0", nullptr},
      {R"({"program":"x","cpu_limit_ms":-1})", "greater than 0", nullptr},
      {R"({"program":"x","memory_limit_mb":"9"})", "valid integer", nullptr},
      {R"({"program":"x","memory_limit_mb":18446744073709551615})", "valid integer", nullptr},
      {R"({"program":"x","files":{"a/../b":"aGk="}})", "a/../b", nullptr},
      {std::string(1000, '['), "", nullptr},
  };
  for (const InputRow& row : rows) {
    SCOPED_TRACE(row.line);
    Json id;
    const Result<ProgramRow> read = read_program_row(row.line, id);
    EXPECT_EQ(id, row.id);
    const bool is_row = row.says.empty() && row.line[0] == '{';
    EXPECT_EQ(read.ok(), is_row);
    if (!read.ok()) {
      EXPECT_NE(read.error().message.find(row.says), std::string::npos) << read.error().message;
    }
  }
}

TEST(ProgramRow, WritesLines) {
  RunReport report;
  report.execution.verdict = ExecutionVerdict::Ok;
  report.execution.output_repr = "7";
  report.execution.output_value = 7;
  report.execution.stdout_text = "a\n";
  report.cpu_us = 1500;
  report.files = {{"a", "hi"}};
  const Json row = parse_json(write_report_row(3, "x", report)).value();
  EXPECT_EQ(row["line"], 3);
  EXPECT_EQ(row["id"], "x");
  EXPECT_EQ(row["verdict"], "ok");
  EXPECT_EQ(row["output"], "7");
  EXPECT_EQ(row["cpu_ms"], 1.5);
  EXPECT_EQ(row["exit_code"], 0);
  EXPECT_TRUE(row["signal"].is_null());
  EXPECT_EQ(row["files"]["a"], "aGk=");
  report.signal = 9;
  const Json killed = report_to_json(report);
  EXPECT_TRUE(killed["exit_code"].is_null());
  EXPECT_EQ(killed["signal"], "SIGKILL");
  const Json bad = parse_json(write_bad_row(9, nullptr, {ErrorCode::Internal, "why", ""})).value();
  EXPECT_EQ(bad, Json({{"line", 9}, {"bad_row", "why"}}));
}

}  // namespace
}  // namespace caco
