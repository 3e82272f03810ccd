// In place of cuda_pairs.cpp, where recfast was built without CUDA.

#include "base/error.h"
#include "ranking/pair_device.h"

namespace recfast {

void check_cuda() {
  throw DeviceError("device=\"cuda\": this build of recfast has no CUDA: " RECFAST_NO_CUDA "; use device=\"cpu\"");
}

std::shared_ptr<const PairDevice> cuda_pairs(const Catalog&, std::shared_ptr<const PairEngine>) {
  check_cuda();
  return nullptr;
}

}  // namespace recfast
