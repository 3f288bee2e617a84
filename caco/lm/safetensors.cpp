#include "caco/lm/safetensors.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <set>
#include <utility>

#include "caco/base/file.h"
#include "caco/base/json.h"
#include "caco/lm/untrusted_json.h"

namespace caco::lm {
namespace {

constexpr int64_t kMaxHeaderBytes = 100'000'000;  // the limit of the format's own readers
constexpr int64_t kLengthBytes = 8;
constexpr int64_t kAlignment = 8;  // of the data section in files that we write
constexpr int64_t kMaxDimensions = 16;
constexpr int64_t kMaxTensors = 32768;  // of one file

struct DTypeRow {
  DType dtype;
  std::string_view name;
  int64_t size;
};

constexpr std::array<DTypeRow, 15> kDTypes = {{{DType::Bool, "BOOL", 1},
                                               {DType::U8, "U8", 1},
                                               {DType::I8, "I8", 1},
                                               {DType::I16, "I16", 2},
                                               {DType::U16, "U16", 2},
                                               {DType::I32, "I32", 4},
                                               {DType::U32, "U32", 4},
                                               {DType::I64, "I64", 8},
                                               {DType::U64, "U64", 8},
                                               {DType::F16, "F16", 2},
                                               {DType::BF16, "BF16", 2},
                                               {DType::F32, "F32", 4},
                                               {DType::F64, "F64", 8},
                                               {DType::F8E4M3, "F8_E4M3", 1},
                                               {DType::F8E5M2, "F8_E5M2", 1}}};

Error invalid_file(std::string message) {
  return Error{ErrorCode::InvalidArgument, "not a valid safetensors file: " + std::move(message),
               ""};
}

Error failed_on(const std::string& what, const std::string& path) {
  const int number = errno;
  return Error{number == ENOENT ? ErrorCode::NotFound : ErrorCode::Internal,
               "cannot " + what + ": " + path + ": " + std::strerror(number), ""};
}

uint64_t read_little_endian(const char* bytes) {
  uint64_t value = 0;
  for (int i = 7; i >= 0; --i)
    value = (value << 8) | static_cast<unsigned char>(bytes[i]);
  return value;
}

// Returns a JSON number as a non-negative int64, or -1.
int64_t read_size(const Json& value) {
  if (!value.is_number_integer()) return -1;
  if (value.is_number_unsigned() && value.get<uint64_t>() > uint64_t{INT64_MAX}) return -1;
  return value.get<int64_t>();
}

Result<TensorEntry> parse_entry(const std::string& name, const Json& json) {
  if (!json.is_object()) return invalid_file("entry is not an object: " + name);
  const auto dtype = json.find("dtype");
  const auto shape = json.find("shape");
  const auto offsets = json.find("data_offsets");
  if (dtype == json.end() || !dtype->is_string()) return invalid_file("no dtype: " + name);
  if (shape == json.end() || !shape->is_array()) return invalid_file("no shape: " + name);
  if (offsets == json.end() || !offsets->is_array() || offsets->size() != 2) {
    return invalid_file("no data_offsets: " + name);
  }
  TensorEntry entry;
  const std::string dtype_text = dtype->get<std::string>();
  const auto row = std::find_if(kDTypes.begin(), kDTypes.end(),
                                [&](const DTypeRow& r) { return r.name == dtype_text; });
  if (row == kDTypes.end()) return invalid_file("unknown dtype " + dtype_text + ": " + name);
  entry.dtype = row->dtype;
  if (shape->size() > kMaxDimensions) return invalid_file("too many dimensions: " + name);
  int64_t num_bytes = row->size;
  for (const Json& dimension : *shape) {
    const int64_t size = read_size(dimension);
    if (size < 0) return invalid_file("bad dimension: " + name);
    entry.shape.push_back(size);
    if (__builtin_mul_overflow(num_bytes, size, &num_bytes)) {
      return invalid_file("shape overflows: " + name);
    }
  }
  entry.begin = read_size((*offsets)[0]);
  entry.end = read_size((*offsets)[1]);
  if (entry.begin < 0 || entry.end < entry.begin) return invalid_file("bad data_offsets: " + name);
  if (entry.end - entry.begin != num_bytes) {
    return invalid_file("data_offsets do not fit dtype and shape: " + name);
  }
  return entry;
}

// The tensors must cover the data section exactly once.
Result<void> check_tiling(const std::map<std::string, TensorEntry>& tensors, int64_t data_size) {
  std::vector<std::pair<int64_t, int64_t>> ranges;
  for (const auto& [name, entry] : tensors)
    ranges.emplace_back(entry.begin, entry.end);
  std::sort(ranges.begin(), ranges.end());
  int64_t position = 0;
  for (const auto& [begin, end] : ranges) {
    if (begin != position)
      return invalid_file("hole or overlap at byte " + std::to_string(position));
    position = end;
  }
  if (position != data_size) {
    return invalid_file("tensors end at byte " + std::to_string(position) + " of " +
                        std::to_string(data_size));
  }
  return {};
}

// Appends the values in little-endian order.
void append_values(std::string& bytes, std::span<const float> values, DType dtype) {
  const size_t size = static_cast<size_t>(dtype_size(dtype));
  const size_t start = bytes.size();
  bytes.resize(start + values.size() * size);
  char* out = bytes.data() + start;
  for (const float value : values) {
    uint32_t bits = std::bit_cast<uint32_t>(value);
    if (dtype == DType::BF16) bits = float_to_bfloat16(value);
    if (dtype == DType::F16) bits = float_to_float16(value);
    for (size_t i = 0; i < size; ++i)
      *out++ = static_cast<char>(bits >> (8 * i));
  }
}

}  // namespace

std::string_view dtype_name(DType dtype) {
  return kDTypes[static_cast<size_t>(dtype)].name;
}

int64_t dtype_size(DType dtype) {
  return kDTypes[static_cast<size_t>(dtype)].size;
}

int64_t TensorEntry::num_values() const {
  int64_t product = 1;
  for (const int64_t size : shape)
    product *= size;
  return product;
}

Result<SafetensorsHeader> parse_safetensors(std::string_view file_bytes) {
  const int64_t file_size = static_cast<int64_t>(file_bytes.size());
  if (file_size < kLengthBytes) return invalid_file("shorter than 8 bytes");
  const uint64_t length = read_little_endian(file_bytes.data());
  if (length > static_cast<uint64_t>(kMaxHeaderBytes)) return invalid_file("header over 100 MB");
  if (static_cast<int64_t>(length) > file_size - kLengthBytes) {
    return invalid_file("header longer than the file");
  }
  const std::string_view text = file_bytes.substr(kLengthBytes, length);
  if (text.empty() || text.front() != '{') return invalid_file("header does not start with {");
  Result<Json> parsed = parse_untrusted_json(text, kMaxTensors);
  if (!parsed.ok()) return invalid_file("header: " + parsed.error().message);
  const Json& json = parsed.value();
  if (!json.is_object()) return invalid_file("header is not an object");
  SafetensorsHeader header;
  header.data_offset = kLengthBytes + static_cast<int64_t>(length);
  for (const auto& [name, value] : json.items()) {
    if (name != "__metadata__") {
      header.tensors[name] = TRY(parse_entry(name, value));
      continue;
    }
    if (!value.is_object()) return invalid_file("__metadata__ is not an object");
    for (const auto& [key, text_value] : value.items()) {
      if (!text_value.is_string())
        return invalid_file("__metadata__ value is not a string: " + key);
      header.metadata[key] = text_value.get<std::string>();
    }
  }
  TRY(check_tiling(header.tensors, file_size - header.data_offset));
  return header;
}

SafetensorsFile::SafetensorsFile(const char* mapping, int64_t size, SafetensorsHeader header)
    : mapping_(mapping), size_(size), header_(std::move(header)) {}

SafetensorsFile::SafetensorsFile(SafetensorsFile&& other) noexcept
    : mapping_(std::exchange(other.mapping_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      header_(std::move(other.header_)) {}

SafetensorsFile& SafetensorsFile::operator=(SafetensorsFile&& other) noexcept {
  std::swap(mapping_, other.mapping_);
  std::swap(size_, other.size_);
  std::swap(header_, other.header_);
  return *this;
}

SafetensorsFile::~SafetensorsFile() {
  if (mapping_ != nullptr) {
    ::munmap(const_cast<char*>(mapping_), static_cast<size_t>(size_));
  }
}

Result<SafetensorsFile> SafetensorsFile::open(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return failed_on("open", path);
  struct stat status = {};
  if (::fstat(file, &status) != 0) {
    const Error error = failed_on("stat", path);
    ::close(file);
    return error;
  }
  if (status.st_size < kLengthBytes) {
    ::close(file);
    return invalid_file("shorter than 8 bytes: " + path);
  }
  void* mapping =
      ::mmap(nullptr, static_cast<size_t>(status.st_size), PROT_READ, MAP_PRIVATE, file, 0);
  ::close(file);
  if (mapping == MAP_FAILED) return failed_on("map", path);
  SafetensorsFile result(static_cast<const char*>(mapping), status.st_size, {});
  Result<SafetensorsHeader> header =
      parse_safetensors({result.mapping_, static_cast<size_t>(result.size_)});
  if (!header.ok()) {
    return Error{header.error().code, header.error().message + ": " + path, ""};
  }
  result.header_ = std::move(header).value();
  return result;
}

Result<std::vector<float>> SafetensorsFile::read_float(const std::string& name) const {
  const auto found = header_.tensors.find(name);
  if (found == header_.tensors.end()) {
    return Error{ErrorCode::NotFound, "no such tensor: " + name, ""};
  }
  const TensorEntry& entry = found->second;
  std::vector<float> values(static_cast<size_t>(entry.num_values()));
  const char* bytes = mapping_ + header_.data_offset + entry.begin;
  if (entry.dtype == DType::F32) {
    // The data may be misaligned in the file, so bytes are copied, never reinterpreted in place.
    if (!values.empty()) std::memcpy(values.data(), bytes, values.size() * sizeof(float));
    return values;
  }
  if (entry.dtype != DType::BF16 && entry.dtype != DType::F16) {
    return invalid_file("cannot convert dtype " + std::string(dtype_name(entry.dtype)) +
                        " to float: " + name);
  }
  for (size_t i = 0; i < values.size(); ++i) {
    uint16_t bits = 0;
    std::memcpy(&bits, bytes + 2 * i, sizeof(bits));
    values[i] = entry.dtype == DType::BF16 ? bfloat16_to_float(bits) : float16_to_float(bits);
  }
  return values;
}

Result<void> write_safetensors(const std::string& path, const std::vector<TensorView>& tensors,
                               DType dtype, const std::map<std::string, std::string>& metadata) {
  assert(dtype == DType::F32 || dtype == DType::F16 || dtype == DType::BF16);
  if (tensors.empty()) return Error{ErrorCode::InvalidArgument, "no tensors to write: " + path, ""};
  Json json = Json::object();
  json["__metadata__"] = Json::object({{"format", "pt"}});
  for (const auto& [key, value] : metadata)
    json["__metadata__"][key] = value;
  int64_t offset = 0;
  for (const TensorView& tensor : tensors) {
    if (json.contains(tensor.name)) {
      return Error{ErrorCode::InvalidArgument, "tensor given twice: " + tensor.name, ""};
    }
    const int64_t end = offset + static_cast<int64_t>(tensor.values.size()) * dtype_size(dtype);
    Json entry = Json::object();
    entry["dtype"] = std::string(dtype_name(dtype));
    entry["shape"] = tensor.shape;
    entry["data_offsets"] = std::vector<int64_t>{offset, end};
    json[tensor.name] = std::move(entry);
    offset = end;
  }
  std::string header = dump_json(json);
  while ((static_cast<int64_t>(header.size()) + kLengthBytes) % kAlignment != 0)
    header += ' ';
  std::string bytes;
  bytes.reserve(header.size() + kLengthBytes + static_cast<size_t>(offset));
  for (int shift = 0; shift < 64; shift += 8) {
    bytes.push_back(static_cast<char>(static_cast<uint64_t>(header.size()) >> shift));
  }
  bytes += header;
  for (const TensorView& tensor : tensors)
    append_values(bytes, tensor.values, dtype);
  return write_file_atomic(path, bytes);
}

uint16_t float_to_bfloat16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  // A NaN must stay one: rounding could carry its payload into infinity.
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<uint16_t>((bits >> 16) | 0x40u);
  return static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

float bfloat16_to_float(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

uint16_t float_to_float16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const uint32_t sign = (bits >> 16) & 0x8000u;
  const uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return static_cast<uint16_t>(sign | 0x7e00u);
  if (magnitude >= 0x47800000u) return static_cast<uint16_t>(sign | 0x7c00u);  // 2^16 and above
  if (magnitude < 0x38800000u) {  // below 2^-14: subnormal halves are multiples of 2^-24
    const float scaled = std::bit_cast<float>(magnitude) * 16777216.0f;
    const uint32_t whole = static_cast<uint32_t>(scaled);
    const float rest = scaled - static_cast<float>(whole);
    const bool is_up = rest > 0.5f || (rest == 0.5f && (whole & 1u) != 0);
    return static_cast<uint16_t>(sign | (whole + (is_up ? 1u : 0u)));
  }
  const uint32_t rounded = magnitude + 0xfffu + ((magnitude >> 13) & 1u);
  return static_cast<uint16_t>(sign | ((rounded - 0x38000000u) >> 13));
}

float float16_to_float(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16;
  const uint32_t exponent = (bits >> 10) & 0x1fu;
  const uint32_t fraction = bits & 0x3ffu;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) / 16777216.0f;
    return sign != 0 ? -magnitude : magnitude;
  }
  if (exponent == 0x1fu) return std::bit_cast<float>(sign | 0x7f800000u | (fraction << 13));
  return std::bit_cast<float>(sign | ((exponent + 112u) << 23) | (fraction << 13));
}

}  // namespace caco::lm
