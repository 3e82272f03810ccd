// Executor: a program in its JSON form, with tables and weights, compiled for this CPU.

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "backends/cpu/executor.h"
#include "base/error.h"
#include "kernels/cpu/dispatch.h"
#include "python/columns.h"
#include "python/register.h"
#include "ranking/score.h"

namespace py = pybind11;

namespace recfast::python {
namespace {

using cpu::Executor;

Side parse_side(const std::string& side) {
  if (side == "request") return Side::kRequest;
  if (side == "item") return Side::kItem;
  if (side == "pair") return Side::kPair;
  throw ValueError("unknown side '" + side + "'; the sides are request, item and pair");
}

InputKind parse_kind(const std::string& kind) {
  if (kind == "ids") return InputKind::kIds;
  if (kind == "bag") return InputKind::kBag;
  if (kind == "dense") return InputKind::kDense;
  throw ValueError("unknown input kind '" + kind + "'; the kinds are ids, bag and dense");
}

// The inputs in the order of the schema's arrays; the program may write them down in any order.
std::vector<Slot> read_inputs(const py::handle& program, const Encoder& encoder) {
  const auto& specs = encoder.specs();
  std::vector<Slot> slots(specs.size());
  std::vector<bool> given(specs.size());
  for (py::handle input : program["inputs"]) {
    const auto entries = py::reinterpret_borrow<py::dict>(input);
    Slot slot{.name = entries["name"].cast<std::string>(),
              .side = parse_side(entries["side"].cast<std::string>()),
              .kind = parse_kind(entries["kind"].cast<std::string>()),
              .width = entries.contains("width") ? entries["width"].cast<int64_t>() : 1,
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
  for (py::handle op : program["ops"]) {
    const auto entries = py::reinterpret_borrow<py::dict>(op);
    OpText text;
    for (const auto& [key, value] : entries) {
      const auto name = key.cast<std::string>();
      if (name == "inputs") {
        text.inputs = value.cast<std::vector<std::string>>();
        continue;
      }
      std::string* field = name == "op"           ? &text.op
                           : name == "output"     ? &text.output
                           : name == "table"      ? &text.table
                           : name == "weight"     ? &text.weight
                           : name == "bias"       ? &text.bias
                           : name == "pooling"    ? &text.pooling
                           : name == "activation" ? &text.activation
                                                  : nullptr;
      if (field == nullptr) throw ValueError("an op of the program has the unknown entry '" + name + "'");
      *field = value.cast<std::string>();
    }
    ops.push_back(std::move(text));
  }
  return ops;
}

Weight read_weight(const std::string& name, const py::array& array) {
  if (!array.dtype().is(py::dtype::of<float>()) || (array.ndim() != 1 && array.ndim() != 2) ||
      !(array.flags() & py::array::c_style)) {
    throw ValueError("the weight '" + name + "' is no contiguous float32 vector or matrix");
  }
  return {.data = static_cast<const float*>(array.data()),
          .rows = array.ndim() == 2 ? array.shape(0) : 1,
          .columns = array.shape(array.ndim() - 1),
          .is_vector = array.ndim() == 1,
          .keep_alive = keep_alive(array)};
}

std::shared_ptr<Executor> make_executor(const std::shared_ptr<Encoder>& encoder, const py::dict& program,
                                        const py::dict& tables, const py::dict& weights) {
  Parameters parameters;
  for (const auto& [name, table] : tables)
    parameters.tables.emplace(name.cast<std::string>(), table.cast<const Table&>());
  for (const auto& [name, weight] : weights) {
    const auto text = name.cast<std::string>();
    parameters.weights.emplace(text, read_weight(text, py::reinterpret_borrow<py::array>(weight)));
  }
  auto checked = std::make_shared<const Program>(read_inputs(program, *encoder), read_ops(program),
                                                 program["output"].cast<std::string>(), std::move(parameters));
  return std::make_shared<Executor>(encoder, std::move(checked), kernels());
}

py::array_t<float> score(const Executor& executor, const py::object& rows) {
  const ColumnSet columns = table_from_python(rows, "rows");
  std::vector<float> scores;
  {
    const py::gil_scoped_release free;
    scores = score_rows(executor, columns);
  }
  return py::array_t<float>(static_cast<py::ssize_t>(scores.size()), scores.data());
}

}  // namespace

void register_program(py::module_& m) {
  py::class_<Executor, std::shared_ptr<Executor>>(m, "Executor", "A program compiled for this CPU.")
      .def(py::init(&make_executor), py::arg("encoder"), py::arg("program"), py::arg("tables"), py::arg("weights"))
      .def("score", &score, py::arg("rows"))
      .def_property_readonly("isa", [](const Executor& self) { return std::string(self.kernels().isa); })
      .def_property_readonly("request_width", &Executor::request_width)
      .def_property_readonly("item_width", &Executor::item_width);
}

}  // namespace recfast::python
