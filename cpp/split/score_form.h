#pragma once
// ScoreForm: what a pair-side number is the sum of, as far as that needs no pair stage. A retriever bounds and orders
// items by it without running the program.
//
//   sum of request numbers + sum of item numbers + sum of products (request vector . item vector) [+ other terms]

#include <vector>

#include "split/part.h"

namespace recfast::split {

struct ScoreForm {
  struct Product {
    Operand request;  // columns [offset, offset + dim) of the request's frame row
    Operand item;     // and of the stored item row
    int64_t dim = 0;
  };
  std::vector<Operand> request;
  std::vector<Operand> item;
  std::vector<Product> products;
  bool whole = true;  // there are no other terms

  void add(const ScoreForm& other) {
    request.insert(request.end(), other.request.begin(), other.request.end());
    item.insert(item.end(), other.item.begin(), other.item.end());
    products.insert(products.end(), other.products.begin(), other.products.end());
    whole &= other.whole;
  }
  // One number, as the pair stage reads it.
  void add(const Operand& number) {
    if (number.source == Operand::Source::kFrame)
      whole = false;
    else
      (number.source == Operand::Source::kRequest ? request : item).push_back(number);
  }
  // a . b, as the pair stage reads them.
  void add(const Operand& a, const Operand& b, int64_t dim) {
    using Source = Operand::Source;
    if (a.source == Source::kRequest && b.source == Source::kItem)
      products.push_back({a, b, dim});
    else if (a.source == Source::kItem && b.source == Source::kRequest)
      products.push_back({b, a, dim});
    else
      whole = false;
  }
};

}  // namespace recfast::split
