// Executor: a program in its JSON form, with tables and weights, compiled for this CPU.

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <optional>

#include "backends/cpu/executor.h"
#include "base/error.h"
#include "kernels/cpu/dispatch.h"
#include "python/columns.h"
#include "python/named_parts.h"
#include "python/register.h"
#include "ranking/score.h"

namespace py = pybind11;

namespace recfast::python {
namespace {

using cpu::Executor;

[[noreturn]] void refuse(const std::string& what, const char* wanted, py::handle got) {
  throw TypeError(what + " is a " + wanted + ", got " + Py_TYPE(got.ptr())->tp_name);
}

std::string read_text(py::handle value, const std::string& what) {
  if (!PyUnicode_Check(value.ptr())) refuse(what, "string", value);
  return text_of(value, what);
}

py::list read_list(py::handle value, const char* what) {
  if (!PyList_Check(value.ptr()) && !PyTuple_Check(value.ptr())) refuse(what, "list", value);
  return py::list(py::reinterpret_borrow<py::object>(value));
}

py::dict read_dict(py::handle value, const char* what) {
  if (!PyDict_Check(value.ptr())) refuse(what, "dict", value);
  return py::reinterpret_borrow<py::dict>(value);
}

int64_t read_width(py::handle value) {
  if (!PyLong_Check(value.ptr()) || PyBool_Check(value.ptr())) refuse("an input's width", "whole number", value);
  int overflow = 0;
  const long long width = PyLong_AsLongLongAndOverflow(value.ptr(), &overflow);
  if (overflow != 0) throw ValueError("an input's width is far too large");
  return width;
}

InputKind parse_kind(const std::string& kind) {
  if (kind == "ids") return InputKind::kIds;
  if (kind == "bag") return InputKind::kBag;
  if (kind == "weighted_bag") return InputKind::kWeightedBag;
  if (kind == "dense") return InputKind::kDense;
  throw ValueError("unknown input kind '" + kind + "'; the kinds are ids, bag, weighted_bag and dense");
}

// The inputs in the order of the schema's arrays; the program may write them down in any order.
std::vector<Slot> read_inputs(const py::handle& program, const Encoder& encoder) {
  const auto& specs = encoder.specs();
  std::vector<Slot> slots(specs.size());
  std::vector<bool> given(specs.size());
  for (py::handle input : read_list(program["inputs"], "the program's inputs")) {
    const py::dict entries = read_dict(input, "an input of the program");
    Slot slot{.name = read_text(entries["name"], "an input's name"),
              .side = parse_side(read_text(entries["side"], "an input's side")),
              .kind = parse_kind(read_text(entries["kind"], "an input's kind")),
              .width = entries.contains("width") ? read_width(entries["width"]) : 1,
              .rows = 0};
    const int64_t at = encoder.find(slot.name);
    if (at < 0) throw ValueError("the program's input '" + slot.name + "' is no feature of the schema");
    slot.rows = specs[static_cast<size_t>(at)].rows;
    if (given[static_cast<size_t>(at)]) throw ValueError("the program's input '" + slot.name + "' stands there twice");
    given[static_cast<size_t>(at)] = true;
    slots[static_cast<size_t>(at)] = std::move(slot);
  }
  for (size_t i = 0; i < specs.size(); ++i) {
    if (!given[i]) throw ValueError("the schema's array '" + specs[i].name + "' is no input of the program");
  }
  return slots;
}

std::vector<OpText> read_ops(const py::handle& program) {
  std::vector<OpText> ops;
  for (py::handle op : read_list(program["ops"], "the program's ops")) {
    const py::dict entries = read_dict(op, "an op");
    OpText text;
    for (const auto& [key, value] : entries) {
      const std::string name = read_text(key, "the name of an op's entry");
      if (name == "inputs") {
        for (py::handle input : read_list(value, "the inputs of an op")) {
          text.inputs.push_back(read_text(input, "an op's input"));
        }
        continue;
      }
      std::string* field = name == "op"           ? &text.op
                           : name == "output"     ? &text.output
                           : name == "table"      ? &text.table
                           : name == "weight"     ? &text.weight
                           : name == "bias"       ? &text.bias
                           : name == "projection" ? &text.projection
                           : name == "columns"    ? &text.columns
                           : name == "pooling"    ? &text.pooling
                           : name == "activation" ? &text.activation
                                                  : nullptr;
      if (field == nullptr) throw ValueError("an op of the program has the unknown entry '" + name + "'");
      if (value.is_none()) continue;  // as if it were absent
      *field = read_text(value, "the entry '" + name + "' of an op");
    }
    ops.push_back(std::move(text));
  }
  return ops;
}

// The kernels of one ISA, or those that the process uses.
const KernelTable& read_isa(const std::optional<std::string>& isa) {
  return isa ? kernels_for(*isa) : kernels();
}

Weight read_weight(const std::string& name, const py::array& array) {
  if (!array.dtype().equal(py::dtype::of<float>()) || (array.ndim() != 1 && array.ndim() != 2) ||
      !(array.flags() & py::array::c_style)) {
    throw ValueError("the weight '" + name + "' is no contiguous float32 vector or matrix");
  }
  return {.data = static_cast<const float*>(array.data()),
          .rows = array.ndim() == 2 ? array.shape(0) : 1,
          .columns = array.shape(array.ndim() - 1),
          .is_vector = array.ndim() == 1,
          .keep_alive = keep_alive(array)};
}

// Matrices of int32 are indices; all others have to be weights.
bool is_indices(const py::array& array) {
  return array.dtype().equal(py::dtype::of<int32_t>()) && array.ndim() == 2 &&
         (array.flags() & py::array::c_style) != 0;
}

Indices read_indices(const py::array& array) {
  return {.data = static_cast<const int32_t*>(array.data()),
          .rows = array.shape(0),
          .columns = array.shape(1),
          .keep_alive = keep_alive(array)};
}

std::shared_ptr<Executor> make_executor(const std::shared_ptr<Encoder>& encoder, const py::dict& program,
                                        const py::dict& tables, const py::dict& weights,
                                        const std::optional<std::string>& isa, const std::vector<PartText>& parts) {
  Parameters parameters;
  for (const auto& [name, table] : tables)
    parameters.tables.emplace(name.cast<std::string>(), table.cast<const Table&>());
  for (const auto& [name, weight] : weights) {
    const auto text = name.cast<std::string>();
    const auto array = py::reinterpret_borrow<py::array>(weight);
    if (is_indices(array)) {
      parameters.indices.emplace(text, read_indices(array));
    } else {
      parameters.weights.emplace(text, read_weight(text, array));
    }
  }
  auto checked =
      std::make_shared<const Program>(read_inputs(program, *encoder), read_ops(program),
                                      read_text(program["output"], "the program's output"), std::move(parameters));
  const std::vector<split::NamedPart> named = named_parts(*checked, parts);
  return std::make_shared<Executor>(encoder, std::move(checked), read_isa(isa), named);
}

py::array_t<float> score(const Executor& executor, const py::object& rows, int64_t threads, const std::string& items) {
  const ColumnSet columns = table_from_python(rows, "rows");
  const RowFormat format = parse_row_format(items);
  py::array_t<float> scores(columns.rows());
  float* out = scores.mutable_data();
  {
    const py::gil_scoped_release free;
    score_rows(executor, columns, format, threads, out);
  }
  return scores;
}

py::array_t<float> network_inputs(const std::shared_ptr<const Executor>& executor, const py::object& rows,
                                  const std::vector<PartText>& parts) {
  const std::vector<split::NamedPart> named = named_parts(executor->program(), parts);
  const Executor reader(executor->share_encoder(), executor->share_program(), executor->kernels(), named);
  const ColumnSet columns = table_from_python(rows, "rows");
  py::array_t<float> out({columns.rows(), reader.named_width()});
  float* numbers = out.mutable_data();
  {
    const py::gil_scoped_release free;
    read_named_rows(reader, columns, numbers);
  }
  return out;
}

}  // namespace

void register_program(py::module_& m) {
  py::class_<Executor, std::shared_ptr<Executor>>(m, "Executor", "A program compiled for this CPU.")
      .def(py::init(&make_executor), py::arg("encoder"), py::arg("program"), py::arg("tables"), py::arg("weights"),
           py::arg("isa") = py::none(), py::arg("parts") = std::vector<PartText>())
      .def("score", &score, py::arg("rows"), py::arg("threads") = 1, py::arg("items") = "f32")
      .def("network_inputs", &network_inputs, py::arg("rows"), py::arg("parts"))
      .def_property_readonly("isa", [](const Executor& self) { return std::string(self.kernels().isa); })
      .def_property_readonly("request_width", &Executor::request_width)
      .def_property_readonly("item_width", &Executor::item_width);
}

}  // namespace recfast::python
