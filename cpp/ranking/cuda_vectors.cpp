// The vectors of a Retriever on CUDA's first device.

#include "backends/cuda/vector_scan.h"
#include "ranking/retriever.h"

namespace recfast {

std::shared_ptr<const VectorDevice> cuda_vectors(const VectorIndex& index) {
  return std::make_shared<const cuda::VectorScan>(index.space(), index.blocks());
}

}  // namespace recfast
