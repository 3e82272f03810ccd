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

// What only prefetches is always inlined: kernels/README.md, traps.
inline __attribute__((always_inline)) void prefetch(const void* p) {
  __builtin_prefetch(p, 0, 3);
}

// Every cache line of a row. The last byte's line is always asked for: a branch on the alignment would mispredict.
// Short rows need no loop: it would hold up the loads that are to run ahead.
inline __attribute__((always_inline)) void prefetch_row(const uint8_t* row, int64_t bytes) {
  prefetch(row);
  if (bytes > 64) {
    prefetch(row + 64);
    for (int64_t at = 128; at < bytes; at += 64) prefetch(row + at);
  }
  prefetch(row + bytes - 1);
}

// The same for a row that is far ahead and one that is near. A short row's last byte is asked for when it is near: its
// page is known by then, so that it costs no second walk through the page tables.
inline __attribute__((always_inline)) void prefetch_row(const uint8_t* far, const uint8_t* near, int64_t bytes) {
  if (bytes > 64) return prefetch_row(far, bytes);
  prefetch(far);
  prefetch(near + bytes - 1);
}

// Up to `lines` more cache lines of the rows that come next; into L2, since they would push the layer at work out of
// L1.
inline void prefetch_some(Ahead* ahead, int64_t lines) {
  if (ahead == nullptr) return;
  for (; lines > 0 && ahead->row < ahead->count; --lines) {
    const Memory& row = ahead->rows[ahead->row];
    __builtin_prefetch(static_cast<const uint8_t*>(row.data) + ahead->at, 0, 2);
    ahead->at += 64;
    if (ahead->at < row.bytes) continue;
    ahead->at = 0;
    ++ahead->row;
  }
}
