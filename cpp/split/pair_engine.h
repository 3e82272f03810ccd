#pragma once
// PairEngine: a network that scores candidates instead of the pair steps, such as a TensorRT engine of them. Addresses
// are of device memory, streams are their handles; both are plain numbers here, so that who implements it needs no
// CUDA.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "split/named_part.h"

namespace recfast {

class PairEngine {
 public:
  virtual ~PairEngine() = default;

  // f32 [rows, width of all parts], the parts one behind the other; of the request side one row.
  struct Input {
    std::string name;
    Side side = Side::kItem;
    std::vector<split::NamedPart> parts;
  };
  virtual const std::vector<Input>& inputs() const noexcept = 0;
  // Rows of a call.
  virtual int64_t least_rows() const noexcept = 0;
  virtual int64_t most_rows() const noexcept = 0;

  // For one stream at a time. All throw DeviceError.
  class Context {
   public:
    virtual ~Context() = default;
    // Shapes and addresses of the calls that follow. inputs: in the order of inputs(); scores: f32 [rows].
    virtual void bind(std::span<const uintptr_t> inputs, uintptr_t scores, int64_t rows) = 0;
    // Appends its work to the stream.
    virtual void enqueue(uintptr_t stream) = 0;
    // Whether it may be recorded as a part of a CUDA graph.
    virtual bool capturable(uintptr_t stream) = 0;
  };
  virtual std::unique_ptr<Context> make_context() const = 0;
};

}  // namespace recfast
