// The journal: an append-only file of model replies, so that no answer is paid for twice and a run
// can be replayed without its models.
//
// JSON Lines. A line {"v":1,"identity":NAME} says whose replies follow; a line {"key":K,"reply":R}
// holds one reply, K being the hash of the model's identity and the whole request. Each reply is
// appended by one write as soon as it arrives (a killed process loses none that was written), and
// synced to disk at the end of each call (a power cut loses at most the calls in progress). A torn
// last line is cut off at opening. A damaged line in the middle is skipped with a warning: its
// request is asked again, and the later line of a key counts. When a request comes twice, the first
// reply is used for both.
//
// Replies are not kept in memory, only their places: about 50 bytes each. Thread-safe. One process
// at a time writes to a journal.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "caco/base/result.h"
#include "caco/model/language_model.h"

namespace caco {

// Returns the key of a request to the model of this identity. Every field of the request counts.
std::string journal_key(std::string_view identity, const ModelRequest& request);

// Returns a model that answers from the journal at `path` what it finds there, asks `model` for the
// rest, and writes that down. Creates the file and its folder. Its identity is that of `model`.
// ResourceExhausted on a full disk; Unavailable when another process writes to this journal.
Result<std::unique_ptr<LanguageModel>> make_journaled_model(std::unique_ptr<LanguageModel> model,
                                                            const std::filesystem::path& path);

// Returns a model that answers from the journal alone; its identity is the last one in the file. A
// request that is not there is a NotFound Error that names it. NotFound when there is no file,
// DataLoss when no line says the identity.
Result<std::unique_ptr<LanguageModel>> make_recorded_model(const std::filesystem::path& path);

}  // namespace caco
