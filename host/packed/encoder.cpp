#include "host/packed/encoder.h"

#include <future>
#include <memory>
#include <mutex>

#include "device/coding/in_memory.h"
#include "device/packed/decoder.h"
#include "host/coding/bit_encoder.h"
#include "host/failure.h"
#include "host/packed/converted.h"
#include "host/packed/plan.h"

namespace ferry::host::packed {
namespace {

using coding::BitEncoder;
using ferry::packed::Branch;
using ferry::packed::Codec;
using ferry::packed::History;
using ferry::packed::Memory;
using ferry::packed::Past;

constexpr std::size_t kMostBytes = (1U << 24U) - 1;
constexpr std::size_t kPasses = 8;
constexpr std::size_t kStart = 2;           // passes after which it shows whether converted branches are worth it
constexpr std::uint32_t kPricedBytes = 40;  // of a unit; a place further on is taken for like the one in front

// What is the same in all passes.
struct Task {
  Task(ByteView image, bool branches)
      : header{.branches = branches}, bytes(converted(image, branches)), matches(find_matches(bytes)) {
    half_sizes.assign(bytes.size() / 2 + 1, 2);
    ferry::packed::Place place;
    for (std::uint32_t at = 0; at < bytes.size(); ++at) {
      if (at % 2 == 0 && bytes.size() - at >= 4 && place.kind() == ferry::packed::HalfKind::kFirst &&
          bytes[at + 1] == 0xF0 && branch(at).is_one()) {
        half_sizes[at / 2] = 4;
      }
      place.take(bytes[at]);
    }
  }
  [[nodiscard]] Branch branch(std::uint32_t at) const {
    return {bytes[at] | static_cast<std::uint32_t>(bytes[at + 1]) << 8U,
            bytes[at + 2] | static_cast<std::uint32_t>(bytes[at + 3]) << 8U};
  }
  [[nodiscard]] std::array<std::uint8_t, 4> four(std::uint32_t at) const {
    std::array<std::uint8_t, 4> four{};
    ferry::copy(ByteView(bytes).subspan(at, std::min<std::size_t>(bytes.size() - at, four.size())), four);
    return four;
  }

  ferry::packed::Header header;
  Bytes bytes;
  Matches matches;
  std::vector<std::uint8_t> half_sizes;
};

// One coding of one plan, and what all places would have cost in the course of it.
class Run {
 public:
  Run(const Task& task, Memory& memory)
      : task_(task),
        sources_(memory.sources),
        size_(static_cast<std::uint32_t>(task.bytes.size())),
        history_(task.bytes),
        codec_(coder_, memory.tables(), history_, past_, size_),
        pricing_(price_, memory.tables(), history_, ahead_, size_) {}

  Packed code(const std::vector<Unit>& units, Prices& prices) {
    Packed packed{.header = task_.header};
    for (const Unit& unit : units) {
      price_unit(unit, prices);
      const double before = coder_.bits();
      code_unit(unit);
      packed.parts.of(unit.kind).add(unit.length, (coder_.bits() - before) / 8);
    }
    (void)codec_.end();
    price_numbers(prices);
    const auto header = ferry::packed::encode_header(task_.header);
    packed.bytes.assign(header.begin(), header.end());
    const Bytes code = coder_.finish();
    packed.bytes.insert(packed.bytes.end(), code.begin(), code.end());
    return packed;
  }

 private:
  void code_unit(const Unit& unit) {
    const std::uint32_t at = past_.place.at();
    (void)codec_.unit(unit);
    if (unit.kind == UnitKind::kByte) {
      (void)codec_.byte(task_.bytes[at]);
    } else if (unit.kind == UnitKind::kHalf) {
      std::array<std::uint8_t, 4> bytes{};
      (void)codec_.half(bytes, task_.four(at));
    }
    for (std::uint32_t i = 0; i < unit.length; ++i) {
      codec_.took(task_.bytes[at + i]);
    }
    codec_.finished(unit);
  }

  // Each of its places, as if the unit ended in front of it.
  void price_unit(const Unit& unit, Prices& prices) {
    ahead_ = past_;
    const std::uint32_t begin = past_.place.at();
    for (std::uint32_t at = begin; at < begin + unit.length; ++at) {
      if (at - begin >= kPricedBytes) {
        prices.byte[at] = prices.byte[at - 2];
        prices.half[at] = prices.half[at - 2];
        prices.match[at] = prices.match[at - 2];
        continue;
      }
      price_place(at, prices);
      ahead_.place.take(task_.bytes[at]);
    }
  }

  void price_place(std::uint32_t at, Prices& prices) {
    (void)pricing_.unit({.kind = UnitKind::kByte});
    (void)pricing_.byte(task_.bytes[at]);
    prices.byte[at] = price_.take();
    if (at % 2 == 0 && size_ - at >= 2) {
      std::array<std::uint8_t, 4> bytes{};
      (void)pricing_.unit({.kind = UnitKind::kHalf});
      (void)pricing_.half(bytes, task_.four(at));
      prices.half[at] = price_.take();
    }
    (void)pricing_.flag(true, 0);
    prices.match[at] = price_.take();
  }

  // Lengths and distances as they stand at the end.
  void price_numbers(Prices& prices) {
    ahead_ = {};
    prices.sources = sources_;
    const std::uint32_t longest = std::min(size_, kLongestMatch);
    for (std::uint32_t length = 1; length <= longest; ++length) {
      (void)pricing_.length(length - 1, true);
      prices.repeat_length[length] = price_.take();
      (void)pricing_.length(length < 2 ? 0 : length - 2, false);
      prices.match_length[length] = price_.take();
    }
    for (std::uint32_t row = 2; row < Prices::kRows; ++row) {
      for (std::uint32_t width = 0; width < Prices::kWidths; ++width) {
        const std::uint32_t middle = width > 4 ? 1U << (width - 1) | 1U << 4U : 0U;
        (void)pricing_.distance(1U << width | middle, row);
        prices.distance[row][width] = price_.take();
      }
    }
  }

  const Task& task_;
  const std::array<std::int8_t, ferry::packed::kSourceWeights>& sources_;
  std::uint32_t size_;
  History history_;
  Past past_;
  Past ahead_;
  BitEncoder coder_;
  PriceCoder price_;
  Codec<BitEncoder> codec_;
  Codec<PriceCoder> pricing_;
};

Prices first_prices(std::size_t size) {
  Prices prices(size);
  prices.repeat_length.fill(4 * kBit);
  prices.match_length.fill(6 * kBit);
  for (auto& row : prices.distance) {
    row.fill(5 * kBit);
  }
  return prices;
}

// Prices that jump from pass to pass would have the plans do so too.
void soften(std::vector<Price>& prices, const std::vector<Price>& before) {
  for (std::size_t i = 0; i < prices.size(); ++i) {
    prices[i] = (prices[i] + before[i]) / 2;
  }
}

// One way of packing: each pass plans by what the one before has cost.
class Packer {
 public:
  Packer(ByteView image, bool branches) : task_(image, branches), prices_(first_prices(image.size())) {}

  void pass() {
    const std::vector<Unit> units = plan(task_.bytes, task_.matches, task_.half_sizes, prices_);
    const Prices before = prices_;
    Packed packed = Run(task_, *memory_).code(units, prices_);
    if (best_) {
      soften(prices_.byte, before.byte);
      soften(prices_.half, before.half);
    }
    if (!best_ || packed.bytes.size() < best_->bytes.size()) {
      best_ = std::move(packed);
    }
  }
  [[nodiscard]] Packed& best() { return *best_; }
  [[nodiscard]] std::size_t size() const { return best_->bytes.size(); }

 private:
  Task task_;
  std::unique_ptr<Memory> memory_ = std::make_unique<Memory>();
  Prices prices_;
  std::optional<Packed> best_;
};

// Both ways for some passes, side by side; the smaller one goes on.
std::unique_ptr<Packer> better_start(ByteView image, const std::function<void()>& passed) {
  const auto start = [&](bool branches) {
    auto packer = std::make_unique<Packer>(image, branches);
    for (std::size_t pass = 0; pass < kStart; ++pass) {
      packer->pass();
      passed();
    }
    return packer;
  };
  auto other = std::async(std::launch::async, start, false);
  auto converted = start(true);
  auto plain = other.get();
  return plain->size() < converted->size() ? std::move(plain) : std::move(converted);
}

// What is being made, as the decoder reads it.
class Growing final : public ImageReader {
 public:
  Growing(const Bytes& bytes, std::uint32_t size) : bytes_(bytes), size_(size) {}
  [[nodiscard]] std::uint32_t size() const override { return size_; }
  [[nodiscard]] Status read(std::uint32_t offset, ByteSpan out) override {
    if (offset > bytes_.size() || out.size() > bytes_.size() - offset) {
      return fail(Error::kOutOfRange);
    }
    ferry::copy(ByteView(bytes_).subspan(offset), out);
    return ok();
  }

 private:
  const Bytes& bytes_;
  std::uint32_t size_;
};

}  // namespace

PackedParts::Part& PackedParts::of(UnitKind kind) {
  switch (kind) {
    case UnitKind::kByte:
      return single;
    case UnitKind::kHalf:
      return halves;
    case UnitKind::kMatch:
      return matches;
    case UnitKind::kRepeat:
      break;
  }
  return repeats;
}

Packed pack_image(ByteView image, const EncodeOptions& options) {
  if (image.size() > kMostBytes) {
    throw Failure("the image has {} bytes; {} can be packed", image.size(), kMostBytes);
  }
  const std::size_t total = options.branches ? kPasses : kPasses + kStart;  // those of the other way as well
  std::size_t done = 0;
  std::mutex mutex;
  const auto passed = [&] {
    const std::scoped_lock lock(mutex);
    ++done;
    if (options.progress) {
      options.progress(done, total);
    }
  };
  const auto packer =
      options.branches ? std::make_unique<Packer>(image, *options.branches) : better_start(image, passed);
  while (done < total) {
    packer->pass();
    passed();
  }
  return std::move(packer->best());
}

Bytes unpack_image(ByteView packed, std::uint32_t image_size) {
  const auto decoder = std::make_unique<ferry::packed::Decoder>();
  ferry::coding::BytesInMemory source(packed);
  Bytes image;
  Growing written(image, image_size);
  Status status =
      decoder->image_decoder().begin(written, source, static_cast<std::uint32_t>(packed.size()), image_size);
  std::array<std::uint8_t, 256> page{};
  while (status) {
    const auto count = decoder->image_decoder().produce(page);
    if (count && *count == 0) {
      return image;
    }
    if (count) {
      image.insert(image.end(), page.begin(), page.begin() + static_cast<std::ptrdiff_t>(*count));
    }
    status = count ? ok() : fail(count.error());
  }
  throw Failure("the packed image is damaged or of a newer kind ({})", name(status.error()));
}

}  // namespace ferry::host::packed
