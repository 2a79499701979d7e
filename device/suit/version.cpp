#include "device/suit/version.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace ferry::suit {
namespace {

struct PreRelease {
  std::string_view name;
  std::int32_t value;
};
constexpr std::array<PreRelease, 3> kPreReleases = {{{"rc", -1}, {"beta", -2}, {"alpha", -3}}};

Result<std::int32_t> parse_number(std::string_view text) {
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty() || value < 0 || text.front() == '-') {
    return fail(Error::kInvalidArgument);
  }
  return value;
}

Result<std::int32_t> parse_part(std::string_view text, bool pre_release) {
  if (pre_release) {
    for (const PreRelease& known : kPreReleases) {
      if (text == known.name) {
        return known.value;
      }
    }
    return fail(Error::kInvalidArgument);
  }
  return parse_number(text);
}

std::string_view pre_release_name(std::int32_t part) {
  for (const PreRelease& known : kPreReleases) {
    if (part == known.value) {
      return known.name;
    }
  }
  return "?";
}

// Writes text into a buffer and remembers an overflow.
class TextWriter {
 public:
  explicit TextWriter(ByteSpan buffer) : buffer_(buffer) {}

  void add(std::string_view text) {
    overflow_ = overflow_ || text.size() > buffer_.size() - size_;
    if (!overflow_) {
      size_ += copy(as_bytes(text), buffer_.subspan(size_));
    }
  }
  void add(std::int32_t number) {
    std::array<char, 12> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    add(std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
  }
  [[nodiscard]] Result<std::string_view> finish() const {
    if (overflow_) {
      return fail(Error::kNoSpace);
    }
    return as_text(buffer_.first(size_));
  }

 private:
  ByteSpan buffer_;
  std::size_t size_ = 0;
  bool overflow_ = false;
};

}  // namespace

Version Version::read(cbor::Reader& reader) {
  Version version;
  version.count = reader.array();
  reader.require(version.count >= 1 && version.count <= kMaxParts, Error::kManifestMalformed);
  version.count = reader.good() ? version.count : 0;
  for (auto& part : std::span(version.parts).first(version.count)) {
    const std::int64_t value = reader.integer();
    reader.require(value >= -3 && value <= std::numeric_limits<std::int32_t>::max(), Error::kManifestMalformed);
    part = static_cast<std::int32_t>(value);
  }
  return version;
}

Result<Version> Version::decode(ByteView cbor) {
  cbor::Reader reader(cbor);
  const Version version = read(reader);
  reader.end();
  return reader.good() ? Result<Version>(version) : fail(reader.status().error());
}

Result<Version> Version::parse(std::string_view text) {
  Version version;
  bool pre_release = false;
  while (true) {
    const std::size_t end = std::min(text.find_first_of(".-"), text.size());
    if (version.count == kMaxParts) {
      return fail(Error::kInvalidArgument);
    }
    FERRY_TRY_ASSIGN(version.parts[version.count], parse_part(text.substr(0, end), pre_release));
    ++version.count;
    if (end == text.size()) {
      return version;
    }
    pre_release = text[end] == '-';
    text.remove_prefix(end + 1);
  }
}

Result<std::string_view> Version::format(ByteSpan buffer) const {
  TextWriter writer(buffer);
  for (std::size_t i = 0; i < count; ++i) {
    const std::int32_t part = parts[i];
    if (i > 0) {
      writer.add(part < 0 ? "-" : ".");
    }
    if (part < 0) {
      writer.add(pre_release_name(part));
    } else {
      writer.add(part);
    }
  }
  return writer.finish();
}

int Version::compare(const Version& other, std::size_t length) const {
  for (std::size_t i = 0; i < std::min(length, kMaxParts); ++i) {
    const std::int32_t ours = i < count ? parts[i] : 0;
    const std::int32_t theirs = i < other.count ? other.parts[i] : 0;
    if (ours != theirs) {
      return ours < theirs ? -1 : 1;
    }
  }
  return 0;
}

bool holds(const Version& installed, Comparison comparison, const Version& wanted) {
  const int order = installed.compare(wanted, wanted.count);
  switch (comparison) {
    case Comparison::kGreater:
      return order > 0;
    case Comparison::kGreaterEqual:
      return order >= 0;
    case Comparison::kEqual:
      return order == 0;
    case Comparison::kLesserEqual:
      return order <= 0;
    case Comparison::kLesser:
      return order < 0;
  }
  return false;
}

}  // namespace ferry::suit
