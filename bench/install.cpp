// How fast a downloaded payload becomes a burnt image: decrypt, hash and write through the device's own pipeline and a
// flash in a file, against mbedTLS's AES-128-CTR and then SHA-256 of the same bytes in memory. Both in turn in each
// round, so that whatever else the machine does meets both; processor time, and the median of the rounds' ratios.
#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fmt/format.h>
#include <mbedtls/aes.h>
#include <mbedtls/sha256.h>
#include <stdexcept>
#include <sys/vfs.h>
#include <unistd.h>
#include <vector>

#include "bench/table.h"
#include "device/payload/unpacker.h"
#include "device/slots/slot.h"
#include "ports/posix/file_nor_flash.h"

namespace ferry::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kImageSize = 64U << 20;
constexpr std::uint32_t kSector = 4096;
constexpr std::uint32_t kWriteSize = 8;
constexpr std::size_t kBuffer = 65536;  // as ferry-agent has it
constexpr std::size_t kRounds = 9;
constexpr double kRequiredRatio = 0.8;
constexpr long kTmpfs = 0x01021994;
constexpr cose::ContentKey kKey = {.key = {7, 3, 1}, .iv = {9, 8, 7}};

void require(bool success, const char* what) {
  if (!success) {
    throw std::runtime_error(what);
  }
}

// Of this thread: nothing here waits, so that is the time on a machine which does nothing else.
double processor_seconds() {
  timespec time{};
  require(::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0, "no clock");
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double seconds_of(const auto& work) {
  const double from = processor_seconds();
  work();
  return processor_seconds() - from;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Gone at the end.
class Folder {
 public:
  Folder() {
    const char* const chosen = std::getenv("FERRY_BENCH_TMPFS");
    const fs::path parent = chosen != nullptr ? chosen : "/dev/shm";
    struct statfs status {};
    require(::statfs(parent.c_str(), &status) == 0 && status.f_type == kTmpfs,
            "no tmpfs at /dev/shm: name a folder of one in FERRY_BENCH_TMPFS");
    require(status.f_bavail * static_cast<std::uint64_t>(status.f_bsize) > 3ULL * kImageSize,
            "the tmpfs needs 192 MiB of room: name a folder of another in FERRY_BENCH_TMPFS");
    std::string pattern = (parent / "ferry-bench-XXXXXX").string();
    require(::mkdtemp(pattern.data()) != nullptr, "cannot make a folder in the tmpfs");
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

class Reference {
 public:
  Reference() : plain_(kImageSize), cipher_(kImageSize) {
    std::uint32_t state = 1;
    for (std::uint8_t& byte : plain_) {
      state = state * 1664525U + 1013904223U;
      byte = static_cast<std::uint8_t>(state >> 24U);
    }
    crypt(plain_, cipher_);
  }

  [[nodiscard]] const std::vector<std::uint8_t>& ciphertext() const { return cipher_; }

  Sha256Digest go() {
    crypt(cipher_, plain_);
    Sha256Digest digest{};
    require(mbedtls_sha256_ret(plain_.data(), plain_.size(), digest.data(), 0) == 0, "mbedTLS: SHA-256");
    return digest;
  }

 private:
  static void crypt(const std::vector<std::uint8_t>& from, std::vector<std::uint8_t>& to) {
    mbedtls_aes_context context;
    mbedtls_aes_init(&context);
    AesBlock counter = kKey.iv;
    AesBlock stream{};
    std::size_t used = 0;
    require(mbedtls_aes_setkey_enc(&context, kKey.key.data(), 128) == 0 &&
                mbedtls_aes_crypt_ctr(&context, from.size(), &used, counter.data(), stream.data(), from.data(),
                                      to.data()) == 0,
            "mbedTLS: AES-CTR");
    mbedtls_aes_free(&context);
  }

  std::vector<std::uint8_t> plain_;
  std::vector<std::uint8_t> cipher_;
};

class Pipeline {
 public:
  Pipeline(const fs::path& folder, ByteView payload) : flash_(folder / "flash.bin", geometry(), options()) {
    const auto layout = Layout::make(flash_, kPlan);
    require(layout.has_value(), "the flash has no room");
    layout_ = *layout;
    for (std::uint32_t at = 0; at < payload.size(); at += kSector) {
      require(layout_.staging.program(at, payload.subspan(at, kSector)).has_value(), "cannot stage the payload");
    }
  }

  Sha256Digest go() {
    payload::AreaSource source(layout_.staging, kImageSize);
    SlotWriter sink(layout_.images[0].image[1], page_);
    payload::Unpacker unpacker(hash_);
    require(unpacker.begin(source, sink, kImageSize, kKey, buffer_).has_value(), "the pipeline does not begin");
    for (;;) {
      const auto done = unpacker.step();
      require(done.has_value(), "the pipeline failed");
      if (*done) {
        return unpacker.image_digest();
      }
    }
  }

  // Of what is in the slot, as a bootloader reads it.
  [[nodiscard]] Sha256Digest burnt() {
    for (std::uint32_t at = 0; at < kImageSize; at += kBuffer) {
      require(layout_.images[0].image[1].read(at, buffer_) && hash_.update(buffer_), "cannot read the slot");
    }
    const auto digest = hash_.finish();
    require(digest.has_value(), "cannot hash the slot");
    return *digest;
  }

 private:
  static constexpr LayoutPlan kPlan = {.slot_size = kImageSize + Layout::kEnvelopeSize, .staging_size = kImageSize};
  static FlashGeometry geometry() {
    const auto size = static_cast<std::uint32_t>(Layout::bytes_needed(kPlan, kSector));
    return {.size = size, .sector_size = kSector, .write_size = kWriteSize};
  }
  static posix::FileNorFlash::Options options() {
    return {.sync = posix::Sync::kBarriers, .barrier_end = Layout::kJournalSectors * kSector};
  }

  posix::FileNorFlash flash_;
  Layout layout_;
  crypto::Sha256 hash_;
  std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(kBuffer);
  std::vector<std::uint8_t> page_ = std::vector<std::uint8_t>(kSector);
};

int run() {
  Reference reference;
  const Folder folder;
  Pipeline pipeline(folder.path(), reference.ciphertext());
  std::vector<double> references;
  std::vector<double> pipelines;
  std::vector<double> ratios;
  Sha256Digest wanted{};
  Sha256Digest got{};
  for (std::size_t round = 0; round <= kRounds; ++round) {
    const double by_reference = seconds_of([&] { wanted = reference.go(); });
    const double by_pipeline = seconds_of([&] { got = pipeline.go(); });
    require(wanted == got && pipeline.burnt() == wanted, "what was burnt is not the image");
    if (round > 0) {  // the first one warms up
      references.push_back(by_reference);
      pipelines.push_back(by_pipeline);
      ratios.push_back(by_reference / by_pipeline);
    }
  }
  const double size = kImageSize / double{1U << 20U};
  return print(fmt::format("install: 64 MiB, median of {} rounds", kRounds),
               {{.name = "mbedTLS: AES-128-CTR, then SHA-256", .reached = size / median(references), .unit = "MiB/s"},
                {.name = "Ferry: decrypt, hash, write", .reached = size / median(pipelines), .unit = "MiB/s"},
                {.name = "ratio",
                 .reached = median(ratios),
                 .bound = Bound::kAtLeast,
                 .required = kRequiredRatio,
                 .decimals = 2}});
}

}  // namespace
}  // namespace ferry::bench

int main() {
  try {
    return ferry::bench::run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_install: {}\n", error.what());
    return 1;
  }
}
