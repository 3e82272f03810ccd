#pragma once
// The memory of a column that is made from Python objects: values, null bits, and the objects that the values refer to.

#include <pybind11/pybind11.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "features/column.h"

namespace recfast::python {

struct Nulls {
  std::vector<uint8_t> bits;
  bool any = false;
  explicit Nulls(size_t rows) : bits((rows + 7) / 8, 0xff) {}
  void set(size_t row) {
    bits[row >> 3] &= static_cast<uint8_t>(~(1u << (row & 7)));
    any = true;
  }
};

template <class T>
struct Owned {
  std::vector<T> values;
  Nulls nulls;
  pybind11::tuple source;
  Owned(size_t rows, pybind11::tuple from) : nulls(rows), source(std::move(from)) {}
  ~Owned() {
    pybind11::gil_scoped_acquire gil;
    source.release().dec_ref();
  }
};

template <class T>
void finish(Column& column, std::shared_ptr<Owned<T>> owned) {
  column.data = owned->values.data();
  if (owned->nulls.any) column.validity = owned->nulls.bits.data();
  column.owner = std::move(owned);
}

}  // namespace recfast::python
