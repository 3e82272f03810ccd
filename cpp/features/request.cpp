#include "features/request.h"

#include "base/error.h"
#include "features/encoder.h"

namespace recfast {

Request::Request(const Encoder& encoder) : encoder_(&encoder), values_(encoder.request_columns().size()) {}

Request Request::from_table(const Encoder& encoder, const ColumnSet& row) {
  if (row.rows() != 1) {
    throw ValueError("a request is one row, got a table of " + std::to_string(row.rows()) +
                     "; rank once per row, or pass one row of it");
  }
  Request out(encoder);
  for (const std::string& name : row.names()) {
    const int64_t place = encoder.find_request_column(name);
    if (place < 0) refuse_unknown(encoder, name);
    RawValue& value = out.values_[static_cast<size_t>(place)];
    value.kind = RawValue::Kind::kColumn;
    value.column = row.get(name, name);
  }
  out.check_complete();
  return out;
}

void Request::check_complete() const {
  for (size_t i = 0; i < values_.size(); ++i) {
    if (values_[i].kind != RawValue::Kind::kAbsent) continue;
    const std::vector<std::string>& names = encoder_->request_columns();
    std::vector<std::string> given;
    for (size_t j = 0; j < names.size(); ++j) {
      if (values_[j].kind != RawValue::Kind::kAbsent) given.push_back(names[j]);
    }
    throw ValueError("feature '" + encoder_->request_column_reader(i) + "': the column '" + names[i] +
                     "' is missing; the columns given are " + list_names(given));
  }
}

void refuse_unknown(const Encoder& encoder, const std::string& name) {
  throw ValueError("unknown feature '" + name + "' in the request; it has " + list_names(encoder.request_columns()));
}

}  // namespace recfast
