// What the supervisor and a zygote say to each other, and the data form of Python values.
//
// Descriptors of a zygote: 0 the standard input (a file in memory, read-only, filled by the
// supervisor before each run), 1 the program's stdout and 2 its stderr (pipes), 3 COMMAND (a
// socket), 4 PROGRAM (a socket), 5 RESULT (a pipe). A forked child closes 3 and 4 before the
// program runs.
//
//   COMMAND ->  message: eleven int64 (operation, run, size of the program, CPU us, wall us,
//   address space in bytes, limit of values in bytes, digits of integers, size of the scratch
//   order, flags: 1 facts are wanted, 2 as the paper's checker, 4 a fixed clock; its seconds since
//   1970) PROGRAM ->  16 random bytes (the nonce), the text of the program and the scratch order,
//   read by the forked child. The order is empty or JSON: {"files": [[path, base64], ...],
//   "wanted": [path, ...], "limit": bytes, "arguments": [text, ...]} COMMAND <-  reply: six int64
//   (run, wait status, why it was killed, CPU us, wall us, peak KiB), sent when the child and
//               everything that it may have started is dead and reaped
//   RESULT  <-  at most three frames, written by the child: kind (one byte), the nonce, length
//   (uint32), JSON text.
//               'F' = facts, written before the program starts; 'S' = the scratch files that were
//               wanted, [[path, base64], ...]; 'R' = the result, written after it ended
//
// RESULT is read while the program runs, within a cap, and parsed only after the reply. Anything
// but F, R, F R, F S R or nothing, a wrong nonce, a wrong length or one byte more is
// ExecutionVerdict::Protocol: there is no partial trust. A program shares its address space with
// the code that writes the frames: one that digs out the nonce can write a frame of its own. It
// gains what it could have assigned to `output` anyway; the facts frame is written before it starts
// and is beyond it.
//
// The typed data form (Execution::input_value, ::output_value) is JSON in which every object has
// exactly one key that names a type, so that nothing is ambiguous:
//   None, bool, finite float, list              null, true/false, number, array
//   int within int64 / beyond                   number / {"int": "123..."}
//   nan, inf, -inf                              {"float": "nan"}
//   str / with lone surrogates                  string / {"str": hex of UTF-8 with surrogates
//   passed through} bytes, bytearray                            {"bytes": hex}, {"bytearray": hex}
//   tuple, set, frozenset, deque                {"tuple": [...]}, ...; sets in an order that does
//   not depend on hashes dict, Counter, defaultdict, OrderedDict     {"dict": [[key, value], ...]},
//   {"counter": ...}, {"defaultdict": ...}, ... complex, range {"complex": [re, im]}, {"range":
//   [start, stop, step]} (each {"int": ...}) Fraction, Decimal {"fraction": "3/4"}, {"decimal":
//   "1.10"} date, datetime, time, timedelta             {"date": ISO}, ..., {"timedelta": [days,
//   seconds, microseconds]} NumPy scalar, array                         {"numpy": [type name,
//   value]}, {"ndarray": [dtype name, nested lists]} SymPy object {"sympy": [class name, text]}
// The repr beside it is Python's, but: NumPy values show as the Python numbers and lists that they
// hold, SymPy objects as their text, a defaultdict without its factory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "caco/base/result.h"
#include "caco/record/sample.h"
#include "caco/sandbox/run_request.h"
#include "caco/sandbox/wall_limit.h"

namespace caco {

inline constexpr int64_t kNonceBytes = 16;
inline constexpr int64_t kMaxProgramBytes = 1 << 20;  // longer programs are CompileError

// What one program may use; the times in microseconds.
struct RunLimits {
  int64_t cpu_us = 0;
  int64_t wall_us = 0;
  CoreWaiting core_waiting = CoreWaiting::TakenOff;  // of the wall time
  int64_t memory_bytes = 0;  // of its own, beside what the interpreter takes
  int64_t stdout_bytes = 0;
  int64_t value_bytes = 0;
  int64_t max_int_digits = 0;
  int64_t stderr_bytes = 0;  // beyond, it is thrown away; the program goes on
};

enum class KillReason : int64_t { None = 0, CpuLimit = 1, WallLimit = 2, Asked = 3, NoFork = 4 };

// All that the outside learned of one run.
struct RawRun {
  int64_t wait_status = 0;
  KillReason killed = KillReason::None;
  int64_t cpu_us = 0;
  int64_t wall_us = 0;
  int64_t peak_kib = 0;
  bool is_stdout_over = false;  // it printed more than allowed
  bool is_result_over = false;  // it wrote more to RESULT than any honest result
  std::string stdout_text;
  bool is_stderr_over = false;
  std::string stderr_text;
  std::string result_bytes;
};

// The flags and the clock are those of `request`; the rest of it is not looked at.
std::string encode_run_message(int64_t run, int64_t program_bytes, const RunLimits& limits,
                               int64_t address_space_bytes, int64_t order_bytes = 0,
                               const RunRequest& request = {});
std::string encode_kill_message(int64_t run);

inline constexpr int64_t kReplyBytes = 48;
// Reads a reply into `raw` and returns its run number. REQUIRES: bytes.size() == kReplyBytes.
int64_t decode_reply(std::string_view bytes, RawRun& raw);

// What the child is to do with its scratch folder; empty when the request has neither
// files nor arguments.
std::string encode_scratch_order(const RunRequest& request);

// The most bytes that an honest child writes to RESULT, without the frame of scratch files.
int64_t max_result_bytes(int64_t program_bytes, const RunLimits& limits);

// The same of the frame of scratch files; 0 when none are wanted.
int64_t max_scratch_frame_bytes(const RunRequest& request);

// Returns what a run amounts to. Every outcome of the program is data; this cannot fail.
// Thread-safe.
RunReport report_run(const RawRun& raw, std::string_view nonce, const RunLimits& limits);

// Returns the part of report_run that the pipeline needs. Thread-safe.
Execution interpret_run(const RawRun& raw, std::string_view nonce, const RunLimits& limits);

}  // namespace caco
