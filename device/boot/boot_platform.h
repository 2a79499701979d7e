// What a manifest's validate and invoke sequences act on at boot: the slots of one release, read only.
#pragma once

#include "device/factory/component.h"
#include "device/slots/layout.h"
#include "device/suit/manifest.h"
#include "device/suit/platform.h"

namespace ferry {

class BootPlatform final : public suit::Platform {
 public:
  // `search`: where an image other than the application does not match in its slot, look into the other one and take
  // that (the journal that knew is lost).
  BootPlatform(const Layout& layout, const FactoryParameters& factory, const suit::Manifest& manifest, SlotSet slots,
               bool search, ByteSpan hash_buffer);

  [[nodiscard]] SlotSet slots() const { return slots_; }
  [[nodiscard]] bool application_matched() const { return application_matched_; }
  [[nodiscard]] bool application_invoked() const { return application_invoked_; }

  Result<suit::Progress> vendor_identifier(suit::Component component, ByteView id) override;
  Result<suit::Progress> class_identifier(suit::Component component, ByteView id) override;
  Result<suit::Progress> device_identifier(suit::Component component, ByteView id) override;
  Result<suit::Progress> image_match(suit::Component component, const Sha256Digest& digest,
                                     std::optional<std::uint32_t> size) override;
  Result<suit::Progress> component_slot(suit::Component component, std::uint64_t slot) override;
  Result<suit::Progress> invoke(suit::Component component, const suit::Parameters& parameters) override;
  // Nothing else is of any use at boot: kUnsupported.
  Result<suit::Progress> check_content(suit::Component, ByteView) override { return unsupported(); }
  Result<suit::Progress> use_before(std::uint64_t) override { return unsupported(); }
  Result<suit::Progress> minimum_battery(std::uint64_t) override { return unsupported(); }
  Result<suit::Progress> version(suit::Component, suit::Comparison, const suit::Version&) override {
    return unsupported();
  }
  Result<suit::Progress> fetch(suit::Component, const suit::Parameters&) override { return unsupported(); }
  Result<suit::Progress> write(suit::Component, const suit::Parameters&) override { return unsupported(); }
  Result<suit::Progress> copy(suit::Component, suit::Component, const suit::Parameters&) override {
    return unsupported();
  }
  Result<suit::Progress> swap(suit::Component, suit::Component) override { return unsupported(); }

 private:
  static Result<suit::Progress> unsupported() { return fail(Error::kUnsupported); }
  [[nodiscard]] Result<ComponentRef> resolve(suit::Component component) const;
  [[nodiscard]] Status match(const Area& image, const Sha256Digest& digest, std::uint64_t size) const;

  const Layout& layout_;
  const FactoryParameters& factory_;
  const suit::Manifest& manifest_;
  SlotSet slots_;
  bool search_;
  ByteSpan hash_buffer_;
  bool application_matched_ = false;
  bool application_invoked_ = false;
};

}  // namespace ferry
