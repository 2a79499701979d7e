#include "host/delta/encoder.h"

#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>

#include "device/delta/huge/decoder.h"
#include "device/delta/in_memory.h"
#include "host/coding/bit_encoder.h"
#include "host/crypto.h"
#include "host/delta/huge/encoder.h"
#include "host/delta/modes.h"
#include "host/delta/plan.h"
#include "host/failure.h"

namespace ferry::host::delta {
namespace {

using coding::BitEncoder;
using ferry::delta::capacity_of;
using ferry::delta::Codec;
using ferry::delta::Header;
using ferry::delta::kMostBytes;
using ferry::delta::Tables;
using ferry::delta::Window;
using ferry::delta::Word;

using Model = ferry::delta::Memory<capacity_of(MemoryClass::kLarge)>;

constexpr std::size_t kPage = 65536;
constexpr std::array<std::uint32_t, 6> kLeastGains = {4, 6, 8, 10, 12, 16};
constexpr std::uint32_t kFirstGain = 8;  // of the first pass, which says which mode it is
constexpr std::array<std::size_t, 5> kMapSizes = {32, 64, 128, 256, 512};

struct Task {
  Header header;
  Image old;
  Image fresh;
  std::uint32_t least_gain = 0;
};

// One coding of one plan.
class Run {
 public:
  Run(const Task& task, Model& model)
      : header_(task.header),
        own_(own_bytes(task.header.mode, task.old, task.fresh)),
        fresh_(task.fresh.bytes),
        window_(task.old.bytes),
        tables_(tables_of(model.tables(), header_)),
        instructions_(header_, own_),
        codec_(coder_, tables_, window_, instructions_.get()) {}

  Patch code(const std::vector<Piece>& pieces, const std::vector<Block>& map) {
    Patch patch{.header = header_};
    double before = 0;
    const auto spent = [&](double& part) {
      part += coder_.bits() / 8 - before;
      before = coder_.bits() / 8;
    };
    if (!codec_.address_map(map)) {
      throw Failure("the address map has {} blocks, more than its memory class allows", map.size());
    }
    spent(patch.parts.map);
    for (const Piece& piece : pieces) {
      (void)codec_.piece(at_, piece);
      spent(patch.parts.pieces);
      code_literals(piece.literals);
      spent(patch.parts.literals);
      code_copy(piece);
      spent(patch.parts.copies);
      patch.parts.literal_bytes += piece.literals;
      patch.parts.copied_bytes += piece.length;
    }
    patch.parts.blocks = map.size();
    patch.parts.piece_count = pieces.size();
    const auto encoded = ferry::delta::encode_header(header_);
    patch.bytes.assign(encoded.begin(), encoded.end());
    patch.bytes.insert(patch.bytes.end(), own_.begin(), own_.end());
    const Bytes code = coder_.finish();
    patch.bytes.insert(patch.bytes.end(), code.begin(), code.end());
    return patch;
  }

 private:
  void code_literals(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i, ++at_) {
      (void)codec_.literal(at_, fresh_[at_]);
    }
  }

  void code_copy(const Piece& piece) {
    std::uint32_t from = piece.old_start;
    for (std::uint32_t left = piece.length; left > 0;) {
      Word truth{};
      ferry::copy(fresh_.subspan(at_, std::min<std::size_t>(left, truth.size())), truth);
      Word copied{};
      const auto count = static_cast<std::uint32_t>(codec_.copy(at_, from, left, copied, truth).size);
      at_ += count;
      from += count;
      left -= count;
    }
  }

  Header header_;
  Bytes own_;
  ByteView fresh_;
  Window window_;
  Tables tables_;
  BitEncoder coder_;
  PatchInstructions instructions_;
  Codec<BitEncoder> codec_;
  std::uint32_t at_ = 0;
};

Patch best_of(const Task& task, Model& model) {
  const std::vector<Piece> pieces = cut(task.old, task.fresh, task.header.mode, task.least_gain);
  std::optional<Patch> best;
  std::size_t tried = 0;
  const std::size_t limit = most_blocks(task.header.mode, task.header.memory);
  for (const std::size_t most : kMapSizes) {
    const std::vector<Block> map = longest_copies(pieces, std::min(most, limit));
    if (map.size() == tried) {
      break;  // the same map as before
    }
    tried = map.size();
    Patch patch = Run(task, model).code(pieces, map);
    if (!best || patch.bytes.size() < best->bytes.size()) {
      best = std::move(patch);
    }
  }
  if (!best) {
    best = Run(task, model).code(pieces, {});
  }
  return *std::move(best);
}

Image image_of(ByteView bytes, const ModeTools& tools, std::optional<std::uint32_t> base) {
  if (tools.mode == Mode::kPlain) {
    return {.bytes = bytes};
  }
  return base ? Image{.bytes = bytes, .base = *base} : tools.guess(bytes);
}

std::vector<Task> tasks_for(ByteView old, ByteView fresh, const EncodeOptions& options) {
  Header header{.memory = options.memory, .old_size = static_cast<std::uint32_t>(old.size())};
  ferry::copy(sha256(old), header.old_digest);
  ferry::copy(sha256(fresh), header.new_digest);
  std::vector<Task> tasks;
  for (const ModeTools& tools : all_modes()) {
    if (!goes_with(tools.mode, options.memory) || (options.mode && *options.mode != tools.mode)) {
      continue;
    }
    header.mode = tools.mode;
    const Image old_image = image_of(old, tools, options.old_base);
    const Image new_image = image_of(fresh, tools, options.new_base);
    header.bases = {.old_image = old_image.base, .new_image = new_image.base};
    for (const std::uint32_t least_gain : kLeastGains) {
      tasks.push_back({header, old_image, new_image, least_gain});
    }
  }
  return tasks;
}

// Runs the tasks on all cores: first one of each mode, then all of the mode that gave the smallest patch.
class Search {
 public:
  Search(ByteView old, ByteView fresh, const EncodeOptions& options)
      : options_(options), tasks_(tasks_for(old, fresh, options)), results_(tasks_.size()) {}

  Patch run() {
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      if (tasks_[i].least_gain == kFirstGain) {
        wanted_.push_back(i);
      }
    }
    total_ = wanted_.size() + kLeastGains.size() - 1;
    run_wanted();
    const Mode mode = smallest().header.mode;
    wanted_.clear();
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      if (tasks_[i].header.mode == mode && tasks_[i].least_gain != kFirstGain) {
        wanted_.push_back(i);
      }
    }
    run_wanted();
    return std::move(smallest());
  }

 private:
  [[nodiscard]] Patch& smallest() {
    const auto size = [](const Patch& patch) { return patch.bytes.empty() ? SIZE_MAX : patch.bytes.size(); };
    return *std::ranges::min_element(results_, {}, size);
  }

  void run_wanted() {
    next_ = 0;
    {
      std::vector<std::jthread> workers;
      const unsigned count =
          std::min<unsigned>(std::max(1U, std::thread::hardware_concurrency()), static_cast<unsigned>(wanted_.size()));
      for (unsigned i = 0; i < count; ++i) {
        workers.emplace_back([this] { work(); });
      }
    }
    if (failure_) {
      std::rethrow_exception(failure_);
    }
  }

  void work() {
    const auto model = std::make_unique<Model>();
    for (std::size_t i = next_++; i < wanted_.size(); i = next_++) {
      try {
        results_[wanted_[i]] = best_of(tasks_[wanted_[i]], *model);
      } catch (...) {
        const std::scoped_lock lock(mutex_);
        failure_ = std::current_exception();
        next_ = wanted_.size();
        return;
      }
      const std::scoped_lock lock(mutex_);
      ++done_;
      if (options_.progress) {
        options_.progress(done_, total_);
      }
    }
  }

  const EncodeOptions& options_;
  std::vector<Task> tasks_;
  std::vector<Patch> results_;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  std::vector<std::size_t> wanted_;  // of the tasks, in this pass
  std::size_t done_ = 0;
  std::size_t total_ = 0;
  std::exception_ptr failure_;
};

void require(const Status& status) {
  if (!status) {
    throw Failure("the patch is damaged ({})", name(status.error()));
  }
}

bool begins_with(const Sha256Digest& digest, ByteView start) {
  return equal(ByteView(digest).first(start.size()), start);
}

}  // namespace

Patch make_patch(ByteView old, ByteView fresh, const EncodeOptions& options) {
  if (options.memory == MemoryClass::kHuge) {
    return huge::make_patch(old, fresh, options);
  }
  for (const ByteView image : {old, fresh}) {
    if (image.size() > kMostBytes) {
      throw Failure("an image of {} bytes is too large for a delta; {} at most", image.size(), kMostBytes);
    }
  }
  return Search(old, fresh, options).run();
}

Bytes apply_patch(ByteView old, ByteView patch, std::uint32_t image_size) {
  Bytes image;
  apply_patch(old, patch, image_size, [&](ByteView piece) { image.insert(image.end(), piece.begin(), piece.end()); });
  return image;
}

void apply_patch(ByteView old, ByteView patch, std::uint32_t image_size, const std::function<void(ByteView)>& sink) {
  if (patch.size() < ferry::delta::kHeaderSize) {
    throw Failure("the patch is damaged (cut off in its header)");
  }
  const auto header = ferry::delta::decode_header(patch.first(ferry::delta::kHeaderSize));
  require(header ? ok() : Status(fail(header.error())));
  if (header->old_size != old.size() || !begins_with(sha256(old), header->old_digest)) {
    throw Failure("the patch was made from another old image: {} bytes, SHA-256 {}...", header->old_size,
                  to_hex(header->old_digest));
  }
  using Every = ferry::delta::huge::EveryDecoder<ferry::delta::Decoder<MemoryClass::kLarge, AllSets>>;
  const auto decoder = std::make_unique<Every>();
  ferry::delta::ImageInMemory reader(old);
  ferry::delta::PatchInMemory source(patch);
  require(decoder->image_decoder().begin(reader, source, static_cast<std::uint32_t>(patch.size()), image_size));
  RunningSha256 hash;
  Bytes page(kPage);
  while (true) {
    const auto count = decoder->image_decoder().produce(page);
    require(count ? ok() : Status(fail(count.error())));
    if (*count == 0) {
      break;
    }
    const ByteView made = ByteView(page).first(*count);
    hash.update(made);
    sink(made);
  }
  if (!begins_with(hash.finish(), header->new_digest)) {
    throw Failure("the patch is damaged: what comes out is not the image that it was made for");
  }
}

}  // namespace ferry::host::delta
