#include "catalog/fingerprint.h"

#include <string_view>
#include <vector>

#include "hash/hash.h"

namespace recfast {
namespace {

class Fingerprint {
 public:
  explicit Fingerprint(uint64_t seed) : value_(seed) {}
  void add(const void* data, size_t bytes) { value_ = xxh64(data, bytes, value_); }
  void add(std::string_view text) { add(text.data(), text.size()); }
  void add(int64_t number) { add(&number, sizeof number); }
  uint64_t value() const noexcept { return value_; }

 private:
  uint64_t value_;
};

size_t bytes_of(int64_t rows, int64_t columns, size_t element) {
  return static_cast<size_t>(rows) * static_cast<size_t>(columns) * element;
}

template <class Named, class Add>
void add_named(const Named& named, const std::string& name, const Add& add) {
  const auto found = named.find(name);
  if (found != named.end()) add(found->second);
}

void add_op(const Program& program, const OpNode& op, Fingerprint& out) {
  out.add(op_name(op.type));
  for (const int64_t input : op.inputs) out.add(input);
  out.add(op.output);
  out.add(static_cast<int64_t>(op.pooling));
  out.add(static_cast<int64_t>(op.relu));
  const Slot& result = program.slots()[static_cast<size_t>(op.output)];
  const Parameters& parameters = program.parameters();
  for (const std::string* name : {&op.table, &op.weight, &op.bias, &op.projection, &op.columns}) {
    out.add(*name);
    if (name->empty() || result.side == Side::kRequest) continue;
    add_named(parameters.tables, *name, [&](const Table& table) {
      out.add(row_format_name(table.format()));
      out.add(table.dim());
      out.add(table.data(), static_cast<size_t>(table.size_bytes()));
    });
    add_named(parameters.weights, *name, [&](const Weight& weight) {
      out.add(weight.columns);
      out.add(weight.data, bytes_of(weight.rows, weight.columns, sizeof *weight.data));
    });
    add_named(parameters.indices, *name, [&](const Indices& indices) {
      out.add(indices.columns);
      out.add(indices.data, bytes_of(indices.rows, indices.columns, sizeof *indices.data));
    });
  }
}

template <class T>
void append(std::vector<unsigned char>& out, const T* values, size_t count) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(values);
  out.insert(out.end(), bytes, bytes + count * sizeof(T));
}

}  // namespace

uint64_t model_fingerprint(const cpu::Executor& executor) {
  const Program& program = executor.program();
  Fingerprint out(executor.encoder().fingerprint());
  out.add(executor.kernels().isa);
  for (const Slot& slot : program.slots()) {
    out.add(slot.name);
    for (const int64_t number : {static_cast<int64_t>(slot.side), static_cast<int64_t>(slot.kind), slot.width})
      out.add(number);
  }
  for (const OpNode& op : program.ops()) add_op(program, op, out);
  out.add(program.output());
  return out.value();
}

void row_fingerprints(const Encoder& encoder, const EncodedArrays& arrays, int64_t rows, uint64_t model,
                      uint64_t* out) {
  std::vector<const EncodedArray*> items;
  for (size_t i = 0; i < arrays.size(); ++i) {
    if (encoder.specs()[i].side == Side::kItem) items.push_back(&arrays[i]);
  }
  std::vector<unsigned char> bytes;
  for (int64_t row = 0; row < rows; ++row) {
    const auto at = static_cast<size_t>(row);
    bytes.clear();
    for (const EncodedArray* array : items) {
      if (array->kind == InputKind::kIds) {
        append(bytes, &array->ids[at], 1);
      } else if (array->kind == InputKind::kDense) {
        append(bytes, array->values.data() + row * array->width, static_cast<size_t>(array->width));
      } else {
        const int64_t begin = array->offsets[at];
        const int64_t count = array->offsets[at + 1] - begin;
        append(bytes, &count, 1);
        append(bytes, array->ids.data() + begin, static_cast<size_t>(count));
        if (array->kind == InputKind::kWeightedBag)
          append(bytes, array->values.data() + begin, static_cast<size_t>(count));
      }
    }
    out[row] = xxh64(bytes.data(), bytes.size(), model);
  }
}

}  // namespace recfast
