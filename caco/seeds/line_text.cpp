#include "caco/seeds/line_text.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

#include "caco/base/file.h"

namespace caco {
namespace {

constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr size_t kChunkBytes = 1 << 18;

Error damaged(const std::filesystem::path& path, const std::string& detail) {
  return {ErrorCode::DataLoss, "cannot unpack: " + path.string() + ": " + detail,
          "fetch or pack this file again"};
}

Error too_large(const std::filesystem::path& path, int64_t max_bytes) {
  return {ErrorCode::ResourceExhausted,
          "file holds more than " + std::to_string(max_bytes) + " bytes of text: " + path.string(),
          "split it into several files"};
}

struct InflateDeleter {
  void operator()(z_stream* stream) const {
    ::inflateEnd(stream);
    delete stream;
  }
};

Result<std::string> unpack_gzip(std::string_view packed, const std::filesystem::path& path,
                                int64_t max_bytes) {
  constexpr int kGzipWindowBits = 15 + 16;  // 16: expect gzip's own header
  const std::unique_ptr<z_stream, InflateDeleter> stream(new z_stream{});
  if (::inflateInit2(stream.get(), kGzipWindowBits) != Z_OK) return damaged(path, "zlib failed");
  std::string text;
  std::string chunk(kChunkBytes, '\0');
  size_t taken = 0;
  bool is_at_end = false;  // of a member
  while (taken < packed.size() || !is_at_end) {
    if (is_at_end) {
      // Another member may follow; anything else behind the end is padding.
      if (!packed.substr(taken).starts_with(kGzipMagic)) break;
      ::inflateReset(stream.get());
    }
    const std::string_view input = packed.substr(taken, kChunkBytes);
    stream->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream->avail_in = static_cast<uInt>(input.size());
    stream->next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream->avail_out = static_cast<uInt>(chunk.size());
    const int state = ::inflate(stream.get(), Z_NO_FLUSH);
    taken += input.size() - stream->avail_in;
    text.append(chunk, 0, chunk.size() - stream->avail_out);
    if (std::ssize(text) > max_bytes) return too_large(path, max_bytes);
    is_at_end = state == Z_STREAM_END;
    if (state == Z_BUF_ERROR) return damaged(path, "the gzip data ends early");
    if (state != Z_OK && !is_at_end) {
      return damaged(path, stream->msg != nullptr ? stream->msg : "not gzip data");
    }
  }
  return text;
}

struct ZstdDeleter {
  void operator()(ZSTD_DStream* stream) const { ::ZSTD_freeDStream(stream); }
};

Result<std::string> unpack_zstd(std::string_view packed, const std::filesystem::path& path,
                                int64_t max_bytes) {
  const std::unique_ptr<ZSTD_DStream, ZstdDeleter> stream(::ZSTD_createDStream());
  std::string text;
  std::string chunk(kChunkBytes, '\0');
  ZSTD_inBuffer input{packed.data(), packed.size(), 0};
  size_t state = 1;
  bool is_flushed = true;
  while (input.pos < input.size || !is_flushed) {
    ZSTD_outBuffer output{chunk.data(), chunk.size(), 0};
    state = ::ZSTD_decompressStream(stream.get(), &output, &input);
    if (::ZSTD_isError(state) != 0) return damaged(path, ::ZSTD_getErrorName(state));
    text.append(chunk, 0, output.pos);
    if (std::ssize(text) > max_bytes) return too_large(path, max_bytes);
    is_flushed = output.pos < output.size;
  }
  if (state != 0) return damaged(path, "the zstd data ends early");
  return text;
}

// A row of the table in section 4 of RFC 3629: what may follow a first byte. The bytes after the
// second are 80 to BF.
struct Utf8Row {
  unsigned first_low, first_high, second_low, second_high;
  size_t length;
};
constexpr Utf8Row kUtf8Rows[] = {{0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
                                 {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3},
                                 {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
                                 {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4}};

// Returns the bytes of the character at the start of the text; 0 when there is none.
size_t character_length(std::string_view text) {
  const auto is_between = [&](size_t place, unsigned low, unsigned high) {
    const unsigned byte = place < text.size() ? static_cast<unsigned char>(text[place]) : 0U;
    return byte >= low && byte <= high;
  };
  if (static_cast<signed char>(text[0]) >= 0) return 1;
  for (const Utf8Row& row : kUtf8Rows) {
    if (!is_between(0, row.first_low, row.first_high)) continue;
    bool is_valid = is_between(1, row.second_low, row.second_high);
    for (size_t i = 2; i < row.length; ++i)
      is_valid = is_valid && is_between(i, 0x80, 0xBF);
    return is_valid ? row.length : 0;
  }
  return 0;
}

Result<std::string> unpack(std::string_view content, const std::filesystem::path& path,
                           int64_t max_bytes) {
  if (content.starts_with(kGzipMagic)) return unpack_gzip(content, path, max_bytes);
  if (content.starts_with(kZstdMagic)) return unpack_zstd(content, path, max_bytes);
  return std::string(content);
}

}  // namespace

Result<std::string> read_packed_file(const std::filesystem::path& path, int64_t max_bytes) {
  const Result<std::string> content = read_file(path, max_bytes);
  if (!content.ok()) return content.error();
  std::string text = TRY(unpack(content.value(), path, max_bytes));
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  return text;
}

std::vector<LineSpan> find_lines(std::string_view text) {
  std::vector<LineSpan> lines;
  int64_t number = 0;
  size_t start = 0;
  while (start < text.size()) {
    const size_t end = std::min(text.find('\n', start), text.size());
    std::string_view line = text.substr(start, end - start);
    if (line.ends_with('\r')) line.remove_suffix(1);
    ++number;
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) {
      lines.push_back({static_cast<int64_t>(start), std::ssize(line), number});
    }
    start = end + 1;
  }
  return lines;
}

int64_t find_invalid_utf8(std::string_view text) {
  size_t place = 0;
  while (place < text.size()) {
    const size_t length = character_length(text.substr(place));
    if (length == 0) return static_cast<int64_t>(place);
    place += length;
  }
  return -1;
}

}  // namespace caco
