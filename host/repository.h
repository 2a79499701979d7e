// A repository: a tree of static files that any FTP server can hold. spec/repository.md.
#pragma once

#include <filesystem>
#include <optional>

#include "host/ec_key.h"
#include "host/manifest_builder.h"

namespace ferry::host {

// Below a product's folder: "manifest.suit", or "devices/<device-id>.suit".
[[nodiscard]] std::filesystem::path manifest_path(const std::optional<Uuid>& device);

struct LatestRelease {
  std::uint64_t sequence = 0;  // the highest of all manifests in the product's folder; 0 = there is none
  suit::Version version = {};  // of manifest.suit; count 0 = there is none
};

// Throws Failure where a manifest there was not signed by `key`, unless `ignore_foreign`.
[[nodiscard]] LatestRelease latest_release(const std::filesystem::path& product_folder, const EcPublicKey& key,
                                           bool ignore_foreign);

// Writes payloads, then the severed members, and last the manifest; all or nothing.
void store_release(const BuiltRelease& release, const std::filesystem::path& product_folder,
                   const std::filesystem::path& manifest);

}  // namespace ferry::host
