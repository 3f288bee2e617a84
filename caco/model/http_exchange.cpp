#include "caco/model/http_exchange.h"

#include <algorithm>
#include <string_view>

namespace caco {
namespace {

size_t receive_body(char* bytes, size_t size, size_t count, void* context) {
  HttpExchange& exchange = *static_cast<HttpExchange*>(context);
  const size_t num_bytes = size * count;
  if (exchange.response.body.size() + num_bytes > static_cast<size_t>(kMaxResponseBytes)) {
    exchange.is_too_large = true;
    return 0;
  }
  exchange.response.body.append(bytes, num_bytes);
  return num_bytes;
}

size_t receive_header(char* bytes, size_t size, size_t count, void* context) {
  HttpResponse& response = static_cast<HttpExchange*>(context)->response;
  const std::string_view line(bytes, size * count);
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return line.size();
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t'))
    value.remove_prefix(1);
  while (!value.empty() && static_cast<unsigned char>(value.back()) <= ' ')
    value.remove_suffix(1);
  if (name == "retry-after") response.retry_after = value;
  if (name == "retry-after-ms") response.retry_after_ms = value;
  if (name == "x-should-retry") response.should_retry = value;
  return line.size();
}

// A proxy of the environment must not stand between us and a server on this machine.
bool is_loopback(const std::string& url) {
  const size_t start = url.find("://") + 3;
  const std::string host = url.substr(start, url.find_first_of("/:", start) - start);
  return host == "localhost" || host.starts_with("127.") || url.substr(start, 5) == "[::1]";
}

}  // namespace

void initialize_curl() {
  static const CURLcode kOnce = ::curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)kOnce;
}

void add_header(HeaderList& list, const std::string& line) {
  curl_slist* const longer = ::curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) return;
  (void)list.release();
  list.reset(longer);
}

void set_common_options(CURL* easy, HttpExchange& exchange) {
  ::curl_easy_setopt(easy, CURLOPT_URL, exchange.url.c_str());
  ::curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  ::curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  ::curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive_body);
  ::curl_easy_setopt(easy, CURLOPT_WRITEDATA, &exchange);
  ::curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, receive_header);
  ::curl_easy_setopt(easy, CURLOPT_HEADERDATA, &exchange);
  ::curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange.problem);
  ::curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  if (is_loopback(exchange.url)) ::curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
}

bool is_lasting_problem(CURLcode code) {
  return code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL ||
         code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE;
}

}  // namespace caco
