// The C interface: what it makes is what host/delta makes, and whatever is handed to it, it answers with a status.
#include <cstddef>
#include <gtest/gtest.h>
#include <set>

#include "ferry/delta.h"
#include "host/delta/container.h"
#include "host/delta/program_test_util.h"

namespace ferry::host::delta {
namespace {

class DeltaLibrary : public testing::Test {
 protected:
  DeltaLibrary() {
    program_.change(4);
    program_.add_function(6);
    fresh_ = program_.link();
    delta_ = make_delta(old_, fresh_);
  }

  static int read_old(void* context, std::uint32_t offset, std::uint8_t* bytes, std::size_t size) {
    auto& test = *static_cast<DeltaLibrary*>(context);
    std::copy_n(test.old_.begin() + offset, size, bytes);
    return test.old_fails_ ? 1 : 0;
  }
  static int read_delta(void* context, std::uint8_t* bytes, std::size_t size) {
    auto& test = *static_cast<DeltaLibrary*>(context);
    EXPECT_LE(test.at_ + size, test.delta_.size());
    std::copy_n(test.delta_.begin() + static_cast<std::ptrdiff_t>(test.at_), size, bytes);
    test.at_ += size;
    return test.at_ > test.delta_fails_at_ ? -1 : 0;
  }
  [[nodiscard]] ferry_delta_source source() {
    at_ = 0;
    return {.context = this,
            .read_old = read_old,
            .old_size = static_cast<std::uint32_t>(old_.size()),
            .read_delta = read_delta,
            .delta_size = static_cast<std::uint32_t>(delta_.size())};
  }
  // The image, or the status that ended it.
  ferry_delta_status stream(Bytes& image, ferry_delta_memory memory, std::size_t piece) {
    std::vector<std::max_align_t> storage(ferry_delta_decoder_size(memory) / sizeof(std::max_align_t) + 1);
    const ferry_delta_source from = source();
    ferry_delta_decoder* decoder = nullptr;
    auto status = ferry_delta_decoder_begin(storage.data(), ferry_delta_decoder_size(memory), memory, &from, &decoder);
    Bytes out(piece);
    for (std::size_t count = 1; status == FERRY_DELTA_OK && count != 0;) {
      status = ferry_delta_decoder_read(decoder, out.data(), out.size(), &count);
      image.insert(image.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(count));
    }
    return status;
  }
  ferry_delta_status apply(const Bytes& old, const Bytes& delta, Bytes* made = nullptr) {
    std::uint8_t* image = nullptr;
    std::size_t size = 0;
    const auto status = ferry_delta_apply(old.data(), old.size(), delta.data(), delta.size(), &image, &size);
    EXPECT_EQ(image != nullptr, status == FERRY_DELTA_OK);
    if (made != nullptr && image != nullptr) {
      made->assign(image, image + size);
    }
    ferry_delta_free(image);
    return status;
  }

  Program program_{11, 12};
  Bytes old_ = program_.link();
  Bytes fresh_;
  Bytes delta_;
  std::size_t at_ = 0;
  std::size_t delta_fails_at_ = SIZE_MAX;
  bool old_fails_ = false;
};

TEST_F(DeltaLibrary, MakesWhatTheHostMakesAndAppliesIt) {
  for (const ferry_delta_options& options : {ferry_delta_options{},
                                             {.memory = FERRY_DELTA_8_KIB},
                                             {.memory = FERRY_DELTA_20_KIB, .mode = FERRY_DELTA_PLAIN},
                                             {.memory = FERRY_DELTA_8_MIB}}) {
    std::uint8_t* delta = nullptr;
    std::size_t size = 0;
    ASSERT_EQ(ferry_delta_make(old_.data(), old_.size(), fresh_.data(), fresh_.size(), &options, &delta, &size),
              FERRY_DELTA_OK);
    const Bytes made(delta, delta + size);
    ferry_delta_free(delta);
    EXPECT_EQ(apply_delta(old_, made), fresh_);
    Bytes image;
    EXPECT_EQ(apply(old_, made, &image), FERRY_DELTA_OK);
    EXPECT_EQ(image, fresh_);
    ferry_delta_info info{};
    ASSERT_EQ(ferry_delta_read_info(made.data(), FERRY_DELTA_HEADER_SIZE, made.size(), &info), FERRY_DELTA_OK);
    EXPECT_EQ(info.old_size, old_.size());
    EXPECT_EQ(info.new_size, fresh_.size());
    EXPECT_EQ(info.memory, options.memory == 0 ? FERRY_DELTA_12_KIB : options.memory);
  }
}

TEST_F(DeltaLibrary, DecodesInPiecesInMemoryOfTheCaller) {
  for (const auto memory : {FERRY_DELTA_12_KIB, FERRY_DELTA_20_KIB}) {
    for (const std::size_t piece : {4U, 5U, 256U, 5000U}) {
      Bytes image;
      EXPECT_EQ(stream(image, memory, piece), FERRY_DELTA_OK);
      EXPECT_EQ(image, fresh_);
    }
  }
  Bytes image;
  EXPECT_EQ(stream(image, FERRY_DELTA_8_KIB, 256), FERRY_DELTA_UNSUPPORTED);
}

TEST_F(DeltaLibrary, SaysWhatIsWrongWithADelta) {
  for (std::size_t size = 0; size < delta_.size(); ++size) {
    const auto status = apply(old_, {delta_.begin(), delta_.begin() + static_cast<std::ptrdiff_t>(size)});
    EXPECT_EQ(status, size == 0 ? apply(old_, Bytes()) : FERRY_DELTA_MALFORMED) << size;
    EXPECT_NE(status, FERRY_DELTA_OK);
  }
  for (std::size_t at = 0; at < delta_.size(); ++at) {
    Bytes changed = delta_;
    changed[at] ^= 0x10;
    Bytes image = fresh_;
    if (apply(old_, changed, &image) == FERRY_DELTA_OK) {
      EXPECT_EQ(image, fresh_) << at;
    }
  }
  Bytes longer = delta_;
  longer.push_back(0);
  EXPECT_EQ(apply(old_, longer), FERRY_DELTA_MALFORMED);
  Bytes other = old_;
  other[100] ^= 1;
  EXPECT_EQ(apply(other, delta_), FERRY_DELTA_WRONG_OLD);
  other.pop_back();
  EXPECT_EQ(apply(other, delta_), FERRY_DELTA_WRONG_OLD);
}

TEST_F(DeltaLibrary, ReadersThatFailEndTheWork) {
  Bytes image;
  old_fails_ = true;
  EXPECT_EQ(stream(image, FERRY_DELTA_12_KIB, 256), FERRY_DELTA_READ_FAILED);
  old_fails_ = false;
  for (const std::size_t at : {0U, 20U, 60U}) {
    delta_fails_at_ = at;
    EXPECT_EQ(stream(image, FERRY_DELTA_12_KIB, 256), FERRY_DELTA_READ_FAILED) << at;
  }
}

TEST_F(DeltaLibrary, WrongArgumentsAreSaid) {
  std::uint8_t* out = nullptr;
  std::size_t size = 0;
  ferry_delta_options options{.memory = static_cast<ferry_delta_memory>(9)};
  const std::uint8_t* none = nullptr;
  EXPECT_EQ(ferry_delta_make(none, 1, old_.data(), 1, nullptr, &out, &size), FERRY_DELTA_INVALID_ARGUMENT);
  EXPECT_EQ(ferry_delta_make(old_.data(), 1, old_.data(), 1, &options, &out, &size), FERRY_DELTA_INVALID_ARGUMENT);
  const Bytes large(1U << 24U);
  EXPECT_EQ(ferry_delta_make(large.data(), large.size(), old_.data(), 1, nullptr, &out, &size), FERRY_DELTA_TOO_LARGE);
  EXPECT_EQ(ferry_delta_apply(old_.data(), 1, none, 0, &out, &size), FERRY_DELTA_INVALID_ARGUMENT);
  ferry_delta_decoder* decoder = nullptr;
  const ferry_delta_source from = source();
  std::array<std::max_align_t, 64> small{};
  EXPECT_EQ(ferry_delta_decoder_begin(small.data(), sizeof small, FERRY_DELTA_8_KIB, &from, &decoder),
            FERRY_DELTA_NO_SPACE);
  EXPECT_EQ(ferry_delta_decoder_begin(small.data(), sizeof small, FERRY_DELTA_8_KIB, nullptr, &decoder),
            FERRY_DELTA_INVALID_ARGUMENT);
  EXPECT_EQ(ferry_delta_decoder_size(static_cast<ferry_delta_memory>(9)), 0U);
  EXPECT_LE(ferry_delta_decoder_size(FERRY_DELTA_8_KIB), 9U * 1024);
  ferry_delta_free(nullptr);
}

TEST_F(DeltaLibrary, EveryStatusHasAMessageOfItsOwn) {
  std::set<std::string> messages;
  for (int status = FERRY_DELTA_OK; status <= FERRY_DELTA_INTERNAL + 1; ++status) {
    messages.insert(ferry_delta_message(static_cast<ferry_delta_status>(status)));
  }
  EXPECT_EQ(messages.size(), static_cast<std::size_t>(FERRY_DELTA_INTERNAL) + 2);
}

}  // namespace
}  // namespace ferry::host::delta
