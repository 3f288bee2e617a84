#include "caco/store/shard.h"

#include <zstd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>

#include "caco/base/file.h"

namespace caco {
namespace {

// Part of the file format: another level gives other bytes for the same lines.
constexpr int kCompressionLevel = 3;

// How much is given to the compressor at once, and read from files at once.
constexpr size_t kPieceBytes = size_t{128} << 10;

Error cannot_compress(size_t code) {
  return Error{ErrorCode::ResourceExhausted,
               std::string("cannot compress a shard: ") + ZSTD_getErrorName(code), ""};
}

Result<std::ifstream> open_for_reading(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const int number = errno;
    return Error{number == ENOENT ? ErrorCode::NotFound : ErrorCode::Internal,
                 "cannot open: " + path.string() + ": " + std::generic_category().message(number),
                 ""};
  }
  return file;
}

}  // namespace

struct ShardWriter::Compressor {
  Compressor() : context(ZSTD_createCCtx()) {
    if (context == nullptr) return;
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, kCompressionLevel);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  }
  ~Compressor() { ZSTD_freeCCtx(context); }
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;
  ZSTD_CCtx* context;
};

ShardWriter::ShardWriter() : compressor_(std::make_unique<Compressor>()) {}
ShardWriter::~ShardWriter() = default;
ShardWriter::ShardWriter(ShardWriter&& other) noexcept = default;
ShardWriter& ShardWriter::operator=(ShardWriter&& other) noexcept = default;

Status ShardWriter::compress_pending(bool is_last) {
  if (compressor_->context == nullptr) {
    return Error{ErrorCode::ResourceExhausted, "cannot compress a shard: out of memory", ""};
  }
  ZSTD_inBuffer input{pending_.data(), pending_.size(), 0};
  while (true) {
    const size_t start = compressed_.size();
    compressed_.resize(start + ZSTD_CStreamOutSize());
    ZSTD_outBuffer output{compressed_.data() + start, compressed_.size() - start, 0};
    const size_t left = ZSTD_compressStream2(compressor_->context, &output, &input,
                                             is_last ? ZSTD_e_end : ZSTD_e_continue);
    compressed_.resize(start + output.pos);
    if (ZSTD_isError(left) != 0) return cannot_compress(left);
    if (is_last ? left == 0 : input.pos == input.size) break;
  }
  pending_.clear();
  return {};
}

Status ShardWriter::add(std::string_view line) {
  pending_ += line;
  pending_ += '\n';
  ++num_lines_;
  if (pending_.size() < kPieceBytes) return {};
  content_hash_.add(pending_);
  return compress_pending(/*is_last=*/false);
}

Result<ShardFile> ShardWriter::finish(const std::filesystem::path& path) {
  content_hash_.add(pending_);
  TRY(compress_pending(/*is_last=*/true));
  TRY(write_file_atomic(path, compressed_));
  return ShardFile{content_hash_.hex(), hash_hex(compressed_),
                   static_cast<int64_t>(compressed_.size()), num_lines_};
}

struct ShardReader::State {
  State() : context(ZSTD_createDCtx()) {}
  ~State() { ZSTD_freeDCtx(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  std::filesystem::path path;
  std::ifstream file;
  ZSTD_DCtx* context;
  std::string input;         // compressed bytes read and not yet used, from `input_used` on
  size_t input_used = 0;     // bytes of `input` that the decompressor took
  std::string text;          // decompressed bytes, from `text_used` on not yet returned
  size_t text_used = 0;      // bytes of `text` that were returned as lines
  size_t text_searched = 0;  // bytes of `text` known to hold no further line end
  bool is_frame_done = false;
  int64_t num_lines = 0;
};

ShardReader::ShardReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
ShardReader::~ShardReader() = default;
ShardReader::ShardReader(ShardReader&& other) noexcept = default;
ShardReader& ShardReader::operator=(ShardReader&& other) noexcept = default;

Result<ShardReader> ShardReader::open(const std::filesystem::path& path) {
  auto state = std::make_unique<State>();
  if (state->context == nullptr) {
    return Error{ErrorCode::ResourceExhausted, "cannot read a shard: out of memory", ""};
  }
  state->path = path;
  state->file = TRY(open_for_reading(path));
  return ShardReader(std::move(state));
}

Error ShardReader::damaged(const std::string& how) const {
  return Error{ErrorCode::DataLoss,
               "damaged shard: " + state_->path.string() + ": " + how + " after line " +
                   std::to_string(state_->num_lines),
               "remove this file and run the same command again: it is made anew"};
}

// Decompresses some more text, or sets is_frame_done.
Status ShardReader::fill() {
  State& state = *state_;
  state.text.erase(0, state.text_used);
  state.text_searched -= state.text_used;
  state.text_used = 0;
  if (state.input_used == state.input.size()) {
    state.input.resize(kPieceBytes);
    state.file.read(state.input.data(), static_cast<std::streamsize>(kPieceBytes));
    state.input.resize(static_cast<size_t>(state.file.gcount()));
    state.input_used = 0;
    if (state.file.bad()) return damaged("read error");
    if (state.input.empty()) return damaged("the file is truncated");
  }
  const size_t start = state.text.size();
  state.text.resize(start + kPieceBytes);
  ZSTD_inBuffer input{state.input.data(), state.input.size(), state.input_used};
  ZSTD_outBuffer output{state.text.data() + start, kPieceBytes, 0};
  const size_t left = ZSTD_decompressStream(state.context, &output, &input);
  state.text.resize(start + output.pos);
  state.input_used = input.pos;
  if (ZSTD_isError(left) != 0) return damaged(ZSTD_getErrorName(left));
  if (left != 0) return {};
  state.is_frame_done = true;
  if (state.input_used != state.input.size() ||
      state.file.peek() != std::ifstream::traits_type::eof())
    return damaged("bytes follow its end");
  return {};
}

Result<bool> ShardReader::next(std::string& line) {
  State& state = *state_;
  while (true) {
    const size_t end = state.text.find('\n', state.text_searched);
    if (end != std::string::npos) {
      line.assign(state.text, state.text_used, end - state.text_used);
      state.text_used = state.text_searched = end + 1;
      ++state.num_lines;
      return true;
    }
    state.text_searched = state.text.size();
    if (state.text.size() - state.text_used > static_cast<size_t>(kMaxLineBytes))
      return damaged("a line is too long");
    if (state.is_frame_done) {
      if (state.text_used != state.text.size()) return damaged("the last line has no end");
      return false;
    }
    TRY(fill());
  }
}

Result<FileDigest> digest_file(const std::filesystem::path& path) {
  std::ifstream file = TRY(open_for_reading(path));
  StreamHash hash;
  FileDigest digest;
  std::string piece(kPieceBytes, '\0');
  while (file) {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    const auto count = static_cast<size_t>(file.gcount());
    hash.add({piece.data(), count});
    digest.num_bytes += static_cast<int64_t>(count);
  }
  if (file.bad()) return Error{ErrorCode::Internal, "cannot read: " + path.string(), ""};
  digest.hash = hash.hex();
  return digest;
}

}  // namespace caco
