#include "host/delta/huge/encoder.h"

#include <algorithm>
#include <memory>

#include "device/delta/huge/codec.h"
#include "host/coding/bit_encoder.h"
#include "host/crypto.h"
#include "host/delta/huge/plan.h"
#include "host/failure.h"

namespace ferry::host::delta::huge {
namespace {

using ferry::delta::Header;
using ferry::delta::Window;
using ferry::delta::huge::Codec;
using ferry::delta::huge::kMostBytes;
using ferry::delta::huge::kMostPieces;
using ferry::delta::huge::Memory;
using ferry::delta::huge::StoredPiece;

constexpr std::size_t kSteps = 100;  // of progress
constexpr std::size_t kStepsOfPlan = 60;

class Run {
 public:
  Run(ByteView old, ByteView fresh, const Bases& bases, bool is_code, const EncodeOptions& options)
      : fresh_(fresh), window_(old), codec_(coder_, *memory_, window_, bases, is_code), options_(options) {
    codec_.upper_half(bases.upper_half);
  }

  Patch code(std::span<const Piece> pieces) {
    spend(patch_.parts.map);
    while (!pieces.empty()) {
      const auto section = pieces.first(std::min(pieces.size(), kMostPieces));
      pieces = pieces.subspan(section.size());
      const auto stored = codec_.section(at_, static_cast<std::uint32_t>(fresh_.size()), section);
      if (stored.empty()) {
        throw Failure("the delta's plan is not one: please report this, with both images");
      }
      spend(patch_.parts.pieces);
      for (const StoredPiece& piece : stored) {
        code_piece(piece);
      }
      patch_.parts.piece_count += section.size();
    }
    patch_.bytes = coder_.finish();
    return std::move(patch_);
  }

 private:
  void spend(double& part) {
    part += coder_.bits() / 8 - before_;
    before_ = coder_.bits() / 8;
  }

  void code_piece(const StoredPiece& piece) {
    patch_.parts.literal_bytes += piece.new_start - at_;
    patch_.parts.copied_bytes += piece.length();
    while (at_ < piece.new_start) {
      at_ += static_cast<std::uint32_t>(codec_.literal(at_, piece.new_start - at_, piece.words(), truth()));
    }
    spend(patch_.parts.literals);
    if (piece.verbatim()) {
      at_ += piece.length();
    } else {
      for (std::uint32_t done = 0; done < piece.length();) {
        const auto count = static_cast<std::uint32_t>(codec_.copy(at_, piece.old_start() + done, piece, truth()));
        at_ += count;
        done += count;
      }
      spend(patch_.parts.copies);
    }
    show_progress();
  }

  // The next four bytes; zeros past the end.
  [[nodiscard]] ByteSpan truth() {
    unit_ = {};
    ferry::copy(fresh_.subspan(at_, std::min<std::size_t>(unit_.size(), fresh_.size() - at_)), unit_);
    return unit_;
  }

  void show_progress() {
    const auto step =
        kStepsOfPlan + static_cast<std::size_t>(std::uint64_t{at_} * (kSteps - kStepsOfPlan) / fresh_.size());
    if (options_.progress && step > shown_) {
      options_.progress(shown_ = step, kSteps);
    }
  }

  ByteView fresh_;
  Window window_;
  std::unique_ptr<Memory> memory_ = std::make_unique<Memory>();
  coding::BitEncoder coder_;
  Codec<coding::BitEncoder> codec_;
  const EncodeOptions& options_;
  Patch patch_;
  std::array<std::uint8_t, 4> unit_{};
  std::uint32_t at_ = 0;
  double before_ = 0;
  std::size_t shown_ = kStepsOfPlan;
};

// Functions end in RET, every few hundred bytes.
bool is_aarch64(ByteView image) {
  constexpr std::uint32_t kReturn = 0xD65F03C0;
  constexpr std::size_t kApart = 32768;
  std::size_t count = 0;
  for (std::size_t at = 0; at + 4 <= image.size(); at += 4) {
    count += load_le32(image.subspan(at)) == kReturn ? 1 : 0;
  }
  return count > 4 && count > image.size() / kApart;
}

bool code_wanted(ByteView old, ByteView fresh, const EncodeOptions& options) {
  if (!options.mode) {
    return is_aarch64(old) && is_aarch64(fresh);
  }
  if (*options.mode != Mode::kAArch64 && *options.mode != Mode::kPlain) {
    throw Failure("deltas for Linux are plain or of AArch64");
  }
  return *options.mode == Mode::kAArch64;
}

}  // namespace

Patch make_patch(ByteView old, ByteView fresh, const EncodeOptions& options) {
  for (const ByteView image : {old, fresh}) {
    if (image.size() > kMostBytes) {
      throw Failure("an image of {} bytes is too large for a delta; {} at most", image.size(), kMostBytes);
    }
  }
  PlanOptions plan;
  plan.is_code = code_wanted(old, fresh, options);
  if (plan.is_code) {
    plan.bases = guess_bases(old, fresh);
    plan.bases.old_image = options.old_base.value_or(plan.bases.old_image);
    plan.bases.new_image = options.new_base.value_or(plan.bases.new_image);
  }
  plan.progress = [&](std::size_t done, std::size_t total) {
    if (options.progress) {
      options.progress(done * kStepsOfPlan / total, kSteps);
    }
  };
  const std::vector<Piece> pieces = cut(old, fresh, plan);
  Header header{.mode = plan.is_code ? Mode::kAArch64 : Mode::kPlain,
                .memory = MemoryClass::kHuge,
                .old_size = static_cast<std::uint32_t>(old.size()),
                .bases = {plan.bases.old_image, plan.bases.new_image}};
  ferry::copy(sha256(old), header.old_digest);
  ferry::copy(sha256(fresh), header.new_digest);
  Patch patch = Run(old, fresh, plan.bases, plan.is_code, options).code(pieces);
  const auto encoded = ferry::delta::encode_header(header);
  patch.header = header;
  patch.bytes.insert(patch.bytes.begin(), encoded.begin(), encoded.end());
  return patch;
}

}  // namespace ferry::host::delta::huge
