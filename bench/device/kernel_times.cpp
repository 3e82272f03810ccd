// Kernels alone, on a device: each is compared with a plain loop, then timed. A line of JSON per case:
//   {"kernel", "shape", "bytes", "operations"[, "error", "bound"][, "microseconds": [...]]}
// bytes: what a call reads and writes at least once; operations: multiplications and additions in f32.
//   kernel_times list       nothing is run
//   kernel_times compare    small shapes, compared, not timed; this also runs on the tests' emulator
//   kernel_times            compared and timed

#include "device/kernel_case.h"
#include "kernels/cuda/layers.h"
#include "kernels/cuda/ranked.cuh"

namespace recfast::cuda::bench {
namespace {

void embedding_bags(DeviceFormat format) {
  const int64_t bags = many(), ids = 20, dim = 32, rows = table_rows();
  report({"embedding_bag", per(bags, "bags of ") + std::to_string(ids) + " rows, " + name_of(format) + ", D = 32",
          bags * (ids * (8 + row_bytes(format, dim)) + 8 + 4 * dim), bags * ids * dim, 1e-5},
         [=] {
           auto table = std::make_shared<Rows>(format, rows, dim);
           auto sets = std::make_shared<std::vector<std::vector<int64_t>>>(any_rows<int64_t>(bags * ids, rows));
           std::vector<int64_t> starts;
           for (int64_t b = 0; b <= bags; ++b) starts.push_back(b * ids);
           auto offsets = std::make_shared<Array<int64_t>>(starts);
           auto out = std::make_shared<Array<float>>(any_floats(bags * dim));
           return Run{[=, arrays = on_device(*sets)](int turn) {
                        return embedding_bag(table->device(), {arrays[static_cast<size_t>(turn % kTurns)]->data()},
                                             offsets->data(), bags, nullptr, Pooling::kSum, {out->data(), dim},
                                             nullptr);
                      },
                      [=] {
                        return largest(out->host(), bags, dim, 0, dim, [&](int64_t b, int64_t d) {
                          std::pair<double, double> sum{0, 0};
                          for (int64_t i = b * ids; i < (b + 1) * ids; ++i) {
                            const double value = table->value((*sets)[0][static_cast<size_t>(i)], d);
                            sum.first += value, sum.second += std::abs(value);
                          }
                          return sum;
                        });
                      }};
         });
}

// Items by index, and the request's row.
struct Gathered {
  Gathered(DeviceFormat format, int64_t candidates, int64_t item_width, int64_t request_width)
      : items(format, table_rows(), item_width),
        request(DeviceFormat::kF32, 1, request_width),
        picked(any_rows<uint32_t>(candidates, table_rows())),
        index(on_device(picked)) {}
  Operand item(int turn) const { return {items.device(), index[static_cast<size_t>(turn % kTurns)]->data(), 0}; }
  Operand asked() const {
    DeviceRows row = request.device();
    row.row_bytes = 0;
    return {row, nullptr, 0};
  }
  double value(int64_t r, int64_t d) const { return items.value(picked[0][static_cast<size_t>(r)], d); }
  Rows items;
  Rows request;
  std::vector<std::vector<uint32_t>> picked;
  std::vector<std::shared_ptr<Array<uint32_t>>> index;
};

void joins(DeviceFormat format) {
  const int64_t rows = many(), width = 256;
  report({"join_rows", per(rows, "items + request, relu, ") + name_of(format) + ", width 256",
          rows * (4 + row_bytes(format, width) + 4 * width), 2 * rows * width, 1e-5},
         [=] {
           auto sides = std::make_shared<Gathered>(format, rows, width, width);
           auto out = std::make_shared<Array<float>>(any_floats(rows * width));
           return Run{[=](int turn) {
                        const Operand item = sides->item(turn);
                        return join_rows(sides->asked(), &item, rows, width, true, {out->data(), width}, nullptr);
                      },
                      [=] {
                        return largest(out->host(), rows, width, 0, width, [&](int64_t r, int64_t d) {
                          const double sum = sides->request.value(0, d) + sides->value(r, d);
                          return std::pair{std::max(0.0, sum), 1 + std::abs(sum)};
                        });
                      }};
         });
}

void dot_products(DeviceFormat format) {
  const int64_t rows = many(), width = 64;
  report({"dot_scores", per(rows, "items . request, ") + name_of(format) + ", D = 64",
          rows * (4 + row_bytes(format, width) + 4), 2 * rows * width, 1e-5},
         [=] {
           auto sides = std::make_shared<Gathered>(format, rows, width, width);
           auto out = std::make_shared<Array<float>>(any_floats(rows));
           return Run{[=](int turn) {
                        return dot_scores({.a = sides->item(turn), .b = sides->asked()}, rows, width, out->data(), 1,
                                          nullptr);
                      },
                      [=] {
                        return largest(out->host(), rows, 1, 0, 1, [&](int64_t r, int64_t) {
                          std::pair<double, double> sum{0, 0};
                          for (int64_t d = 0; d < width; ++d) {
                            const double value = sides->value(r, d) * static_cast<double>(sides->request.value(0, d));
                            sum.first += value, sum.second += std::abs(value);
                          }
                          return sum;
                        });
                      }};
         });
}

void vector_scan(int64_t queries) {
  const int64_t rows = table_rows(), dim = 64;
  const std::string asked = queries == 1 ? "one query" : std::to_string(queries) + " queries";
  report({"vector_bounds", per(rows, "vectors, ") + asked + ", f32, D = 64", rows * (4 * dim + 4 + 4 * queries),
          2 * rows * dim * queries, 1e-5},
         [=] {
           auto vectors = std::make_shared<Rows>(DeviceFormat::kF32, rows, dim);
           auto slack = std::make_shared<Array<float>>(any_floats(rows));
           auto query = std::make_shared<Array<float>>(any_floats(queries * dim));
           auto bounds = std::make_shared<Array<Bound>>(std::vector<Bound>(static_cast<size_t>(queries), {.reach = 1}));
           auto out = std::make_shared<Array<float>>(any_floats(queries * rows));
           return Run{[=](int) {
                        return vector_bounds({.vectors = vectors->device(),
                                              .rows = rows,
                                              .slack = slack->data(),
                                              .queries = query->data(),
                                              .query_stride = dim,
                                              .bounds = bounds->data(),
                                              .out = out->data(),
                                              .out_stride = rows},
                                             queries, nullptr);
                      },
                      [=, own = slack->host(), asked = query->host()] {
                        return largest(out->host(), queries * rows, 1, 0, 1, [&](int64_t at, int64_t) {
                          const int64_t r = at % rows;
                          const float* of = asked.data() + at / rows * dim;
                          const double more = own[static_cast<size_t>(r)];
                          std::pair<double, double> sum{more, std::abs(more)};
                          for (int64_t d = 0; d < dim; ++d) {
                            const double value = vectors->value(r, d) * static_cast<double>(of[d]);
                            sum.first += value, sum.second += std::abs(value);
                          }
                          return sum;
                        });
                      }};
         });
}

void many_dots() {
  const int64_t rows = many(), lanes = 10, count = 16, dim = 16;
  report({"dots", per(rows, "x 10 item . 16 request vectors, f32, D = 16"), rows * (4 + 4 * lanes * (dim + count)),
          2 * rows * lanes * count * dim, 1e-5},
         [=] {
           auto sides = std::make_shared<Gathered>(DeviceFormat::kF32, rows, lanes * dim, count * dim);
           auto out = std::make_shared<Array<float>>(any_floats(rows * lanes * count));
           return Run{[=](int turn) {
                        return dots({.left = sides->item(turn),
                                     .lanes = lanes,
                                     .left_lane = dim,
                                     .left_step = 1,
                                     .right = sides->asked(),
                                     .count = count,
                                     .dim = dim,
                                     .y = {out->data(), lanes * count},
                                     .step = lanes,
                                     .rows = rows},
                                    nullptr);
                      },
                      [=] {
                        return largest(out->host(), rows, lanes * count, 0, lanes * count, [&](int64_t r, int64_t o) {
                          std::pair<double, double> sum{0, 0};
                          for (int64_t d = 0; d < dim; ++d) {
                            const double value = sides->value(r, o % lanes * dim + d) *
                                                 static_cast<double>(sides->request.value(0, o / lanes * dim + d));
                            sum.first += value, sum.second += std::abs(value);
                          }
                          return sum;
                        });
                      }};
         });
}

void selections(int64_t k) {
  const int64_t n = many();
  const int64_t chunks = (n + 4095) / 4096;
  const int64_t kept = chunks > 1 ? chunks * k * 8 : 0;
  report({"top_k", "the best " + std::to_string(k) + " of " + per(n, "scores"), n * 8 + 2 * kept + k * 8, 0, 0}, [=] {
    auto scores = std::make_shared<std::vector<float>>(any_floats(n));
    std::vector<uint32_t> numbers;
    for (int64_t i = 0; i < n; ++i) numbers.push_back(static_cast<uint32_t>(i));
    auto from = std::make_shared<Array<float>>(*scores);
    auto rows = std::make_shared<Array<uint32_t>>(numbers);
    auto scratch =
        std::make_shared<Array<uint8_t>>(std::vector<uint8_t>(static_cast<size_t>(top_k_scratch(1, n, k)) + 8));
    auto best = std::make_shared<Array<uint64_t>>(std::vector<uint64_t>(static_cast<size_t>(k)));
    return Run{
        [=](int) { return top_k(from->data(), n, rows->data(), 1, n, k, scratch->data(), best->data(), nullptr); },
        [=] {
          std::vector<uint64_t> keys;
          for (size_t i = 0; i < scores->size(); ++i) keys.push_back(ranked((*scores)[i], static_cast<uint32_t>(i)));
          std::sort(keys.begin(), keys.end(), std::greater<>());
          keys.resize(static_cast<size_t>(k));
          return best->host() == keys ? 0.0 : 1.0;
        }};
  });
}

// A kernel that works on a frame: its output is columns [out, out + width).
void on_frame(const Case& what, int64_t rows, int64_t stride, int64_t out, int64_t width,
              const std::function<cudaError_t(Frame)>& call,
              const std::function<std::pair<double, double>(const float* row, int64_t d)>& wanted) {
  report(what, [=] {
    auto before = std::make_shared<std::vector<float>>(any_floats(rows * stride));
    auto frame = std::make_shared<Array<float>>(*before);
    return Run{[=](int) { return call({frame->data(), stride}); },
               [=] {
                 return largest(frame->host(), rows, stride, out, width,
                                [&](int64_t r, int64_t d) { return wanted(before->data() + r * stride, d); });
               }};
  });
}

void layers() {
  const int64_t rows = many(), in = 256, width = 128;
  auto weights = std::make_shared<std::vector<float>>(any_floats(in * width));
  auto bias = std::make_shared<std::vector<float>>(any_floats(width));
  std::shared_ptr<Array<float>> w, b;
  if (mode != Mode::kList) {
    w = std::make_shared<Array<float>>(*weights);
    b = std::make_shared<Array<float>>(*bias);
  }
  on_frame(
      {"linear", per(rows, "x 256 -> 128, relu"), rows * 4 * (in + width) + 4 * width * (in + 1), 2 * rows * in * width,
       1e-4},
      rows, in + width, in, width,
      [=](Frame frame) {
        return linear({.frame = frame,
                       .rows = rows,
                       .weights = w->data(),
                       .bias = b->data(),
                       .in = in,
                       .out = width,
                       .x = 0,
                       .y = in,
                       .relu = true},
                      nullptr);
      },
      [=](const float* row, int64_t o) {
        double sum = (*bias)[static_cast<size_t>(o)], scale = std::abs(sum);
        for (int64_t i = 0; i < in; ++i) {
          const double value = row[i] * static_cast<double>((*weights)[static_cast<size_t>(i * width + o)]);
          sum += value, scale += std::abs(value);
        }
        return std::pair{std::max(0.0, sum), scale};
      });
}

void interactions() {
  const int64_t rows = many(), fields = 26, dim = 16, width = fields * dim;
  on_frame(
      {"fm", per(rows, "x 26 fields, D = 16"), rows * 4 * (width + dim + 1), 3 * rows * width, 1e-4}, rows,
      width + dim + 1, width + dim, 1,
      [=](Frame frame) {
        return fm(
            {.frame = frame, .rows = rows, .fields = fields, .dim = dim, .x = 0, .sum = width, .term = width + dim},
            nullptr);
      },
      [=](const float* row, int64_t) {
        std::pair<double, double> term{0, 0};
        for (int64_t f = 0; f < fields; ++f)
          for (int64_t g = 0; g < f; ++g)
            for (int64_t d = 0; d < dim; ++d) {
              const double value = row[f * dim + d] * static_cast<double>(row[g * dim + d]);
              term.first += value, term.second += std::abs(value);
            }
        return term;
      });
  on_frame(
      {"cross", per(rows, "x 416"), rows * 4 * 4 * width, 2 * rows * width, 1e-5}, rows, 4 * width, 3 * width, width,
      [=](Frame frame) {
        return cross(
            {.frame = frame, .rows = rows, .width = width, .x0 = 0, .z = width, .xl = 2 * width, .out = 3 * width},
            nullptr);
      },
      [=](const float* row, int64_t d) {
        const double product = row[d] * static_cast<double>(row[width + d]);
        return std::pair{product + row[2 * width + d], 1 + std::abs(product)};
      });
  on_frame(
      {"normalise", per(rows, "x 64"), rows * 4 * 2 * 64, 4 * rows * 64, 1e-5}, rows, 128, 64, 64,
      [=](Frame frame) {
        return normalise({.frame = frame, .rows = rows, .width = 64, .x = 0, .out = 64, .shortest = 1e-12f}, nullptr);
      },
      [=](const float* row, int64_t d) {
        double square = 0;
        for (int64_t i = 0; i < 64; ++i) square += row[i] * static_cast<double>(row[i]);
        return std::pair{row[d] / std::sqrt(square), 1.0};
      });
}

void run_all() {
  for (const DeviceFormat format : test::kFormats) embedding_bags(format);
  for (const DeviceFormat format : test::kFormats) joins(format);
  for (const DeviceFormat format : test::kFormats) dot_products(format);
  vector_scan(1);
  vector_scan(8);
  many_dots();
  layers();
  interactions();
  for (const int64_t k : {20, 100}) selections(k);
  if (mode != Mode::kCompare) selections(1000);
}

}  // namespace
}  // namespace recfast::cuda::bench

int main(int argc, char** argv) {
  using recfast::cuda::bench::Mode;
  const std::string asked = argc > 1 ? argv[1] : "";
  recfast::cuda::bench::mode = asked == "list" ? Mode::kList : asked == "compare" ? Mode::kCompare : Mode::kTime;
  recfast::cuda::bench::run_all();
  return 0;
}
