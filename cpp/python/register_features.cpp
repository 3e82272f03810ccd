// Encoder: the features of a schema, from its JSON form, and what encoding gives as numpy arrays.

#include <pybind11/stl.h>

#include <unordered_map>

#include "base/error.h"
#include "features/bag.h"
#include "features/bucketized.h"
#include "features/categorical.h"
#include "features/encoder.h"
#include "features/numeric.h"
#include "features/vector.h"
#include "features/weighted_bag.h"
#include "hash/hash.h"
#include "python/columns.h"
#include "python/register.h"

namespace py = pybind11;

namespace recfast::python {
namespace {

constexpr std::pair<const char*, Side> kSides[] = {
    {"request", Side::kRequest}, {"item", Side::kItem}, {"pair", Side::kPair}};

std::vector<TransformStep> transforms_of(const py::dict& feature) {
  std::vector<TransformStep> steps;
  for (py::handle step : feature["transform"]) {
    if (PyUnicode_Check(step.ptr())) {
      throw ValueError("feature '" + feature["name"].cast<std::string>() + "': the transform '" +
                       step.cast<std::string>() + "' was not fitted; call schema.fit(rows) first");
    }
    steps.push_back(make_transform(step["name"].cast<std::string>(), step["parameters"].cast<std::vector<double>>()));
  }
  return steps;
}

NumericOutput output_of(const py::dict& feature) {
  return {transforms_of(feature), feature["missing_indicator"].cast<bool>()};
}

using Mappings = std::unordered_map<std::string, std::shared_ptr<const RowMapping>>;

// The mapping of a table: that of the Categorical with its name, or a bag's own.
void add_mapping(const py::dict& feature, Mappings& mappings) {
  const auto name = feature["name"].cast<std::string>();
  if (feature["table"].cast<std::string>() != name) return;
  const bool strings = feature["type"].cast<std::string>() == "string";
  RowMapping::Options options{.table = name,
                              .type = strings ? ValueType::kString : ValueType::kInt,
                              .buckets = feature["buckets"].cast<int64_t>(),
                              .strings = {},
                              .ints = {}};
  if (feature.contains("vocabulary") && !PyLong_Check(py::object(feature["vocabulary"]).ptr())) {
    if (strings) {
      options.strings = feature["vocabulary"].cast<std::vector<std::string>>();
    } else {
      for (py::handle value : feature["vocabulary"]) {  // [-2^63, 2^64): the bits count
        const auto number = py::reinterpret_borrow<py::int_>(value);
        options.ints.push_back(number < py::int_(0) ? number.cast<int64_t>()
                                                    : static_cast<int64_t>(number.cast<uint64_t>()));
      }
    }
  }
  mappings.emplace(name, std::make_shared<const RowMapping>(std::move(options)));
}

std::unique_ptr<Feature> make_feature(const py::dict& feature, Side side, const Mappings& mappings) {
  const auto kind = feature["kind"].cast<std::string>();
  const auto name = feature["name"].cast<std::string>();
  if (kind == "categorical")
    return std::make_unique<CategoricalFeature>(name, side, mappings.at(feature["table"].cast<std::string>()));
  if (kind == "bag") return std::make_unique<BagFeature>(name, side, mappings.at(feature["table"].cast<std::string>()));
  if (kind == "weighted_bag") {
    return std::make_unique<WeightedBagFeature>(name, side, mappings.at(feature["table"].cast<std::string>()),
                                                transforms_of(feature));
  }
  if (kind == "bucketized")
    return std::make_unique<BucketizedFeature>(name, side, feature["edges"].cast<std::vector<double>>());
  if (kind == "numeric") return std::make_unique<NumericFeature>(name, side, output_of(feature));
  if (kind == "vector") return std::make_unique<VectorFeature>(name, side, feature["dim"].cast<int64_t>());
  if (kind == "match") {
    return std::make_unique<MatchFeature>(
        name, side,
        MatchFeature::Options{.map = feature["map"].cast<std::string>(), .key = feature["key"].cast<std::string>()},
        output_of(feature));
  }
  throw ValueError("unknown feature kind '" + kind + "'");
}

std::shared_ptr<Encoder> make_encoder(const py::dict& schema) {
  Mappings mappings;
  for (const auto& [name, side] : kSides) {
    for (py::handle feature : schema[name]) {
      const auto entries = py::reinterpret_borrow<py::dict>(feature);
      if (entries.contains("table")) add_mapping(entries, mappings);
    }
  }
  std::vector<Encoder::Entry> entries;
  for (const auto& [name, side] : kSides) {
    for (py::handle feature : schema[name]) {
      entries.push_back({side, make_feature(py::reinterpret_borrow<py::dict>(feature), side, mappings)});
    }
  }
  const py::object json = py::module_::import("json").attr("dumps")(schema, py::arg("sort_keys") = true);
  return std::make_shared<Encoder>(std::move(entries), schema["key"].cast<std::string>(),
                                   hash_bytes(json.cast<std::string>(), 0));
}

template <class T>
py::array_t<T> to_array(std::vector<T>&& values, std::vector<py::ssize_t> shape) {
  auto* held = new std::vector<T>(std::move(values));
  const py::capsule owner(held, [](void* p) { delete static_cast<std::vector<T>*>(p); });
  return py::array_t<T>(std::move(shape), held->data(), owner);
}

// A ragged bag as ids [rows, L] padded with 0 and a mask, L >= 1; with weights, those as well.
void add_bag(py::dict& out, const std::string& name, const EncodedArray& bag) {
  const auto rows = static_cast<py::ssize_t>(bag.offsets.size()) - 1;
  int64_t longest = 1;
  for (size_t i = 1; i < bag.offsets.size(); ++i) longest = std::max(longest, bag.offsets[i] - bag.offsets[i - 1]);
  py::array_t<int64_t> ids({rows, static_cast<py::ssize_t>(longest)});
  py::array_t<bool> mask({rows, static_cast<py::ssize_t>(longest)});
  py::array_t<float> weights({bag.kind == InputKind::kWeightedBag ? rows : 0, static_cast<py::ssize_t>(longest)});
  int64_t* id = ids.mutable_data();
  bool* real = mask.mutable_data();
  float* weight = bag.kind == InputKind::kWeightedBag ? weights.mutable_data() : nullptr;
  for (size_t i = 1; i < bag.offsets.size(); ++i) {
    const int64_t length = bag.offsets[i] - bag.offsets[i - 1];
    for (int64_t j = 0; j < longest; ++j) {
      *real++ = j < length;
      const auto at = static_cast<size_t>(bag.offsets[i - 1] + j);
      *id++ = j < length ? bag.ids[at] : 0;
      if (weight != nullptr) *weight++ = j < length ? bag.values[at] : 0.0f;
    }
  }
  out[py::str(name)] = ids;
  out[py::str(name + "_mask")] = mask;
  if (weight != nullptr) out[py::str(name + "_weight")] = weights;
}

py::dict encode(const Encoder& encoder, const py::object& rows) {
  const ColumnSet columns = table_from_python(rows, "rows");
  EncodedArrays arrays = encoder.make_arrays();
  {
    const py::gil_scoped_release free;
    encoder.encode(columns, Encoder::Sides::all(), arrays);
  }
  py::dict out;
  for (size_t i = 0; i < arrays.size(); ++i) {
    const EncodedSpec& spec = encoder.specs()[i];
    const auto count = static_cast<py::ssize_t>(columns.rows());
    if (spec.kind == InputKind::kIds) {
      out[py::str(spec.name)] = to_array(std::move(arrays[i].ids), {count});
    } else if (is_bag(spec.kind)) {
      add_bag(out, spec.name, arrays[i]);
    } else if (dynamic_cast<const VectorFeature*>(encoder.feature_of(i)) != nullptr) {
      out[py::str(spec.name)] = to_array(std::move(arrays[i].values), {count, static_cast<py::ssize_t>(spec.width)});
    } else {
      out[py::str(spec.name)] = to_array(std::move(arrays[i].values), {count});
    }
  }
  return out;
}

}  // namespace

void register_features(py::module_& m) {
  py::class_<Encoder, std::shared_ptr<Encoder>>(m, "Encoder", "The compiled features of a schema.")
      .def(py::init(&make_encoder), py::arg("schema"))
      .def("encode", &encode, py::arg("rows"));
}

}  // namespace recfast::python
