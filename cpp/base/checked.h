#pragma once
// Size arithmetic that refuses to overflow: for every size that comes from a file or from the user's arrays.

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/error.h"

namespace recfast {

// a + b. what: the quantity's name, for the message. Throws Error when the sum does not fit.
template <class Error = ValueError>
size_t checked_add(size_t a, size_t b, const char* what) {
  size_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum))
    throw Error(std::string(what) + ": " + std::to_string(a) + " + " + std::to_string(b) + " overflows a size");
  return sum;
}

// a * b. what: the quantity's name, for the message. Throws Error when the product does not fit.
template <class Error = ValueError>
size_t checked_mul(size_t a, size_t b, const char* what) {
  size_t product = 0;
  if (__builtin_mul_overflow(a, b, &product))
    throw Error(std::string(what) + ": " + std::to_string(a) + " * " + std::to_string(b) + " overflows a size");
  return product;
}

// A size that came as a signed number. Throws Error when it is negative.
template <class Error = ValueError>
size_t checked_size(int64_t n, const char* what) {
  if (n < 0) throw Error(std::string(what) + " must not be negative, got " + std::to_string(n));
  return static_cast<size_t>(n);
}

}  // namespace recfast
