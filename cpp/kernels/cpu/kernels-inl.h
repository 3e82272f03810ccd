// Included inside an ISA's region, after its simd_<isa>.h: every kernel, in one place.

#include "kernels/cpu/row_formats-inl.h"

#include "kernels/cpu/cross-inl.h"
#include "kernels/cpu/dot_block-inl.h"
#include "kernels/cpu/dot_rows-inl.h"
#include "kernels/cpu/dot_vectors-inl.h"
#include "kernels/cpu/embedding_bag-inl.h"
#include "kernels/cpu/equal-inl.h"
#include "kernels/cpu/fm-inl.h"
#include "kernels/cpu/in_range-inl.h"
#include "kernels/cpu/join_rows-inl.h"
#include "kernels/cpu/linear-inl.h"
#include "kernels/cpu/linear_narrow-inl.h"
#include "kernels/cpu/row_products-inl.h"
#include "kernels/cpu/rows-inl.h"
#include "kernels/cpu/scan_i8-inl.h"

// After scan_i8.
#include "kernels/cpu/scan_f16-inl.h"
#include "kernels/cpu/scan_f32-inl.h"
#include "kernels/cpu/select_at_least-inl.h"
#include "kernels/cpu/upper_bounds-inl.h"
