// Runs a manifest's sequences against the files of a repository, as a device would against its flash.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "device/factory/factory.h"
#include "device/suit/platform.h"
#include "host/bytes.h"
#include "host/precursors.h"

namespace ferry::host {

struct CheckedPayload {
  std::string uri;
  std::uint64_t size = 0;
  Sha256Digest digest{};
};

class FilePlatform final : public suit::Platform {
 public:
  // `folder`: of the product. `factory`: whose device to stand in for; null = nobody's: identities are not judged, and
  // encrypted payloads stay closed. `now`: seconds since 1970.
  // `precursors` says which image the device runs.
  FilePlatform(std::filesystem::path folder, const FactoryParameters* factory, std::uint64_t slot, std::int64_t now,
               Precursors& precursors)
      : folder_(std::move(folder)), factory_(factory), slot_(slot), now_(now), precursors_(precursors) {}

  [[nodiscard]] const std::vector<CheckedPayload>& payloads() const { return payloads_; }
  // What was wrong where an operation failed; empty where its error says it all.
  [[nodiscard]] const std::string& detail() const { return detail_; }
  // True where an image could not be looked at, for want of a key or of the image that a delta was made from.
  [[nodiscard]] bool closed() const { return !closed_.empty(); }

  Result<suit::Progress> vendor_identifier(suit::Component component, ByteView id) override;
  Result<suit::Progress> class_identifier(suit::Component component, ByteView id) override;
  Result<suit::Progress> device_identifier(suit::Component component, ByteView id) override;
  Result<suit::Progress> image_match(suit::Component component, const Sha256Digest& digest,
                                     std::optional<std::uint32_t> size) override;
  Result<suit::Progress> check_content(suit::Component component, ByteView content) override;
  Result<suit::Progress> component_slot(suit::Component component, std::uint64_t slot) override;
  Result<suit::Progress> use_before(std::uint64_t seconds) override;
  Result<suit::Progress> minimum_battery(std::uint64_t mwh) override;
  Result<suit::Progress> version(suit::Component component, suit::Comparison comparison,
                                 const suit::Version& wanted) override;
  Result<suit::Progress> fetch(suit::Component component, const suit::Parameters& parameters) override;
  Result<suit::Progress> write(suit::Component component, const suit::Parameters& parameters) override;
  Result<suit::Progress> copy(suit::Component component, suit::Component source,
                              const suit::Parameters& parameters) override;
  Result<suit::Progress> swap(suit::Component component, suit::Component source) override;
  Result<suit::Progress> invoke(suit::Component component, const suit::Parameters& parameters) override;

 private:
  Result<suit::Progress> refuse(Error error, std::string detail);
  Result<suit::Progress> same(ByteView id, ByteView own, std::string_view what);

  std::filesystem::path folder_;
  const FactoryParameters* factory_;
  std::uint64_t slot_;
  std::int64_t now_;
  Precursors& precursors_;
  std::vector<CheckedPayload> payloads_;
  std::map<suit::Component, Bytes> contents_;
  std::map<suit::Component, bool> closed_;
  std::string detail_;
};

// Decrypts (where there is a key) and unpacks a payload. Errors: as payload::Unpacker.
[[nodiscard]] Result<Bytes> unpack_payload(ByteView payload, std::uint32_t image_size,
                                           const std::optional<cose::ContentKey>& key);

}  // namespace ferry::host
