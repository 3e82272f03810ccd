// Runs every TEST, or those whose name contains the argument.

#include <cstring>

#include "cpp/kernel_cases.h"

int main(int argc, char** argv) {
  using namespace recfast;
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
  std::string isas;
  for_each_isa([&](const KernelTable& kernels) { (isas += isas.empty() ? "" : "; ") += kernels.isa; });
  std::printf("%d tests on %s: %d failed checks\n", run, isas.c_str(), failures);
  return failures > 0 || run == 0 ? 1 : 0;
}
