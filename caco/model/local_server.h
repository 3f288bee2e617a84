// A model over a local checkpoint folder (Hugging Face layout). It is an endpoint like any other:
// `caco-lm serve` is started at the first request, asked over HTTP, and stopped when it has been
// idle for a while or this object ends. It cannot outlive this process (child_process.h).
//
// The checkpoint may appear or change later (a step of the same run trains it): identity() is
// computed from the files as they are, and the server is started anew when they have changed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "caco/base/result.h"
#include "caco/model/language_model.h"

namespace caco {

struct LocalServerOptions {
  std::filesystem::path program;     // caco-lm
  std::filesystem::path checkpoint;  // folder with config.json, *.safetensors, tokenizer.json
  int64_t num_threads = 2;
  int64_t max_in_flight = 64;          // requests at the server at a time: what it can batch
  int64_t start_timeout_ms = 120'000;  // until it answers /health; large checkpoints load slowly
  int64_t request_timeout_ms = 600'000;
  int64_t stop_when_idle_ms = 60'000;  // 0 = only at the end
};

// Returns a model that runs the checkpoint. Nothing is started before the first complete(). Thread-
// safe.
//
// Its complete() fails with NotFound when the program or the checkpoint is not there, Unavailable
// when the server does not get ready or ends; the message holds its last lines.
std::unique_ptr<LanguageModel> make_local_model(const LocalServerOptions& options);

// Returns the hash of a checkpoint's files (config.json, tokenizer.json, *.safetensors with their
// index): the same weights have the same identity in any folder. "absent" when there is no
// checkpoint yet.
std::string checkpoint_identity(const std::filesystem::path& folder);

}  // namespace caco
