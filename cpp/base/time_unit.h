#pragma once
// What one tick of a timestamp is worth. Timestamps count from 1970-01-01T00:00:00, in UTC where they have a time zone.

#include <cstdint>

namespace recfast {

enum class TimeUnit : uint8_t { kDay, kSecond, kMilli, kMicro, kNano };

constexpr int64_t nanoseconds(TimeUnit unit) noexcept {
  constexpr int64_t kTicks[] = {86'400'000'000'000, 1'000'000'000, 1'000'000, 1'000, 1};
  return kTicks[static_cast<int>(unit)];
}

// As numpy writes it.
constexpr const char* word_for(TimeUnit unit) noexcept {
  constexpr const char* kWords[] = {"D", "s", "ms", "us", "ns"};
  return kWords[static_cast<int>(unit)];
}

struct TimePoint {
  int64_t ticks = 0;
  TimeUnit unit = TimeUnit::kDay;
  bool zoned = false;
};

// `ticks` of one unit in another. False when they are no whole number of it, or leave int64.
constexpr bool convert_ticks(int64_t ticks, TimeUnit from, TimeUnit to, int64_t& out) noexcept {
  const int64_t have = nanoseconds(from);
  const int64_t want = nanoseconds(to);
  if (have >= want) return !__builtin_mul_overflow(ticks, have / want, &out);
  out = ticks / (want / have);
  return ticks % (want / have) == 0;
}

}  // namespace recfast
