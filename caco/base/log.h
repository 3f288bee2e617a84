// The log sink: the library says what happens by calling log_message; only a face (the command
// line, a server) decides where it goes. Until a face sets a sink, messages vanish. Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace caco {

enum class LogLevel { Debug, Info, Warning, Error };

using LogSink = std::function<void(LogLevel, std::string_view message)>;

// Replaces the sink; an empty function silences the log.
void set_log_sink(LogSink sink);

void log_message(LogLevel level, std::string_view message);

}  // namespace caco
