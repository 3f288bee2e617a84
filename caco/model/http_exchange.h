// One HTTP exchange through libcurl: its handles, what came back so far, and the settings that
// every exchange of this project has. The model endpoint drives many at once; http_get does one.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>

#include "caco/model/http_reply.h"

namespace caco {

struct EasyDeleter {
  void operator()(CURL* easy) const { ::curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;

struct HeaderListDeleter {
  void operator()(curl_slist* list) const { ::curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, HeaderListDeleter>;

struct HttpExchange {
  std::string url;
  HttpResponse response;
  bool is_too_large = false;  // the body passed kMaxResponseBytes and was cut
  Easy easy;
  HeaderList headers;
  char problem[CURL_ERROR_SIZE] = {};
};

// Sets libcurl up, once a process. Thread-safe.
void initialize_curl();

// Appends a header line; without memory the list stays as it was.
void add_header(HeaderList& list, const std::string& line);

// Makes `easy` fill `exchange`, which must stay where it is until the transfer is over.
void set_common_options(CURL* easy, HttpExchange& exchange);

// Returns whether a second try of a failed transfer cannot help: address or certificate is wrong.
bool is_lasting_problem(CURLcode code);

}  // namespace caco
