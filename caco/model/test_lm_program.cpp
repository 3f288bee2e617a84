// A stand-in for caco-lm in tests: a real program with a real HTTP server that understands the
// command lines of `serve` and `train`. How it behaves stands in "behaviour" of the checkpoint's
// config.json: "good", "exits" (with a message), "no port", "unhealthy", "crashes" (at a request
// for "crash"), "stubborn" (does not listen to SIGTERM).
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "caco/base/file.h"
#include "caco/base/json.h"
#include "caco/model/test_http_server.h"

namespace caco {
namespace {

using Arguments = std::map<std::string, std::string>;

std::string behaviour_of(const std::string& folder) {
  const Result<std::string> text = read_file(folder + "/config.json");
  return text.ok() ? read_string(parse_json(text.value()).value(), "behaviour").value() : "exits";
}

int serve(const Arguments& arguments) {
  const std::string behaviour = behaviour_of(arguments.at("--model"));
  if (behaviour == "exits") {
    std::fprintf(stderr, "loading\ncannot read the weights\n");
    return 3;
  }
  if (behaviour == "stubborn") ::signal(SIGTERM, SIG_IGN);
  const TestHttpServer server([&](const TestRequest& request, int64_t) {
    TestReply reply;
    if (request.path == "/health") {
      reply.status = behaviour == "unhealthy" ? 503 : 200;
    } else {
      const Json body = parse_json(request.body).value();
      if (behaviour == "crashes" && read_string(body, "prompt").value() == "crash") {
        std::fprintf(stderr, "out of memory\n");
        ::abort();
      }
      reply.body = completion_body("pid " + std::to_string(::getpid()));
    }
    return reply;
  });
  if (behaviour != "no port") {
    (void)write_file_atomic(arguments.at("--port-file"), std::to_string(server.port()) + "\n");
  }
  while (true)
    ::pause();
}

int train(const Arguments& arguments) {
  const std::string behaviour = behaviour_of(arguments.at("--base"));
  for (int step = 1; step <= 3; ++step) {
    std::fprintf(stderr, "step %d/3  loss %.4f  lr 5.00e-04  grad 1.00  5000 tokens/s  left 1 s\n",
                 step, 3.0 / step);
  }
  if (behaviour == "exits") {
    std::fprintf(stderr, "error: the data is empty\n");
    return 1;
  }
  if (behaviour == "stubborn") {
    while (true)
      ::pause();
  }
  return write_file_atomic(arguments.at("--output") + "/config.json", "{}").ok() ? 0 : 1;
}

}  // namespace
}  // namespace caco

int main(int count, char** words) {
  if (count < 2) return 2;
  caco::Arguments arguments;
  for (int i = 2; i + 1 < count; i += 2)
    arguments.emplace(std::string(words[i]), std::string(words[i + 1]));
  return std::string(words[1]) == "serve" ? caco::serve(arguments) : caco::train(arguments);
}
