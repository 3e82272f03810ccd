// The extension module: translates errors and registers every noun.

#include <pybind11/pybind11.h>

#include <string_view>

#include "base/error.h"
#include "python/register.h"
#include "python/times.h"

namespace py = pybind11;

namespace {

// A message may quote bytes that are no UTF-8; they must not turn one error into another.
void set_error(PyObject* type, const std::exception& error) {
  const std::string_view text(error.what());
  PyObject* message = PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace");
  if (message == nullptr) return;
  PyErr_SetObject(type, message);
  Py_DECREF(message);
}

}  // namespace

// It needs no GIL: what Python shares is immutable (Encoder, Executor, Table, Columns), or hands over its parts without
// a lock (Catalog, Ranker); lists and dicts of the caller are copied or locked while they are read.
PYBIND11_MODULE(_core, m, py::mod_gil_not_used()) {
  m.doc() = "The compiled core of recfast.";
  py::register_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const recfast::ValueError& error) {
      set_error(PyExc_ValueError, error);
    } catch (const recfast::TypeError& error) {
      set_error(PyExc_TypeError, error);
    } catch (const recfast::IndexError& error) {
      set_error(PyExc_IndexError, error);
    } catch (const recfast::KeyError& error) {
      set_error(PyExc_KeyError, error);
    } catch (const recfast::DeviceError& error) {
      set_error(py::module_::import("recfast.errors").attr("DeviceError").ptr(), error);
    }
  });
  recfast::python::prepare_times();
  recfast::python::register_columns(m);
  recfast::python::register_hash(m);
  recfast::python::register_features(m);
  recfast::python::register_table(m);
  recfast::python::register_topk(m);
  recfast::python::register_cpu(m);
  recfast::python::register_cuda(m);
  recfast::python::register_program(m);
  recfast::python::register_filters(m);
  recfast::python::register_catalog(m);
  recfast::python::register_retriever(m);
}
