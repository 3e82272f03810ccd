// numpy arrays as columns: numbers without a copy where they are contiguous and native, everything else by its objects.

#include "base/error.h"
#include "python/columns.h"
#include "python/times.h"

namespace py = pybind11;

namespace recfast::python {
namespace {

constexpr int kAligned = py::detail::npy_api::NPY_ARRAY_ALIGNED_;

bool number_type(char kind, py::ssize_t size, ColumnType& type) {
  const auto pick = [&](ColumnType one, ColumnType two, ColumnType four, ColumnType eight) {
    type = size == 1 ? one : size == 2 ? two : size == 4 ? four : eight;
    return size == 1 || size == 2 || size == 4 || size == 8;
  };
  switch (kind) {
    case 'b':
      type = ColumnType::kBoolBytes;
      return true;
    case 'i':
      return pick(ColumnType::kInt8, ColumnType::kInt16, ColumnType::kInt32, ColumnType::kInt64);
    case 'u':
      return pick(ColumnType::kUint8, ColumnType::kUint16, ColumnType::kUint32, ColumnType::kUint64);
    case 'f':
      if (size < 2 || size > 8) return false;
      return pick(ColumnType::kOther, ColumnType::kFloat16, ColumnType::kFloat32, ColumnType::kFloat64);
    default:
      return false;
  }
}

const char* word_for(ColumnType type) {
  switch (type) {
    case ColumnType::kBoolBytes:
      return "numpy bool";
    case ColumnType::kInt8:
      return "numpy int8";
    case ColumnType::kInt16:
      return "numpy int16";
    case ColumnType::kInt32:
      return "numpy int32";
    case ColumnType::kInt64:
      return "numpy int64";
    case ColumnType::kUint8:
      return "numpy uint8";
    case ColumnType::kUint16:
      return "numpy uint16";
    case ColumnType::kUint32:
      return "numpy uint32";
    case ColumnType::kUint64:
      return "numpy uint64";
    case ColumnType::kFloat16:
      return "numpy float16";
    case ColumnType::kFloat32:
      return "numpy float32";
    case ColumnType::kFloat64:
      return "numpy float64";
    default:
      return "numpy values";
  }
}

bool is_plain(const py::array& array) {
  constexpr int kWanted = py::array::c_style | kAligned;
  return reinterpret_cast<PyObject*>(Py_TYPE(array.ptr())) ==
             reinterpret_cast<PyObject*>(py::detail::npy_api::get().PyArray_Type_) &&
         array.ndim() == 1 && (array.flags() & kWanted) == kWanted && array.dtype().byteorder() != '>';
}

}  // namespace

Column column_from_numpy(const py::array& given, const std::string& name) {
  Column column;
  if (is_plain(given) && number_type(given.dtype().kind(), given.dtype().itemsize(), column.type)) {
    column.data = given.data();
    column.length = given.shape(0);
    column.owner = keep_alive(given);
    column.described = word_for(column.type);
    return column;
  }
  if (py::hasattr(given, "mask")) {  // numpy.ma: masked values come as None
    return column_from_objects(py::tuple(given.attr("tolist")()), name);
  }
  // Base class only: a numpy.matrix would stay 2-d for ever.
  const auto array = py::array::ensure(given, kAligned);
  if (array.ndim() == 2) {  // one fixed-size list per row
    Column lists;
    lists.type = ColumnType::kListFixed;
    lists.length = array.shape(0);
    lists.list_size = array.shape(1);
    lists.described = "lists (a 2-d numpy array)";
    lists.children.push_back(column_from_numpy(py::array(array.attr("reshape")(-1)), name));
    return lists;
  }
  if (array.ndim() != 1) {
    throw ValueError("column '" + name + "': expected a numpy array of one dimension (or two: a list per row), got " +
                     std::to_string(array.ndim()) + " dimensions");
  }
  if (!number_type(array.dtype().kind(), array.dtype().itemsize(), column.type)) {
    const char kind = array.dtype().kind();
    if (kind == 'M') return column_of_times(array);
    if (kind == 'O' || kind == 'U' || kind == 'S' || kind == 'T') {
      return column_from_objects(py::tuple(array.attr("tolist")()), name);
    }
    column.type = ColumnType::kOther;
  } else {
    py::object plain = array;
    const char order = array.dtype().byteorder();
    if (order == '>') plain = array.attr("astype")(array.dtype().attr("newbyteorder")("="));
    const auto contiguous = py::array::ensure(plain, py::array::c_style | kAligned);
    column.data = contiguous.data();
    column.owner = keep_alive(contiguous);
  }
  column.length = array.shape(0);
  column.described = "numpy " + py::str(array.dtype()).cast<std::string>();
  return column;
}

}  // namespace recfast::python
