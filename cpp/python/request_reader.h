#pragma once
// Python dicts and tables of one row -> Requests. Made once per ranker: it knows every request column by its interned
// name, and which plain values its features take.

#include <pybind11/pybind11.h>

#include <vector>

#include "features/encoder.h"

namespace recfast::python {

// Objects whose memory a Request refers to. Take it and let it go under the GIL.
using Pins = std::vector<pybind11::object>;

class RequestReader {
 public:
  explicit RequestReader(const Encoder& encoder);

  // A mapping from feature to one raw value, or a table of one row. Throws ValueError or TypeError naming the feature.
  Request read(pybind11::handle object, Pins& pins) const;

 private:
  void add(pybind11::handle key, pybind11::handle value, size_t expected, Request& request, Pins& pins) const;
  size_t place_of(pybind11::handle key, size_t expected) const;

  const Encoder& encoder_;
  std::vector<pybind11::object> names_;  // interned str, by place
  std::vector<uint8_t> takes_;           // by place: a bit per RawValue::Kind
  pybind11::dict places_;                // name -> place
};

}  // namespace recfast::python
