// What this machine allows, compiled when the benchmarks run.
#include <cstdint>

// for i in 0..count: for w in 0..words: sums[w] += rows[ids[i]][w], with rows asked for `ahead` ids before their use.
// table: uint32 [R, words]; ids: int64 [count]; sums: uint32 [words]. words <= 64.
extern "C" void random_rows(const uint32_t* __restrict table, int64_t words, const int64_t* __restrict ids,
                            int64_t count, int64_t ahead, uint32_t* __restrict sums) {
  uint32_t kept[64] = {};
  for (int64_t i = 0; i < count; ++i) {
    if (i + ahead < count) {
      const char* next = reinterpret_cast<const char*>(table + ids[i + ahead] * words);
      for (int64_t byte = 0; byte < words * 4; byte += 64) __builtin_prefetch(next + byte);
      __builtin_prefetch(next + words * 4 - 1);
    }
    const uint32_t* row = table + ids[i] * words;
    for (int64_t w = 0; w < words; ++w) kept[w] += row[w];
  }
  for (int64_t w = 0; w < words; ++w) sums[w] = kept[w];
}

// A chain of `steps` multiplications: the same work in every call, out of registers alone.
extern "C" uint64_t spin(int64_t steps) {
  uint64_t x = 1;
  for (int64_t i = 0; i < steps; ++i) x = x * 6364136223846793005u + 1442695040888963407u;
  return x;
}
