// Included inside an ISA's region. A few bytes at any alignment, never one behind the end.

inline uint32_t load_u16(const uint8_t* p) {
  uint16_t word;
  __builtin_memcpy(&word, p, sizeof word);
  return word;
}

inline uint32_t load_u32(const uint8_t* p) {
  uint32_t word;
  __builtin_memcpy(&word, p, sizeof word);
  return word;
}

inline uint64_t load_u64(const uint8_t* p) {
  uint64_t word;
  __builtin_memcpy(&word, p, sizeof word);
  return word;
}

// n bytes, 1 <= n <= 8, the rest of the word zero. Two overlapping loads agree where they overlap, so "or" joins them.
inline uint64_t load_up_to_8(const uint8_t* p, int64_t n) {
  if (n >= 4) return load_u32(p) | static_cast<uint64_t>(load_u32(p + n - 4)) << (8 * (n - 4));
  if (n >= 2) return load_u16(p) | static_cast<uint64_t>(load_u16(p + n - 2)) << (8 * (n - 2));
  return *p;
}

inline void prefetch(const void* p) {
  __builtin_prefetch(p, 0, 3);
}

// Every cache line of a row. The last byte's line is always asked for: a branch on the alignment would mispredict.
// Short rows need no loop: it would hold up the loads that are to run ahead.
inline void prefetch_row(const uint8_t* row, int64_t bytes) {
  prefetch(row);
  if (bytes > 64) {
    prefetch(row + 64);
    for (int64_t at = 128; at < bytes; at += 64) prefetch(row + at);
  }
  prefetch(row + bytes - 1);
}

// Gathered rows: asks for the row that comes `ahead` after row r, unless it is the one in hand (a broadcast row).
// About 2 KiB ahead; 2 to 8 rows. Rows of 64 to 256 floats from memory in tiles of 96 took 66, 71, 112 ns each without
// and 42, 62, 96 ns with it (2-core Zen 3 virtual machine, November 2026).
inline int64_t gather_distance(int64_t row_bytes) {
  const int64_t ahead = 2048 / (row_bytes + 1);
  return ahead < 2 ? 2 : ahead > 8 ? 8 : ahead;
}

inline void prefetch_gathered(const float* const* rows, int64_t r, int64_t ahead, int64_t n, int64_t row_bytes) {
  if (r + ahead < n && rows[r + ahead] != rows[r])
    prefetch_row(reinterpret_cast<const uint8_t*>(rows[r + ahead]), row_bytes);
}
