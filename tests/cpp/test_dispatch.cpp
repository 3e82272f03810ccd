#include <algorithm>
#include <cstdlib>

#include "cpp/kernel_cases.h"

using namespace recfast;
using namespace recfast::test;

TEST(the_portable_isa_is_always_there) {
  CHECK(available_isas().front() == "baseline");
  CHECK(built_isas().size() >= available_isas().size());
  for (std::string_view isa : available_isas()) CHECK(kernels_for(isa).isa == isa);
}

namespace {

// The last of what is here, but AVX-512 on Intel's CPUs alone.
std::string_view expected_unasked() {
  std::string_view best;
  for (std::string_view isa : available_isas()) {
#if defined(__x86_64__)
    if (isa == "avx512" && !__builtin_cpu_is("intel")) continue;
#endif
    best = isa;
  }
  return best;
}

}  // namespace

TEST(an_absent_isa_is_refused_with_what_it_needs) {
  for (std::string_view isa : built_isas()) {
    const auto here = available_isas();
    const bool absent = std::find(here.begin(), here.end(), isa) == here.end();
    const std::string message = thrown<ValueError>([&] { kernels_for(isa); });
    CHECK(absent == (message.find("this CPU lacks one of " + std::string(isa)) != std::string::npos));
  }
}

TEST(the_environment_forces_an_isa) {
  for (std::string_view isa : available_isas()) {
    setenv("RECFAST_ISA", std::string(isa).c_str(), 1);
    CHECK(select_isa() == isa);
  }
  for (const char* wrong : {"avx9000", "AVX2", " "}) {
    setenv("RECFAST_ISA", wrong, 1);
    CHECK(thrown<ValueError>([] { select_isa(); }).find("baseline") != std::string::npos);
  }
  const std::string_view best = expected_unasked();
  setenv("RECFAST_ISA", "", 1);
  CHECK(select_isa() == best);
  unsetenv("RECFAST_ISA");
  CHECK(select_isa() == best);
}
