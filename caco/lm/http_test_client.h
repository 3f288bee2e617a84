// A small HTTP client for the tests of the server, of its own making: it reads the bytes on the
// wire, chunk by chunk, so that what is tested is what a client sees.
//
// Used by one thread, but for abort().
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace caco::lm {

struct HttpAnswer {
  int status = -1;                             // -1: no answer, or broken off
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  bool is_complete = false;         // the body came to its end
  std::vector<std::string> chunks;  // of a body in chunks
};

class HttpTestClient {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  explicit HttpTestClient(int64_t port);
  ~HttpTestClient();
  HttpTestClient(const HttpTestClient&) = delete;
  HttpTestClient& operator=(const HttpTestClient&) = delete;

  HttpAnswer get(const std::string& path, const Headers& headers = {});
  HttpAnswer post(const std::string& path, const std::string& body, const Headers& headers = {});
  // Sends the bytes as they are.
  HttpAnswer send_raw(const std::string& bytes);

  // Goes away in the middle of whatever is under way. Thread-safe.
  void abort();

 private:
  bool fill();
  bool read_line(std::string& line);
  bool read_bytes(size_t count, std::string& bytes);
  bool read_chunks(HttpAnswer& answer);
  HttpAnswer read_answer();

  std::atomic<int> socket_{-1};
  std::string buffer_;
};

}  // namespace caco::lm
