#pragma once
// Executor: a Program compiled for this CPU. Three stages, one per side:
//
//   run_requests: encoded request features -> one frame row per request          (once per request)
//   run_items:    encoded item features    -> one stored row per item            (once per catalogue version)
//   run_pairs:    request rows, stored item rows, encoded pair features -> score (per candidate)
//
// Immutable after construction and free of locks; a Workspace serves one call at a time.

#include <memory>
#include <span>
#include <vector>

#include "backends/cpu/step.h"
#include "base/aligned.h"
#include "features/encoder.h"
#include "split/plan.h"

namespace recfast::cpu {

// Scratch memory of one running call; grows to what it needs and stays so.
struct Workspace {
  AlignedBuffer<float> frame;
  AlignedBuffer<const float*> pointers;
  AlignedBuffer<float> scalars;
  std::vector<Memory> now;  // what a tile gathers, and what the next one will
  std::vector<Memory> next;
};

class Executor {
 public:
  // The program's inputs are the encoder's specs. named: what read_named gives. Throws ValueError for what this backend
  // cannot do, and for parts that the program does not have.
  Executor(std::shared_ptr<const Encoder> encoder, std::shared_ptr<const Program> program, const KernelTable& kernels,
           std::span<const split::NamedPart> named = {});

  const Encoder& encoder() const noexcept { return *encoder_; }
  const Program& program() const noexcept { return *program_; }
  const std::shared_ptr<const Encoder>& share_encoder() const noexcept { return encoder_; }
  const std::shared_ptr<const Program>& share_program() const noexcept { return program_; }
  const KernelTable& kernels() const noexcept { return *kernels_; }
  int64_t request_width() const noexcept { return stages_[0].width; }  // numbers per request row
  int64_t item_width() const noexcept { return item_width_; }          // numbers per stored item row
  // The parts of a stored item row, by store_offset.
  const std::vector<split::Stored>& stored() const noexcept { return stored_; }
  // What the score is the sum of, as far as that needs no pair stage.
  const split::ScoreForm& form() const noexcept { return form_; }
  // Rows that one run_pairs call handles at most.
  int64_t pair_rows() const noexcept { return stages_[2].rows; }

  // out: f32 [rows, request_width()].
  void run_requests(const EncodedArrays& encoded, int64_t first, int64_t rows, float* out, Workspace& work) const;
  // out: f32 [rows, item_width()].
  void run_items(const EncodedArrays& encoded, int64_t first, int64_t rows, float* out, Workspace& work) const;
  // request, item: a row pointer each per row. encoded: the pair arrays, rows [first, first + rows). rows <=
  // pair_rows(). ahead: stored rows that the next call will read, or null.
  void run_pairs(const EncodedArrays& encoded, int64_t first, int64_t rows, const float* const* request,
                 const float* const* item, float* scores, Workspace& work, Ahead* ahead) const;
  const std::vector<split::NamedPart>& named() const noexcept { return named_; }
  // Numbers per row of all named parts.
  int64_t named_width() const noexcept { return named_width_; }
  // The same rows as run_pairs. out: f32 [rows, named_width()], the named parts one behind the other.
  void read_named(const EncodedArrays& encoded, int64_t first, int64_t rows, const float* const* request,
                  const float* const* item, float* out, Workspace& work) const;

 private:
  struct Stage {
    Steps steps;
    int64_t width = 0;  // of the frame
    int64_t rows = 1;   // of a tile
  };
  // The tiles of rows [first, first + rows): prepare(tile, done) places a tile's frame, finish(tile, done) takes it.
  template <class Prepare, class Finish>
  void run_tiles(const Stage& stage, const EncodedArrays& encoded, int64_t first, int64_t rows, Workspace& work,
                 Prepare&& prepare, Finish&& finish) const;
  void run(const Stage& stage, Tile& tile, Workspace& work) const;
  Tile run_pair_stage(const EncodedArrays& encoded, int64_t first, int64_t rows, const float* const* request,
                      const float* const* item, Workspace& work, Ahead* ahead) const;

  std::shared_ptr<const Encoder> encoder_;
  std::shared_ptr<const Program> program_;
  const KernelTable* kernels_;
  Stage stages_[3];
  std::shared_ptr<const Arena> arena_;  // the weights of the steps
  std::vector<split::Stored> stored_;
  int64_t item_width_ = 0;
  int64_t score_ = 0;  // frame offset of the output
  std::vector<split::NamedPart> named_;
  std::vector<split::Operand> named_from_;  // by named_
  int64_t named_width_ = 0;
  split::ScoreForm form_;
};

}  // namespace recfast::cpu
