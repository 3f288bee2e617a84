#include "caco/model/endpoints.h"

#include "caco/base/json.h"
#include "caco/model/http_model.h"
#include "caco/model/journal.h"
#include "caco/model/local_server.h"

namespace caco {
namespace {

Error missing_key(const ModelBinding& binding, const std::string& key, const std::string& meaning) {
  return {ErrorCode::InvalidArgument,
          "model \"" + binding.name + "\" of kind \"" + binding.kind + "\" lacks `" + key + "`",
          "set it to " + meaning};
}

// Returns all of a binding but its name, as text: bindings that say the same share a model.
std::string binding_key(ModelBinding binding) {
  OptionFields fields;
  describe(fields, binding);
  return dump_json(options_to_json(fields, /*only_affecting=*/false));
}

}  // namespace

void describe(OptionFields& fields, ModelBinding& binding) {
  fields.choice("kind", binding.kind, {"local", "http", "recorded"},
                "a checkpoint folder, an OpenAI-style server, or replies of an earlier run");
  fields.text("path", binding.path, "checkpoint folder (local) or journal file (recorded)");
  fields.text("url", binding.url, "address of the server, usually ending in /v1 (http)");
  fields.last_is_performance_only();
  fields.text("model", binding.model, "name of the model at the server (http)");
  fields.text("api_key_env", binding.api_key_env,
              "environment variable that holds the key; empty = no key (http)");
  fields.last_is_performance_only();
  fields.boolean("extensions", binding.extensions,
                 "also send top_k, min_p and repetition_penalty, which OpenAI refuses (http)");
  fields.text("extra_fields", binding.extra_fields,
              "JSON object added to each request, such as "
              "{\"chat_template_kwargs\": {\"enable_thinking\": false}} (http)");
  fields.boolean("journal", binding.journal, "keep replies so that none is asked twice (http)");
  fields.last_is_performance_only();
  fields.integer("max_in_flight", binding.max_in_flight, 0, 10'000,
                 "requests at a time; 0 = 16 over http, 256 for a checkpoint");
  fields.last_is_performance_only();
  fields.integer("max_retries", binding.max_retries, 0, 100, "tries after the first (http)");
  fields.last_is_performance_only();
  fields.integer("request_timeout_s", binding.request_timeout_s, 1, 86'400,
                 "longest wait for a reply, in seconds");
  fields.last_is_performance_only();
}

Result<LanguageModel*> Endpoints::open(const ModelBinding& binding) {
  const std::string key = binding_key(binding);
  const std::lock_guard lock(mutex_);
  const auto found = models_.find(key);
  if (found != models_.end()) return found->second.get();
  std::unique_ptr<LanguageModel> model = TRY(make(binding));
  return models_.emplace(key, std::move(model)).first->second.get();
}

void Endpoints::close(const ModelBinding& binding) {
  const std::lock_guard lock(mutex_);
  models_.erase(binding_key(binding));
}

Result<std::unique_ptr<LanguageModel>> Endpoints::make(const ModelBinding& binding) const {
  if (binding.kind == "http") return make_http(binding);
  if (binding.kind == "recorded") {
    if (binding.path.empty()) return missing_key(binding, "path", "a journal file");
    return make_recorded_model(binding.path);
  }
  if (binding.kind != "local") {
    return Error{ErrorCode::InvalidArgument,
                 "model \"" + binding.name + "\" has an unknown kind: " + binding.kind,
                 "there are: local, http, recorded"};
  }
  if (binding.path.empty()) return missing_key(binding, "path", "a checkpoint folder");
  LocalServerOptions local;
  local.program = options_.lm_program;
  local.checkpoint = binding.path;
  local.num_threads = options_.num_threads;
  if (binding.max_in_flight > 0) local.max_in_flight = binding.max_in_flight;
  local.request_timeout_ms = binding.request_timeout_s * 1000;
  return make_local_model(local);
}

Result<std::unique_ptr<LanguageModel>> Endpoints::make_http(const ModelBinding& binding) const {
  if (binding.url.empty()) return missing_key(binding, "url", "the server's address");
  if (binding.model.empty()) return missing_key(binding, "model", "a name that the server knows");
  HttpModelOptions http;
  http.url = binding.url;
  http.style.model = binding.model;
  http.style.sends_extensions = binding.extensions;
  if (!binding.extra_fields.empty()) {
    const Result<Json> extra = parse_json(binding.extra_fields);
    if (!extra.ok() || !extra.value().is_object()) {
      return Error{ErrorCode::InvalidArgument,
                   "`extra_fields` of model \"" + binding.name +
                       "\" is not a JSON object: " + binding.extra_fields,
                   ""};
    }
    http.style.extra_fields = extra.value();
    // Other fields, other replies: they belong to what receipts and journals know the model by.
    http.identity = binding.model + " " + dump_json(extra.value());
  }
  if (!binding.api_key_env.empty()) {
    if (options_.environment) http.api_key = options_.environment(binding.api_key_env);
    if (http.api_key.empty()) {
      return Error{ErrorCode::InvalidArgument,
                   "no key for model \"" + binding.name + "\": the environment variable " +
                       binding.api_key_env + " is not set",
                   "export it, or remove `api_key_env` when the server needs no key"};
    }
  }
  if (binding.max_in_flight > 0) http.max_in_flight = binding.max_in_flight;
  http.max_retries = binding.max_retries;
  http.request_timeout_ms = binding.request_timeout_s * 1000;
  std::unique_ptr<LanguageModel> model = TRY(make_http_model(http));
  if (!binding.journal || options_.journal_folder.empty()) return model;
  return make_journaled_model(std::move(model),
                              options_.journal_folder / (binding.name + ".jsonl"));
}

}  // namespace caco
