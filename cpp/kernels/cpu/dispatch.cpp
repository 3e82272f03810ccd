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
namespace neon {
extern const KernelTable kTable;
}

namespace {

struct Isa {
  const KernelTable* table;
  bool (*runs_here)();
};

// In order of preference, the best last.
constexpr Isa kIsas[] = {
    {&baseline::kTable, [] { return true; }},
#if defined(__x86_64__)
    {&avx2::kTable,
     [] {
       return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c") &&
              __builtin_cpu_supports("bmi2");
     }},
#elif defined(__aarch64__)
    {&neon::kTable, [] { return true; }},
#endif
};

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
  std::string here;
  for (std::string_view isa : available_isas()) here += (here.empty() ? "" : ", ") + std::string(isa);
  throw ValueError("ISA '" + std::string(name) + "' is not available in this build on this CPU; available: " + here +
                   ". Unset RECFAST_ISA to take the best one");
}

std::string_view select_isa() {
  const char* wanted = std::getenv("RECFAST_ISA");
  if (wanted == nullptr || *wanted == '\0') return available_isas().back();
  return kernels_for(wanted).isa;
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
