#pragma once
// Counts what operator new hands out: for promises of "no allocation after warm-up".

#include <cstddef>

namespace recfast::test {

size_t allocations() noexcept;  // calls of operator new so far

}  // namespace recfast::test
