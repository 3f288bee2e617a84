// Reading and writing of the safetensors format: 8 bytes header length, a JSON header, raw tensors.
//
// A checkpoint may come from anywhere, so the reader treats the file as hostile: every length and
// offset is checked with overflow in mind before a byte of a tensor is touched. Tensors must tile
// the data section without holes or overlap, in any order. Format: the public safetensors README.
// Thread-safety: a SafetensorsFile is immutable after opening; concurrent reads are safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "caco/base/result.h"

namespace caco::lm {

// Element types that a file may hold. F32, F16 and BF16 can be converted to float.
enum class DType {
  Bool,
  U8,
  I8,
  I16,
  U16,
  I32,
  U32,
  I64,
  U64,
  F16,
  BF16,
  F32,
  F64,
  F8E4M3,
  F8E5M2
};

// Returns the name in the file ("BF16"), and the size of an element in bytes.
std::string_view dtype_name(DType dtype);
int64_t dtype_size(DType dtype);

// Where one tensor lies: byte offsets are relative to the start of the data section.
struct TensorEntry {
  DType dtype = DType::F32;
  std::vector<int64_t> shape;  // empty for a scalar; dimensions may be 0
  int64_t begin = 0;
  int64_t end = 0;

  int64_t num_values() const;
};

struct SafetensorsHeader {
  std::map<std::string, TensorEntry> tensors;
  std::map<std::string, std::string> metadata;
  int64_t data_offset = 0;  // of the data section, from the start of the file
};

// Parses and checks the header of a whole file's bytes; reads nothing of the data section.
// Errors name what is wrong and the tensor: too short, header longer than the file or than 100 MB,
// not a JSON object, unknown dtype, negative or overflowing shape, offsets out of range, a size
// that does not match shape and dtype, holes or overlap, a name that occurs twice, more than 32768
// tensors.
Result<SafetensorsHeader> parse_safetensors(std::string_view file_bytes);

// A memory-mapped file with a checked header.
class SafetensorsFile {
 public:
  static Result<SafetensorsFile> open(const std::string& path);
  SafetensorsFile(SafetensorsFile&& other) noexcept;
  SafetensorsFile& operator=(SafetensorsFile&& other) noexcept;
  SafetensorsFile(const SafetensorsFile&) = delete;
  SafetensorsFile& operator=(const SafetensorsFile&) = delete;
  ~SafetensorsFile();

  const SafetensorsHeader& header() const { return header_; }

  // Returns the values of tensor `name` as float, in C order. Errors: no such tensor, a dtype other
  // than F32, F16 and BF16.
  Result<std::vector<float>> read_float(const std::string& name) const;

 private:
  SafetensorsFile(const char* mapping, int64_t size, SafetensorsHeader header);

  const char* mapping_ = nullptr;  // owned, nullptr after a move
  int64_t size_ = 0;
  SafetensorsHeader header_;
};

// One tensor to be written: `values` must hold the product of `shape` values.
struct TensorView {
  std::string name;
  std::vector<int64_t> shape;
  std::span<const float> values;
};

// Writes `tensors` to `path` atomically (temporary file, fsync, rename) as `dtype`, which must be
// F32, F16 or BF16 (rounded to nearest even), with `metadata` and {"format":"pt"}. The bytes depend
// on the arguments alone. Errors: a file that cannot be written, a name given twice, no tensors.
Result<void> write_safetensors(const std::string& path, const std::vector<TensorView>& tensors,
                               DType dtype,
                               const std::map<std::string, std::string>& metadata = {});

// Conversions of single values; BF16 and F16 round to nearest even, NaN stays NaN.
uint16_t float_to_bfloat16(float value);
float bfloat16_to_float(uint16_t bits);
uint16_t float_to_float16(float value);
float float16_to_float(uint16_t bits);

}  // namespace caco::lm
