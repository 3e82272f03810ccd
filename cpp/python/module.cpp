// The extension module: translates errors and registers every noun.

#include <pybind11/pybind11.h>

#include "base/error.h"
#include "python/register.h"

namespace py = pybind11;

PYBIND11_MODULE(_core, m) {
  m.doc() = "The compiled core of recfast.";
  py::register_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const recfast::ValueError& error) {
      py::set_error(PyExc_ValueError, error.what());
    } catch (const recfast::TypeError& error) {
      py::set_error(PyExc_TypeError, error.what());
    } catch (const recfast::IndexError& error) {
      py::set_error(PyExc_IndexError, error.what());
    } catch (const recfast::KeyError& error) {
      py::set_error(PyExc_KeyError, error.what());
    }
  });
  recfast::python::register_columns(m);
  recfast::python::register_hash(m);
  recfast::python::register_features(m);
  recfast::python::register_table(m);
  recfast::python::register_topk(m);
  recfast::python::register_cpu(m);
  recfast::python::register_program(m);
  recfast::python::register_catalog(m);
}
