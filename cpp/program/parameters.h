#pragma once
// What a Program refers to by name: embedding tables, weights as f32 matrices or vectors, and matrices of indices.
// Views; `keep_alive` holds the memory (a mapped file, a numpy array).

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "table/table.h"

namespace recfast {

struct Weight {
  const float* data = nullptr;
  int64_t rows = 0;  // 1 for a vector
  int64_t columns = 0;
  bool is_vector = false;
  std::shared_ptr<const void> keep_alive;
};

struct Indices {
  const int32_t* data = nullptr;
  int64_t rows = 0;
  int64_t columns = 0;
  std::shared_ptr<const void> keep_alive;
};

struct Parameters {
  std::unordered_map<std::string, Table> tables;
  std::unordered_map<std::string, Weight> weights;
  std::unordered_map<std::string, Indices> indices;
};

}  // namespace recfast
