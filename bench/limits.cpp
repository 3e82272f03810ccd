// What this machine allows, compiled when the benchmarks run.
#include <cstdint>

namespace {

template <int64_t kWords>
void sum_rows(const uint32_t* __restrict table, const int64_t* __restrict ids, int64_t count, int64_t ahead,
              uint32_t* __restrict sums) {
  uint32_t kept[kWords] = {};  // in registers, because kWords is known
  for (int64_t i = 0; i < count; ++i) {
    const char* next = reinterpret_cast<const char*>(table + ids[i + ahead < count ? i + ahead : i] * kWords);
    for (int64_t byte = 0; byte < kWords * 4; byte += 64) __builtin_prefetch(next + byte);
    __builtin_prefetch(next + kWords * 4 - 1);
    const uint32_t* row = table + ids[i] * kWords;
    for (int64_t w = 0; w < kWords; ++w) kept[w] += row[w];
  }
  for (int64_t w = 0; w < kWords; ++w) sums[w] = kept[w];
}

}  // namespace

// for i in 0..count: for w in 0..words: sums[w] += rows[ids[i]][w], with rows asked for `ahead` ids before their use.
// table: uint32 [R, words]; ids: int64 [count]; sums: uint32 [words]. words: 32 (f32), 9 (i8) or 5 (i4, dim 32).
// Returns whether it knows `words`.
extern "C" bool random_rows(const uint32_t* table, int64_t words, const int64_t* ids, int64_t count, int64_t ahead,
                            uint32_t* sums) {
  switch (words) {
    case 32:
      return sum_rows<32>(table, ids, count, ahead, sums), true;
    case 9:
      return sum_rows<9>(table, ids, count, ahead, sums), true;
    case 5:
      return sum_rows<5>(table, ids, count, ahead, sums), true;
    default:
      return false;
  }
}

// A chain of `steps` multiplications: the same work in every call, out of registers alone.
extern "C" uint64_t spin(int64_t steps) {
  uint64_t x = 1;
  for (int64_t i = 0; i < steps; ++i) x = x * 6364136223846793005u + 1442695040888963407u;
  return x;
}
