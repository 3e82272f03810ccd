#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "base/aligned.h"
#include "base/checked.h"
#include "base/half.h"
#include "cpp/check.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

using namespace recfast;
using namespace recfast::test;

TEST(checked_sizes_refuse_to_overflow) {
  constexpr size_t kMax = std::numeric_limits<size_t>::max();
  CHECK(checked_add(kMax - 1, 1, "x") == kMax);
  CHECK(checked_mul(kMax / 2, 2, "x") == kMax - 1);
  CHECK(thrown<ValueError>([] { checked_add(kMax, 1, "rows"); }).starts_with("rows: "));
  CHECK(thrown<ValueError>([] { checked_mul(kMax / 2 + 1, 2, "rows"); }).starts_with("rows: "));
  CHECK(!thrown<IndexError>([] { checked_mul<IndexError>(kMax, kMax, "rows"); }).empty());
  CHECK(checked_size(5, "x") == 5);
  CHECK(!thrown<ValueError>([] { checked_size(-1, "x"); }).empty());
}

TEST(aligned_buffer_is_aligned_zeroed_and_padded) {
  for (size_t n : {size_t{1}, size_t{63}, size_t{64}, size_t{5'000'000}}) {
    AlignedBuffer<uint8_t> buffer(n);
    CHECK(reinterpret_cast<uintptr_t>(buffer.data()) % kAlignment == 0);
    unsigned any = 0;
    for (size_t i = 0; i < n + kPadding; ++i) any |= buffer.data()[i];
    CHECK(any == 0);
    CHECK(buffer.size() == n);
    CHECK(buffer.span().size() == n);
  }
  CHECK(AlignedBuffer<float>().empty());
  CHECK(!thrown<ValueError>([] { AlignedBuffer<double>(std::numeric_limits<size_t>::max() / 4); }).empty());
}

TEST(aligned_buffer_resizes_like_a_vector_and_keeps_its_memory) {
  AlignedBuffer<int> buffer(3);
  buffer[0] = 1;
  buffer[2] = 3;
  buffer.resize(100);
  CHECK(buffer[0] == 1 && buffer[2] == 3 && buffer[99] == 0);
  buffer[50] = 50;
  const int* memory = buffer.data();
  buffer.resize(10);
  buffer.resize(100);
  CHECK(buffer.data() == memory && buffer[50] == 0 && buffer[0] == 1);
  AlignedBuffer<int> moved(std::move(buffer));
  CHECK(moved.data() == memory && moved.size() == 100);
  AlignedBuffer<int> other(1);
  other = std::move(moved);
  CHECK(other.data() == memory);
}

TEST(half_round_trips_and_rounds_to_nearest_even) {
  for (uint32_t h = 0; h < 0x10000; ++h) {
    const auto bits = static_cast<uint16_t>(h);
    const float value = half_to_float(bits);
    const bool nan = (h & 0x7fff) > 0x7c00;
    CHECK(std::isnan(value) == nan);
    CHECK(float_to_half(value) == (nan ? bits | 0x200 : bits));
    if (nan || (h & 0x7fff) >= 0x7bff) continue;
    const auto above = static_cast<uint16_t>(h + 1);             // the neighbour away from zero
    const float middle = 0.5f * (value + half_to_float(above));  // exact in f32
    CHECK(float_to_half(middle) == (h % 2 == 0 ? bits : above));
    CHECK(float_to_half(std::nextafter(middle, value)) == bits);
    CHECK(float_to_half(std::nextafter(middle, half_to_float(above))) == above);
  }
  CHECK(half_to_float(0x3c00) == 1.0f && half_to_float(0x0001) == 0x1p-24f && half_to_float(0x7bff) == 65504.0f);
  CHECK(float_to_half(65519.996f) == 0x7bff && float_to_half(65520.0f) == 0x7c00);
  CHECK(float_to_half(-1e30f) == 0xfc00 && float_to_half(0x1p-26f) == 0 && float_to_half(-0.0f) == 0x8000);
}

#if defined(__x86_64__)
namespace {
__attribute__((target("f16c"))) uint16_t hardware_half(float value) {
  return _cvtss_sh(value, 0);
}
__attribute__((target("f16c"))) float hardware_float(uint16_t h) {
  return _cvtsh_ss(h);
}
}  // namespace

TEST(half_agrees_with_the_hardware) {
  if (!__builtin_cpu_supports("f16c")) return;
  for (uint64_t bits = 0; bits < (uint64_t{1} << 32); bits += 977) {
    const float value = std::bit_cast<float>(static_cast<uint32_t>(bits));
    CHECK(float_to_half(value) == hardware_half(value));
  }
  for (uint32_t h = 0; h < 0x10000; ++h) {
    const auto half = static_cast<uint16_t>(h);
    CHECK(std::bit_cast<uint32_t>(half_to_float(half)) == std::bit_cast<uint32_t>(hardware_float(half)));
  }
}
#endif
