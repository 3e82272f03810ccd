#include "python/pair_engine.h"

#include <pybind11/stl.h>

#include "base/error.h"
#include "python/columns.h"

namespace py = pybind11;

namespace recfast::python {
namespace {

// Runs `body` with the GIL; what Python raises becomes a DeviceError while it is still held.
template <class Body>
auto with_gil(Body&& body) {
  const py::gil_scoped_acquire gil;
  try {
    return body();
  } catch (const py::error_already_set& error) {
    throw DeviceError(error.what());
  }
}

// A Python object that may be let go without the GIL.
class Held {
 public:
  explicit Held(py::object object) : raw_(object.ptr()), alive_(keep_alive(std::move(object))) {}
  py::object operator*() const { return py::reinterpret_borrow<py::object>(raw_); }

 private:
  PyObject* raw_;
  std::shared_ptr<const void> alive_;
};

class PythonContext final : public PairEngine::Context {
 public:
  PythonContext(py::object context, const std::vector<PairEngine::Input>& inputs)
      : context_(std::move(context)), inputs_(inputs) {}

  void bind(std::span<const uintptr_t> inputs, uintptr_t scores, int64_t rows) override {
    with_gil([&] {
      py::dict addresses;
      for (size_t i = 0; i < inputs_.size(); ++i) addresses[py::str(inputs_[i].name)] = inputs[i];
      addresses["logit"] = scores;
      (*context_).attr("bind")(addresses, rows);
    });
  }
  void enqueue(uintptr_t stream) override {
    with_gil([&] { (*context_).attr("enqueue")(stream); });
  }
  bool capturable(uintptr_t stream) override {
    return with_gil([&] { return (*context_).attr("capturable")(stream).template cast<bool>(); });
  }

 private:
  Held context_;
  const std::vector<PairEngine::Input>& inputs_;
};

class PythonEngine final : public PairEngine {
 public:
  PythonEngine(py::object engine, std::vector<Input> inputs) : engine_(engine), inputs_(std::move(inputs)) {
    std::tie(least_, usual_, most_) = engine.attr("batch").cast<std::tuple<int64_t, int64_t, int64_t>>();
  }
  const std::vector<Input>& inputs() const noexcept override { return inputs_; }
  int64_t least_rows() const noexcept override { return least_; }
  int64_t most_rows() const noexcept override { return most_; }
  std::unique_ptr<Context> make_context() const override {
    return with_gil([&] { return std::make_unique<PythonContext>((*engine_).attr("context")(), inputs_); });
  }

 private:
  Held engine_;
  std::vector<Input> inputs_;
  int64_t least_ = 1;
  int64_t usual_ = 1;
  int64_t most_ = 1;
};

}  // namespace

std::shared_ptr<const PairEngine> pair_engine_from_python(py::object engine, const Program& program,
                                                          const std::vector<EngineInputText>& inputs) {
  std::vector<PairEngine::Input> read;
  for (const auto& [name, side, parts] : inputs) {
    std::vector<PartText> texts;
    for (const auto& [slot, part, width] : parts) texts.emplace_back(slot, part, side, width);
    read.push_back({.name = name, .side = parse_side(side), .parts = named_parts(program, texts)});
  }
  return std::make_shared<const PythonEngine>(std::move(engine), std::move(read));
}

}  // namespace recfast::python
