#include "host/flash_image.h"

#include <algorithm>

#include "device/boot/boot.h"
#include "device/slots/slot.h"
#include "host/failure.h"
#include "host/memory_flash.h"

namespace ferry::host {
namespace {

constexpr std::size_t kLongestEnvelope = 64 * 1024;

FactoryFile decode(ByteView bytes) {
  const auto factory = decode_factory(bytes);
  if (!factory) {
    throw Failure("the factory file cannot be read ({})", name(factory.error()));
  }
  return *factory;
}

void require(const Status& status, std::string_view what) {
  if (!status) {
    throw Failure("{} ({})", what, name(status.error()));
  }
}

Release release_of(const FlashImageSpec& spec, const FactoryFile& factory) {
  const auto& anchors = factory.parameters.anchors;
  const auto manifest = suit::authenticate(spec.envelope, std::span(anchors).first(factory.parameters.anchor_count));
  if (!manifest) {
    throw Failure("the device would not accept the manifest ({})", name(manifest.error()));
  }
  return {.sequence = manifest->sequence_number(), .manifest = manifest->digest()};
}

void burn(const Layout& layout, const FlashImageSpec& spec, const Release& release) {
  std::array<std::uint8_t, 4096> buffer{};
  SlotWriter writer(layout.images[0].image[0], buffer);
  require(writer.begin(static_cast<std::uint32_t>(spec.image.size())), "the image does not fit into its slot");
  require(writer.write(spec.image), "the image cannot be written");
  require(writer.finish(), "the image cannot be written");
  require(write_envelope(layout.images[0].envelope[0], spec.envelope), "the manifest does not fit behind its slot");
  Journal journal(layout.journal);
  require(journal.mount(), "the journal cannot be written");
  BootStateStore store(journal);
  require(store.adopt(SlotSet(0), release), "the journal cannot be written");
}

// What the device's own boot decision will say of it.
void check(const Layout& layout, const FactoryFile& factory) {
  Journal journal(layout.journal);
  require(journal.mount(), "the journal cannot be read");
  BootStateStore store(journal);
  Bytes envelope(kLongestEnvelope);
  Bytes piece(4096);
  Boot boot(layout, factory.parameters, journal, store, envelope, piece);
  const auto decision = boot.decide(ResetCause::kPowerOn);
  if (!decision || decision->action != BootAction::kStart) {
    const Error why = decision ? decision->reason : decision.error();
    throw Failure("a device would not start this release ({}): is the image the one that the release has for slot A?",
                  name(why));
  }
}

}  // namespace

LayoutPlan plan_of(const FactoryFile& factory) {
  const auto components = std::span(factory.parameters.components).first(factory.parameters.component_count);
  const auto images = std::ranges::count(components, ComponentKind::kImage, &ComponentName::kind);
  const FlashSettings& flash = factory.settings.flash;
  return {.slot_size = flash.slot_size,
          .staging_size = flash.staging_size,
          .second_size = flash.second_size,
          .image_count = static_cast<std::size_t>(1 + images)};
}

Bytes make_flash_image(const FlashImageSpec& spec) {
  const FactoryFile factory = decode(spec.factory);
  const std::uint32_t sector = factory.settings.flash.sector_size;
  const LayoutPlan plan = plan_of(factory);
  MemoryFlash flash(Bytes(Layout::bytes_needed(plan, sector), 0xFF), sector, spec.write_size);
  const auto layout = Layout::make(flash, plan);
  if (!layout) {
    throw Failure("the factory file's layout makes no sense ({})", name(layout.error()));
  }
  burn(*layout, spec, release_of(spec, factory));
  check(*layout, factory);
  if (spec.factory_area != 0 && spec.factory.size() + 4 > spec.factory_area) {
    throw Failure("the factory file has {} bytes; {} have room for it", spec.factory.size(), spec.factory_area);
  }
  Bytes image(spec.factory_area, 0xFF);
  if (spec.factory_area != 0) {
    store_le32(image, static_cast<std::uint32_t>(spec.factory.size()));
    copy(spec.factory, ByteSpan(image).subspan(4));
  }
  image.insert(image.end(), flash.bytes().begin(), flash.bytes().end());
  return image;
}

}  // namespace ferry::host
