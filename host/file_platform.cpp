#include "host/file_platform.h"

#include <algorithm>
#include <limits>

#include "device/ftp/path.h"
#include "device/payload/unpacker.h"
#include "host/crypto.h"
#include "host/failure.h"
#include "host/files.h"
#include "host/sealed.h"
#include "host/text.h"

namespace ferry::host {
namespace {

using suit::Component;
using suit::Parameters;
using suit::Progress;

class MemorySource final : public payload::Source {
 public:
  explicit MemorySource(ByteView bytes) : bytes_(bytes) {}
  [[nodiscard]] std::uint32_t size() const override { return static_cast<std::uint32_t>(bytes_.size()); }
  [[nodiscard]] Status read(std::uint32_t offset, ByteSpan bytes) override {
    if (offset > bytes_.size() || bytes.size() > bytes_.size() - offset) {
      return fail(Error::kOutOfRange);
    }
    copy(bytes_.subspan(offset), bytes);
    return ok();
  }

 private:
  ByteView bytes_;
};

class MemorySink final : public ImageSink {
 public:
  [[nodiscard]] Status begin(std::uint32_t size) override {
    size_ = size;
    bytes_.clear();
    return ok();
  }
  [[nodiscard]] Status write(ByteView bytes) override {
    if (bytes.size() > size_ - bytes_.size()) {
      return fail(Error::kImageTooLarge);
    }
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return ok();
  }
  [[nodiscard]] Status finish() override {
    if (bytes_.size() != size_) {
      return fail(Error::kWrongState);
    }
    return ok();
  }
  Bytes take() { return std::move(bytes_); }

 private:
  std::uint32_t size_ = 0;
  Bytes bytes_;
};

}  // namespace

Result<Bytes> unpack_payload(ByteView payload, std::uint32_t image_size, const std::optional<cose::ContentKey>& key) {
  MemorySource source(payload);
  MemorySink sink;
  Bytes buffer(65536);
  crypto::Sha256 hash;
  payload::Unpacker unpacker(hash);
  FERRY_TRY(unpacker.begin(source, sink, image_size, key, buffer));
  for (bool done = false; !done;) {
    FERRY_TRY_ASSIGN(done, unpacker.step());
  }
  return sink.take();
}

Result<Progress> FilePlatform::refuse(Error error, std::string detail) {
  detail_ = std::move(detail);
  return fail(error);
}

Result<Progress> FilePlatform::same(ByteView id, ByteView own, std::string_view what) {
  if (factory_ != nullptr && !equal(id, own)) {
    return refuse(Error::kNotForThisDevice, fmt::format("the {} is not the device's", what));
  }
  return Progress::kDone;
}

Result<Progress> FilePlatform::vendor_identifier(Component, ByteView id) {
  return same(id, factory_ != nullptr ? ByteView(factory_->vendor_id) : ByteView(), "vendor id");
}

Result<Progress> FilePlatform::class_identifier(Component, ByteView id) {
  return same(id, factory_ != nullptr ? ByteView(factory_->class_id) : ByteView(), "class id");
}

Result<Progress> FilePlatform::device_identifier(Component, ByteView id) {
  return same(id, factory_ != nullptr ? ByteView(factory_->device_id) : ByteView(), "device id");
}

Result<Progress> FilePlatform::image_match(Component component, const Sha256Digest& digest,
                                           std::optional<std::uint32_t> size) {
  if (closed_.contains(component)) {
    return Progress::kDone;
  }
  const auto content = contents_.find(component);
  if (content == contents_.end()) {
    return precursors_.ask(digest)
               ? Result<Progress>(Progress::kDone)
               : refuse(Error::kImageMismatch, fmt::format("component {} holds nothing", component));
  }
  if (size && *size != content->second.size()) {
    return refuse(Error::kImageMismatch, fmt::format("component {} has {} bytes, the manifest says {}", component,
                                                     content->second.size(), *size));
  }
  if (sha256(content->second) != digest) {
    return refuse(Error::kImageMismatch,
                  fmt::format("component {} does not have the digest that the manifest names", component));
  }
  return Progress::kDone;
}

Result<Progress> FilePlatform::check_content(Component component, ByteView content) {
  const auto own = contents_.find(component);
  if (own == contents_.end() || !equal(own->second, content)) {
    return refuse(Error::kConditionFailed, fmt::format("component {} has another content", component));
  }
  return Progress::kDone;
}

Result<Progress> FilePlatform::component_slot(Component, std::uint64_t slot) {
  if (slot != slot_) {
    return fail(Error::kConditionFailed);
  }
  return Progress::kDone;
}

Result<Progress> FilePlatform::use_before(std::uint64_t seconds) {
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const auto end = static_cast<std::int64_t>(std::min(seconds, kMax));
  if (now_ >= end) {
    return refuse(Error::kExpired, fmt::format("since {}", format_time(end)));
  }
  return Progress::kDone;
}

Result<Progress> FilePlatform::minimum_battery(std::uint64_t) {
  return Progress::kDone;
}

Result<Progress> FilePlatform::version(Component, suit::Comparison, const suit::Version&) {
  return Progress::kDone;
}

Result<Progress> FilePlatform::fetch(Component component, const Parameters& parameters) {
  const std::string uri(parameters.uri);
  if (!ftp::is_safe_path(uri)) {
    return refuse(Error::kBadUri, fmt::format("'{}'", uri));
  }
  Bytes bytes;
  try {
    bytes = read_file(folder_ / uri, std::numeric_limits<std::uint32_t>::max());
  } catch (const Failure& failure) {
    return refuse(Error::kNotFound, failure.what());
  }
  const CheckedPayload payload{.uri = uri, .size = bytes.size(), .digest = sha256(bytes)};
  const bool good = (!parameters.image_size || *parameters.image_size == payload.size) &&
                    (parameters.image_digest.empty() || equal(parameters.image_digest, payload.digest));
  if (!good) {
    return refuse(Error::kPayloadMismatch, fmt::format("{}: {} bytes; size or digest are not the manifest's",
                                                       (folder_ / uri).string(), payload.size));
  }
  contents_[component] = std::move(bytes);
  payloads_.push_back(payload);
  return Progress::kDone;
}

Result<Progress> FilePlatform::write(Component component, const Parameters& parameters) {
  contents_[component] = to_bytes(parameters.content);
  return Progress::kDone;
}

Result<Progress> FilePlatform::copy(Component component, Component source, const Parameters& parameters) {
  const auto payload = contents_.find(source);
  if (payload == contents_.end()) {
    return refuse(Error::kNotFound, fmt::format("component {} holds nothing to copy", source));
  }
  const auto seal = read_seal(payload->second);
  const ByteView encryption_info = seal ? seal->encryption_info : parameters.encryption_info;
  const bool no_key = !encryption_info.empty() && factory_ == nullptr;
  if (no_key || precursors_.running()) {
    closed_[component] = true;
    return Progress::kDone;
  }
  std::optional<cose::ContentKey> key;
  if (!encryption_info.empty()) {
    const auto opened = cose::open_encrypt(encryption_info, factory_->keys);
    if (!opened) {
      return refuse(opened.error(), "the device has no key that opens the payload");
    }
    key = *opened;
  }
  const std::uint64_t size = parameters.image_size.value_or(0);
  if (size > std::numeric_limits<std::uint32_t>::max()) {
    return refuse(Error::kImageTooLarge, fmt::format("component {}: {} bytes", component, size));
  }
  auto image = unpack_payload(seal ? seal->ciphertext : payload->second, static_cast<std::uint32_t>(size), key);
  if (!image) {
    return refuse(image.error(), fmt::format("the payload of component {} does not unpack", component));
  }
  contents_[component] = std::move(*image);
  return Progress::kDone;
}

Result<Progress> FilePlatform::swap(Component component, Component source) {
  std::swap(contents_[component], contents_[source]);
  return Progress::kDone;
}

Result<Progress> FilePlatform::invoke(Component, const Parameters&) {
  return Progress::kDone;
}

}  // namespace ferry::host
