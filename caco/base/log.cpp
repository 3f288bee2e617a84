#include "caco/base/log.h"

#include <mutex>
#include <utility>

namespace caco {
namespace {

struct SinkHolder {
  std::mutex mutex;
  LogSink sink;  // guarded by mutex
};

SinkHolder& holder() {
  static SinkHolder instance;
  return instance;
}

}  // namespace

void set_log_sink(LogSink sink) {
  const std::lock_guard<std::mutex> lock(holder().mutex);
  holder().sink = std::move(sink);
}

void log_message(LogLevel level, std::string_view message) {
  const std::lock_guard<std::mutex> lock(holder().mutex);
  if (holder().sink) holder().sink(level, message);
}

}  // namespace caco
