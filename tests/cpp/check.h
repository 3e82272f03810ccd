#pragma once
// The smallest test framework that does: TEST(name) { CHECK(...); }. A failed check prints itself and goes on.

#include <cstdio>
#include <string>
#include <vector>

namespace recfast::test {

struct Case {
  const char* name;
  void (*run)();
};

inline std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}

struct Register {
  Register(const char* name, void (*run)()) { cases().push_back({name, run}); }
};

inline int failures = 0;
inline std::string context;  // printed with a failure: which ISA, which sizes

inline void check(bool ok, const char* what, const char* file, int line) {
  if (ok) return;
  if (++failures <= 20) std::fprintf(stderr, "%s:%d: %s [%s]\n", file, line, what, context.c_str());
}

// The message of the Error that f throws; empty when it throws none.
template <class Error, class F>
std::string thrown(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace recfast::test

#define CHECK(...) ::recfast::test::check(static_cast<bool>(__VA_ARGS__), #__VA_ARGS__, __FILE__, __LINE__)
#define TEST(name)                                                     \
  static void name();                                                  \
  static const ::recfast::test::Register register_##name{#name, name}; \
  static void name()
