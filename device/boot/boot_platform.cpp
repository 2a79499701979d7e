#include "device/boot/boot_platform.h"

#include <algorithm>

namespace ferry {
namespace {

constexpr suit::Progress kDone = suit::Progress::kDone;

Result<suit::Progress> require_equal(ByteView ours, ByteView wanted) {
  if (!equal(ours, wanted)) {
    return fail(Error::kNotForThisDevice);
  }
  return kDone;
}

}  // namespace

BootPlatform::BootPlatform(const Layout& layout, const FactoryParameters& factory, const suit::Manifest& manifest,
                           SlotSet slots, bool search, ByteSpan hash_buffer)
    : layout_(layout),
      factory_(factory),
      manifest_(manifest),
      slots_(slots),
      search_(search),
      hash_buffer_(hash_buffer) {}

Result<suit::Progress> BootPlatform::vendor_identifier(suit::Component, ByteView id) {
  return require_equal(factory_.vendor_id, id);
}

Result<suit::Progress> BootPlatform::class_identifier(suit::Component, ByteView id) {
  return require_equal(factory_.class_id, id);
}

Result<suit::Progress> BootPlatform::device_identifier(suit::Component, ByteView id) {
  return require_equal(factory_.device_id, id);
}

Result<ComponentRef> BootPlatform::resolve(suit::Component component) const {
  return resolve_component(factory_, manifest_.component_id(component));
}

Status BootPlatform::match(const Area& image, const Sha256Digest& digest, std::uint64_t size) const {
  if (size > image.size()) {
    return fail(Error::kImageTooLarge);
  }
  crypto::Sha256 hash;
  FERRY_TRY(hash.restart());
  for (std::uint32_t at = 0; at < size;) {
    const auto length = std::min<std::uint64_t>(hash_buffer_.size(), size - at);
    const ByteSpan chunk = hash_buffer_.first(static_cast<std::size_t>(length));
    FERRY_TRY(image.read(at, chunk));
    FERRY_TRY(hash.update(chunk));
    at += static_cast<std::uint32_t>(length);
  }
  FERRY_TRY_ASSIGN(const Sha256Digest found, hash.finish());
  return found == digest ? ok() : fail(Error::kImageMismatch);
}

Result<suit::Progress> BootPlatform::image_match(suit::Component component, const Sha256Digest& digest,
                                                 std::optional<std::uint32_t> size) {
  FERRY_TRY_ASSIGN(const ComponentRef ref, resolve(component));
  if (ref.kind == ComponentKind::kHandler) {
    return kDone;  // what a handler keeps is its own affair; the upgrade matched it before it was put in force
  }
  if (ref.role != ComponentRole::kTarget || ref.index >= layout_.image_count || !size) {
    return fail(Error::kUnchecked);
  }
  const auto& areas = layout_.images[ref.index].image;
  Status matched = match(areas[static_cast<std::size_t>(slots_.slot(ref.index))], digest, *size);
  if (!matched && search_ && ref.index != 0) {
    slots_ = slots_.with_flipped(ref.index);
    matched = match(areas[static_cast<std::size_t>(slots_.slot(ref.index))], digest, *size);
  }
  FERRY_TRY(matched);
  application_matched_ = application_matched_ || ref.index == 0;
  return kDone;
}

Result<suit::Progress> BootPlatform::component_slot(suit::Component component, std::uint64_t slot) {
  FERRY_TRY_ASSIGN(const ComponentRef ref, resolve(component));
  if (ref.kind != ComponentKind::kImage || static_cast<std::uint64_t>(slots_.slot(ref.index)) != slot) {
    return fail(Error::kConditionFailed);
  }
  return kDone;
}

Result<suit::Progress> BootPlatform::invoke(suit::Component component, const suit::Parameters&) {
  FERRY_TRY_ASSIGN(const ComponentRef ref, resolve(component));
  if (ref != ComponentRef{}) {
    return fail(Error::kUnsupported);
  }
  application_invoked_ = true;
  return kDone;
}

}  // namespace ferry
