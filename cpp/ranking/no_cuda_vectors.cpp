// In place of cuda_vectors.cpp, where recfast was built without CUDA.

#include "ranking/pair_device.h"
#include "ranking/retriever.h"

namespace recfast {

std::shared_ptr<const VectorDevice> cuda_vectors(const VectorIndex&) {
  check_cuda();
  return nullptr;
}

}  // namespace recfast
