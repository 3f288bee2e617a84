#include "caco/model/http_model.h"

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <deque>
#include <list>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "caco/base/hash.h"
#include "caco/base/log.h"
#include "caco/model/http_exchange.h"

namespace caco {
namespace {

using Clock = std::chrono::steady_clock;

// Longest sleep of the driving thread; it is woken when there is work.
constexpr int64_t kMaxPollMs = 1000;

// One complete() of one caller.
struct Call {
  std::span<const ModelRequest> requests;
  const ReplyObserver* observer = nullptr;
  std::vector<ModelReply> replies;
  size_t num_open = 0;
  std::optional<Error> error;
  bool is_done = false;  // guarded by the model's mutex; the rest belongs to the driver until then
};

// One request on its way.
struct Transfer : HttpExchange {
  Call* call = nullptr;
  size_t index = 0;
  std::string body;
  int64_t num_tries = 0;
  int64_t num_malformed = 0;
  Clock::time_point not_before;
};

class HttpModel final : public LanguageModel {
 public:
  explicit HttpModel(const HttpModelOptions& options)
      : options_(options), multi_(::curl_multi_init()) {
    const long max_connections = static_cast<long>(options_.max_in_flight);
    ::curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, max_connections);
    ::curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, max_connections);
    driver_ = std::thread([this] { drive(); });
  }

  ~HttpModel() override {
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
    }
    ::curl_multi_wakeup(multi_);
    driver_.join();
    idle_.clear();
    ::curl_multi_cleanup(multi_);
  }

  Result<std::vector<ModelReply>> complete(std::span<const ModelRequest> requests) override {
    return complete_observed(requests, nullptr);
  }

  Result<std::vector<ModelReply>> complete_observed(std::span<const ModelRequest> requests,
                                                    const ReplyObserver& observer) override {
    if (requests.empty()) return std::vector<ModelReply>();
    Call call;
    call.requests = requests;
    call.observer = observer ? &observer : nullptr;
    call.replies.resize(requests.size());
    call.num_open = requests.size();
    std::unique_lock lock(mutex_);
    inbox_.push_back(&call);
    ::curl_multi_wakeup(multi_);
    done_.wait(lock, [&] { return call.is_done; });
    if (call.error) return *call.error;
    return std::move(call.replies);
  }

  std::string identity() const override {
    return options_.identity.empty() ? options_.style.model : options_.identity;
  }

 private:
  // Everything below runs on the driving thread alone.

  void drive() {
    while (take_new_calls()) {
      start_transfers();
      int num_running = 0;
      ::curl_multi_perform(multi_, &num_running);
      if (take_finished() > 0) continue;
      ::curl_multi_poll(multi_, nullptr, 0, static_cast<int>(sleep_ms()), nullptr);
    }
    while (!waiting_.empty() || !active_.empty()) {
      Call& call = *(waiting_.empty() ? active_ : waiting_).front()->call;
      fail(call, Error{ErrorCode::Cancelled, "model endpoint was closed while it worked", ""});
    }
  }

  // Returns whether to go on.
  bool take_new_calls() {
    const std::lock_guard lock(mutex_);
    for (Call* const call : inbox_) {
      for (size_t index = 0; index < call->requests.size(); ++index) {
        std::unique_ptr<Transfer> transfer = std::make_unique<Transfer>();
        transfer->call = call;
        transfer->index = index;
        waiting_.push_back(std::move(transfer));
      }
    }
    inbox_.clear();
    return !is_stopping_;
  }

  void start_transfers() {
    const Clock::time_point now = Clock::now();
    if (now < paused_until_) return;
    for (auto next = waiting_.begin();
         next != waiting_.end() && std::ssize(active_) < options_.max_in_flight;) {
      if ((*next)->not_before > now) {
        ++next;
        continue;
      }
      std::unique_ptr<Transfer> transfer = std::move(*next);
      next = waiting_.erase(next);
      start(*transfer);
      active_.push_back(std::move(transfer));
    }
  }

  void start(Transfer& transfer) {
    const ModelRequest& request = transfer.call->requests[transfer.index];
    if (transfer.num_tries == 0) {
      transfer.body = encode_request(request, options_.style);
      transfer.url =
          options_.url + (request.messages.empty() ? "/completions" : "/chat/completions");
    }
    ++transfer.num_tries;
    transfer.response = HttpResponse{};
    transfer.problem[0] = '\0';
    if (idle_.empty()) {
      transfer.easy.reset(::curl_easy_init());
    } else {
      transfer.easy = std::move(idle_.back());
      idle_.pop_back();
    }
    set_headers(transfer);
    CURL* const easy = transfer.easy.get();
    set_common_options(easy, transfer);
    ::curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
    ::curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers.get());
    ::curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer.body.data());
    ::curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(transfer.body.size()));
    ::curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                       static_cast<long>(options_.connect_timeout_ms));
    ::curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.request_timeout_ms));
    ::curl_multi_add_handle(multi_, easy);
  }

  void set_headers(Transfer& transfer) const {
    transfer.headers.reset();
    add_header(transfer.headers, "Content-Type: application/json");
    add_header(transfer.headers, "Expect:");
    add_header(transfer.headers, "Idempotency-Key: caco-" + hash_hex(transfer.body));
    if (!options_.api_key.empty()) {
      add_header(transfer.headers, "Authorization: Bearer " + options_.api_key);
    }
  }

  // Returns the number of transfers that ended.
  int64_t take_finished() {
    int64_t num_finished = 0;
    int num_left = 0;
    while (const CURLMsg* const message = ::curl_multi_info_read(multi_, &num_left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;
      Transfer* transfer = nullptr;
      ::curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
      long status = 0;
      ::curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
      transfer->response.status = status;
      finish(take_active(transfer), code);
      ++num_finished;
    }
    return num_finished;
  }

  // Takes a transfer out of the active ones and its handle out of the multi handle.
  std::unique_ptr<Transfer> take_active(const Transfer* wanted) {
    const auto found =
        std::find_if(active_.begin(), active_.end(),
                     [&](const std::unique_ptr<Transfer>& other) { return other.get() == wanted; });
    assert(found != active_.end());
    std::unique_ptr<Transfer> transfer = std::move(*found);
    active_.erase(found);
    ::curl_multi_remove_handle(multi_, transfer->easy.get());
    ::curl_easy_reset(transfer->easy.get());
    idle_.push_back(std::move(transfer->easy));
    return transfer;
  }

  void finish(std::unique_ptr<Transfer> transfer, CURLcode code) {
    JudgedResponse judged = code == CURLE_OK
                                ? judge_response(transfer->response, transfer->url,
                                                 static_cast<int64_t>(std::time(nullptr)))
                                : judge_problem(*transfer, code);
    switch (judged.kind) {
      case ResponseKind::Good:
      case ResponseKind::BadRequest:
        deliver(*transfer, std::move(judged.reply));
        return;
      case ResponseKind::Malformed:
        if (++transfer->num_malformed <= options_.max_malformed_retries &&
            transfer->num_tries <= options_.max_retries) {
          try_again(std::move(transfer), judged);
          return;
        }
        break;
      case ResponseKind::TryAgain:
        if (transfer->num_tries <= options_.max_retries) {
          try_again(std::move(transfer), judged);
          return;
        }
        judged.error.message += " (after " + std::to_string(transfer->num_tries) + " tries)";
        break;
      case ResponseKind::CannotBeUsed:
        break;
    }
    fail(*transfer->call, std::move(judged.error));
  }

  JudgedResponse judge_problem(const Transfer& transfer, CURLcode code) const {
    JudgedResponse judged;
    const std::string detail =
        transfer.problem[0] != '\0' ? transfer.problem : ::curl_easy_strerror(code);
    if (transfer.is_too_large) {
      judged.error = {ErrorCode::ResourceExhausted,
                      "model endpoint sent more than " + std::to_string(kMaxResponseBytes) +
                          " bytes: " + transfer.url,
                      "lower `max_tokens` or the number of choices"};
      return judged;
    }
    judged.error = {ErrorCode::Unavailable,
                    "cannot reach model endpoint: " + transfer.url + ": " + detail,
                    "start the server or correct `url`, then run again; finished work is kept"};
    judged.kind = ResponseKind::TryAgain;
    if (is_lasting_problem(code)) {
      judged.error.code = ErrorCode::InvalidArgument;
      judged.error.hint = "correct `url`, or install the certificate of this server";
      judged.kind = ResponseKind::CannotBeUsed;
    }
    return judged;
  }

  void try_again(std::unique_ptr<Transfer> transfer, const JudgedResponse& judged) {
    const double jitter =
        static_cast<double>(hash_64(transfer->body + std::to_string(transfer->num_tries)) >> 11) *
        0x1p-53;
    const int64_t wait_ms =
        judged.wait_ms.value_or(back_off_ms(options_.retry_delay_ms, transfer->num_tries, jitter));
    log_message(LogLevel::Warning,
                judged.error.message + "; trying again in " + std::to_string(wait_ms) + " ms");
    transfer->not_before = Clock::now() + std::chrono::milliseconds(wait_ms);
    // A server that names a time means all of our requests.
    if (judged.wait_ms) paused_until_ = std::max(paused_until_, transfer->not_before);
    waiting_.push_back(std::move(transfer));
  }

  void deliver(const Transfer& transfer, ModelReply reply) {
    Call& call = *transfer.call;
    if (call.observer != nullptr) (*call.observer)(transfer.index, reply);
    call.replies[transfer.index] = std::move(reply);
    if (--call.num_open == 0) end_call(call);
  }

  // Ends a call with an Error and drops what is left of it.
  void fail(Call& call, Error error) {
    const auto belongs = [&](const std::unique_ptr<Transfer>& transfer) {
      return transfer->call == &call;
    };
    waiting_.remove_if(belongs);
    std::vector<const Transfer*> dropped;
    for (const std::unique_ptr<Transfer>& transfer : active_) {
      if (belongs(transfer)) dropped.push_back(transfer.get());
    }
    for (const Transfer* const transfer : dropped)
      take_active(transfer);
    call.error = std::move(error);
    end_call(call);
  }

  void end_call(Call& call) {
    const std::lock_guard lock(mutex_);
    call.is_done = true;
    done_.notify_all();
  }

  int64_t sleep_ms() const {
    Clock::time_point next = Clock::now() + std::chrono::milliseconds(kMaxPollMs);
    if (std::ssize(active_) < options_.max_in_flight) {
      for (const std::unique_ptr<Transfer>& transfer : waiting_) {
        next = std::min(next, std::max(transfer->not_before, paused_until_));
      }
    }
    const int64_t left_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(next - Clock::now()).count() + 1;
    return std::clamp<int64_t>(left_ms, 0, kMaxPollMs);
  }

  const HttpModelOptions options_;
  CURLM* const multi_;
  std::thread driver_;

  std::mutex mutex_;
  std::condition_variable done_;
  std::vector<Call*> inbox_;  // guarded by mutex_
  bool is_stopping_ = false;  // guarded by mutex_

  // The driving thread's own.
  std::list<std::unique_ptr<Transfer>> waiting_;
  std::list<std::unique_ptr<Transfer>> active_;
  std::vector<Easy> idle_;
  Clock::time_point paused_until_{};
};

}  // namespace

Result<std::unique_ptr<LanguageModel>> make_http_model(const HttpModelOptions& options) {
  HttpModelOptions checked = options;
  while (checked.url.ends_with('/'))
    checked.url.pop_back();
  if (!checked.url.starts_with("http://") && !checked.url.starts_with("https://")) {
    return Error{ErrorCode::InvalidArgument,
                 "not an http address of a model endpoint: " + options.url,
                 "write it as http://HOST:PORT/v1"};
  }
  checked.max_in_flight = std::max<int64_t>(checked.max_in_flight, 1);
  initialize_curl();
  return std::unique_ptr<LanguageModel>(std::make_unique<HttpModel>(checked));
}

Result<HttpResponse> http_get(const std::string& url, int64_t timeout_ms) {
  initialize_curl();
  HttpExchange exchange;
  exchange.url = url;
  const Easy easy(::curl_easy_init());
  set_common_options(easy.get(), exchange);
  ::curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(timeout_ms));
  const CURLcode code = ::curl_easy_perform(easy.get());
  if (code != CURLE_OK) {
    return Error{ErrorCode::Unavailable, "cannot fetch: " + url + ": " + ::curl_easy_strerror(code),
                 ""};
  }
  long status = 0;
  ::curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  exchange.response.status = status;
  return exchange.response;
}

}  // namespace caco
