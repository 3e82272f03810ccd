#pragma once
// RECFAST_HOST_DEVICE: a function that CUDA kernels call, too. Elsewhere it says nothing.

#if defined(__CUDACC__)
#define RECFAST_HOST_DEVICE __host__ __device__
#else
#define RECFAST_HOST_DEVICE
#endif
