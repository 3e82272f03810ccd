// Runs every test, or those whose name contains the argument.

#include <cstdio>
#include <cstring>

#include "cpp/check.h"

int main(int argc, char** argv) {
  int ran = 0;
  for (const recfast::test::Case& one : recfast::test::cases()) {
    if (argc > 1 && std::strstr(one.name, argv[1]) == nullptr) continue;
    recfast::test::context = one.name;
    one.run();
    ++ran;
  }
  std::printf("%d tests, %d failures\n", ran, recfast::test::failures);
  return ran > 0 && recfast::test::failures == 0 ? 0 : 1;
}
