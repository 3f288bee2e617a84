// Endpoints: opens the models that a recipe binds to roles, and owns them. Roles that are bound
// alike share one model, so that one checkpoint has one server however many roles use it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "caco/base/options.h"
#include "caco/base/result.h"
#include "caco/model/language_model.h"

namespace caco {

// One [model.NAME] table of a recipe.
struct ModelBinding {
  std::string name;            // for messages; names the journal file
  std::string kind = "local";  // "local", "http", "recorded"
  std::string path;            // local: checkpoint folder; recorded: journal file
  std::string url;             // http: base address, usually ending in /v1
  std::string model;           // http: the name that the server knows
  std::string api_key_env;     // http: environment variable that holds the key; empty = no key
  bool extensions = true;      // http: also send top_k, min_p, repetition_penalty
  std::string extra_fields;    // http: a JSON object added to each request
  bool journal = true;         // http: keep replies, so that none is asked twice
  int64_t max_in_flight = 16;  // requests at a time
  int64_t max_retries = 6;     // http
  int64_t request_timeout_s = 600;
};
void describe(OptionFields& fields, ModelBinding& binding);

struct EndpointsOptions {
  std::filesystem::path lm_program;      // caco-lm
  int64_t num_threads = 2;               // of each local server
  std::filesystem::path journal_folder;  // journals are NAME.jsonl in it; empty = no journals
  // Returns the value of an environment variable, empty when unset. Only the faces read it.
  std::function<std::string(const std::string& name)> environment;
};

// Thread-safe. Models live until this object ends.
class Endpoints {
 public:
  explicit Endpoints(EndpointsOptions options) : options_(std::move(options)) {}
  Endpoints(const Endpoints&) = delete;
  Endpoints& operator=(const Endpoints&) = delete;

  // Returns the model of a binding. Contacts nothing yet. InvalidArgument says which key of the
  // binding is missing or wrong; NotFound when a recorded journal is not there.
  Result<LanguageModel*> open(const ModelBinding& binding);

  // Ends the model of a binding (a local server stops at once). REQUIRES: nobody uses it any more.
  void close(const ModelBinding& binding);

 private:
  Result<std::unique_ptr<LanguageModel>> make(const ModelBinding& binding) const;
  Result<std::unique_ptr<LanguageModel>> make_http(const ModelBinding& binding) const;

  const EndpointsOptions options_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<LanguageModel>> models_;  // by what the binding says
};

}  // namespace caco
