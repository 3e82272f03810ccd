#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <string>

#include "base/error.h"
#include "kernels/cpu/dispatch.h"
#include "python/register.h"
#include "retrieval/topk.h"

namespace recfast::python {

namespace py = pybind11;

namespace {

using Floats = py::array_t<float, py::array::c_style>;

// scores: f32 [B, N] -> (rows int64 [B, K'], scores f32 [B, K']), K' = min(k, N).
py::tuple topk(const Floats& scores, int64_t k) {
  if (scores.ndim() != 2)
    throw ValueError("scores must have 2 dimensions [B, N], got " + std::to_string(scores.ndim()));
  TopKCollector collector(kernels(), k);
  const int64_t queries = scores.shape(0);
  const int64_t n = scores.shape(1);
  const int64_t width = std::min(k, n);
  py::array_t<int64_t> rows({queries, width});
  py::array_t<float> best({queries, width});
  const float* x = scores.data();
  int64_t* row = rows.mutable_data();
  float* score = best.mutable_data();
  {
    const py::gil_scoped_release release;
    for (int64_t q = 0; q < queries; ++q) {
      collector.reset(k);
      collector.push_block(x + q * n, n, 0);
      for (const Ranked& ranked : collector.finish()) {
        *row++ = ranked.row;
        *score++ = ranked.score;
      }
    }
  }
  return py::make_tuple(rows, best);
}

}  // namespace

void register_topk(py::module_& m) {
  m.def("topk", &topk, py::arg("scores").noconvert(), py::arg("k"));
}

}  // namespace recfast::python
