// Runs every TEST, or those whose name contains the argument.

#include <cstring>

#include "cpp/check.h"

int main(int argc, char** argv) {
  using namespace recfast::test;
  int run = 0;
  for (const Case& test : cases()) {
    if (argc > 1 && std::strstr(test.name, argv[1]) == nullptr) continue;
    const int before = failures;
    context.clear();
    test.run();
    ++run;
    if (failures > before) std::fprintf(stderr, "FAILED %s (%d checks)\n", test.name, failures - before);
  }
  std::printf("%d tests, %d failed checks\n", run, failures);
  return failures > 0 || run == 0 ? 1 : 0;
}
