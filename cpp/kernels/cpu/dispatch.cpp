#include "kernels/cpu/dispatch.h"

#include <atomic>
#include <cstdlib>
#include <string>

#include "base/error.h"

namespace recfast {

namespace baseline {
extern const KernelTable kTable;
}
namespace avx2 {
extern const KernelTable kTable;
}
namespace avx512 {
extern const KernelTable kTable;
}
namespace neon {
extern const KernelTable kTable;
}

namespace {

struct Isa {
  const KernelTable* table;
  const char* needs;                        // the CPU features, as runs_here asks for them
  bool (*runs_here)();                      // the operating system counts too: it must save the registers
  bool (*unasked)() = [] { return true; };  // where it runs here: also without being named?
};

// In order of preference, the best last.
constexpr Isa kIsas[] = {
    {&baseline::kTable, "nothing", [] { return true; }},
#if defined(__x86_64__)
    {&avx2::kTable, "avx2, fma, f16c and bmi2",
     [] {
       return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c") &&
              __builtin_cpu_supports("bmi2");
     }},
    {&avx512::kTable, "avx512f, avx512bw, avx512dq, avx512vl, avx512vnni, avx2, fma, f16c and bmi2",
     [] {
       return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
              __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
              __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
              __builtin_cpu_supports("f16c") && __builtin_cpu_supports("bmi2");
     },
     [] { return __builtin_cpu_is("intel") != 0; }},  // where it was measured: kernels/README.md
#elif defined(__aarch64__)
    {&neon::kTable, "nothing", [] { return true; }},
#endif
};

std::string listed(const std::vector<std::string_view>& names) {
  std::string list;
  for (std::string_view name : names) list += (list.empty() ? "" : ", ") + std::string(name);
  return list;
}

// Why kernels_for(name) finds nothing.
std::string absence(std::string_view name) {
  for (const Isa& isa : kIsas)
    if (isa.table->isa == name) return std::string("this CPU lacks one of ") + isa.needs;
  return "this build has " + listed(built_isas());
}

}  // namespace

std::vector<std::string_view> built_isas() {
  std::vector<std::string_view> names;
  for (const Isa& isa : kIsas) names.push_back(isa.table->isa);
  return names;
}

std::vector<std::string_view> available_isas() {
  std::vector<std::string_view> names;
  for (const Isa& isa : kIsas)
    if (isa.runs_here()) names.push_back(isa.table->isa);
  return names;
}

const KernelTable& kernels_for(std::string_view name) {
  for (const Isa& isa : kIsas)
    if (isa.table->isa == name && isa.runs_here()) return *isa.table;
  throw ValueError("ISA '" + std::string(name) + "' is not available: " + absence(name) + "; available here: " +
                   listed(available_isas()) + ". Name one of these (RECFAST_ISA, isa=), or none to take the best one");
}

std::string_view select_isa() {
  const char* wanted = std::getenv("RECFAST_ISA");
  if (wanted != nullptr && *wanted != '\0') return kernels_for(wanted).isa;
  std::string_view best;
  for (const Isa& isa : kIsas)
    if (isa.runs_here() && isa.unasked()) best = isa.table->isa;
  return best;
}

const KernelTable& kernels() {
  // Threads that come first at once find the same table. A static that is initialised here would be locked meanwhile,
  // and stay so in a child that is forked then.
  static std::atomic<const KernelTable*> selected{nullptr};
  const KernelTable* table = selected.load(std::memory_order_acquire);
  if (table == nullptr) selected.store(table = &kernels_for(select_isa()), std::memory_order_release);
  return *table;
}

}  // namespace recfast
