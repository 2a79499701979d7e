// Well-formed manifests of any commands: the input says which, so that no mutation breaks a length.
// Input: what the platform says, how many components, then the choices of the commands, zeros behind the end.
#include "device/suit/labels.h"
#include "fuzz/suit_world.h"

// In this program every signature is good, so that the inputs get past it; the library's own is not linked.
ferry::Status ferry::cose::verify_sign1(ByteView, ByteView, std::span<const TrustAnchor>) {
  return ok();
}

namespace {

using namespace ferry;  // NOLINT: a program of one file
namespace label = suit::label;
using Bytes = std::vector<std::uint8_t>;

constexpr std::array<std::int64_t, 16> kPlainCommands = {label::kConditionVendorIdentifier,
                                                         label::kConditionClassIdentifier,
                                                         label::kConditionImageMatch,
                                                         label::kConditionUseBefore,
                                                         label::kConditionComponentSlot,
                                                         label::kConditionCheckContent,
                                                         label::kConditionAbort,
                                                         label::kConditionDeviceIdentifier,
                                                         label::kConditionImageNotMatch,
                                                         label::kConditionMinimumBattery,
                                                         label::kConditionVersion,
                                                         label::kDirectiveFetch,
                                                         label::kDirectiveWrite,
                                                         label::kDirectiveCopy,
                                                         label::kDirectiveSwap,
                                                         label::kDirectiveInvoke};
constexpr std::size_t kConditions = 11;

template <typename Write>
Bytes encode(Write write) {
  for (std::size_t room = 128;; room *= 4) {
    Bytes buffer(room);
    cbor::Encoder encoder(buffer);
    write(encoder);
    if (const auto written = encoder.finish()) {
      buffer.resize(written->size());
      return buffer;
    }
  }
}

class Author {
 public:
  explicit Author(ByteView choices) : choices_(choices) {}

  Bytes manifest() {
    components_ = 1 + choose(suit::kMaxComponents);
    const Bytes shared = sequence(true, 0);
    const Bytes common = encode([&](auto& out) {
      out.map(2).integer(label::kComponents).array(components_);
      for (std::size_t i = 0; i < components_; ++i) {
        out.array(0);
      }
      out.integer(label::kSharedSequence).bytes(shared);
    });
    const std::array<Bytes, 5> members = {sequence(false, 0), sequence(false, 0), sequence(false, 0),
                                          sequence(false, 0), sequence(false, 0)};
    return encode([&](auto& out) {
      out.map(8).integer(1).integer(1).integer(2).integer(1).integer(3).bytes(common);
      out.integer(7).bytes(members[0]).integer(8).bytes(members[1]).integer(9).bytes(members[2]);
      out.integer(16).bytes(members[3]).integer(20).bytes(members[4]);
    });
  }

 private:
  std::size_t choose(std::size_t below) {
    if (choices_.empty()) {
      return 0;
    }
    const std::uint8_t choice = choices_[0];
    choices_ = choices_.subspan(1);
    return choice % below;
  }

  Bytes sequence(bool shared, std::size_t depth) {
    const std::size_t count = 1 + choose(8);
    std::vector<Bytes> commands = {select()};
    if (depth == 0) {
      commands.push_back(parameters(false, true));
    }
    for (std::size_t i = 0; i < count; ++i) {
      commands.push_back(command(shared, depth));
    }
    return encode([&](auto& out) {
      out.array(2 * commands.size());
      for (const Bytes& each : commands) {
        out.raw(each);
      }
    });
  }

  Bytes command(bool shared, std::size_t depth) {
    const std::size_t kind = choose(depth < suit::kMaxNesting ? 20 : 16);
    if (kind < 2) {
      return select();
    }
    if (kind < 4) {
      return parameters(depth > 0, false);
    }
    if (kind < 16) {
      const std::int64_t plain = kPlainCommands[choose(shared ? kConditions : kPlainCommands.size())];
      return encode([&](auto& out) { out.integer(plain).integer(15); });
    }
    if (kind < 18) {
      const Bytes nested = sequence(shared, depth + 1);
      return encode([&](auto& out) { out.integer(label::kDirectiveRunSequence).bytes(nested); });
    }
    const Bytes first = sequence(shared, depth + 1);
    const Bytes second = sequence(shared, depth + 1);
    return encode([&](auto& out) {
      out.integer(label::kDirectiveTryEach).array(kind == 18 ? 2 : 3).bytes(first).bytes(second);
      if (kind != 18) {
        out.null();
      }
    });
  }

  Bytes select() {
    const std::size_t kind = choose(4);
    const std::size_t first = choose(components_);
    return encode([&](auto& out) {
      out.integer(label::kDirectiveSetComponentIndex);
      if (kind == 0) {
        out.boolean(true);
      } else if (kind == 1 && first > 0) {
        out.array(2).unsigned_integer(first).unsigned_integer(first - 1);
      } else {
        out.unsigned_integer(first);
      }
    });
  }

  Bytes parameters(bool nested, bool all) {
    const std::size_t source = choose(components_);
    const Bytes digest = encode([&](auto& out) { out.array(2).integer(cose::kSha256).bytes(Bytes(32)); });
    const Bytes version = encode([](auto& out) { out.array(2).integer(5).array(1).integer(2); });
    const bool soft = nested && choose(2) == 0;
    const bool soft_value = soft && choose(2) == 0;
    return encode([&](auto& out) {
      out.integer(label::kDirectiveOverrideParameters).map(all ? 10 : (soft ? 2 : 1));
      if (all) {
        out.integer(1).bytes(Bytes(16)).integer(2).bytes(Bytes(16)).integer(3).bytes(digest);
        out.integer(4).integer(1).integer(5).integer(1).integer(18).bytes({}).integer(22).unsigned_integer(source);
        out.integer(24).bytes(Bytes(16)).integer(26).integer(1).integer(28).bytes(version);
        return;
      }
      if (soft) {
        out.integer(label::kParameterSoftFailure).boolean(soft_value);
      }
      out.integer(label::kParameterSourceComponent).unsigned_integer(source);
    });
  }

  ByteView choices_;
  std::size_t components_ = 1;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 0) {
    ferry::fuzz::run_manifest(Author(ByteView(data + 1, size - 1)).manifest(), data[0]);
  }
  return 0;
}
