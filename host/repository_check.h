// Walks a repository and checks everything that a device would check (ferry verify).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "device/factory/factory.h"
#include "host/bytes.h"

namespace ferry::host {

struct CheckedFile {
  std::string uri;
  std::uint64_t size = 0;
  Sha256Digest digest{};
};

struct ManifestCheck {
  std::filesystem::path file;
  std::uint64_t sequence = 0;
  std::string version;
  bool authenticated = false;  // false with no problem: nobody said whom to trust
  bool opened = false;         // the images themselves were checked
  bool other_device = false;   // skipped: for another device or product than the factory file's
  std::vector<CheckedFile> payloads;
  std::vector<CheckedFile> members;  // severed ones, with no digest: the manifest's was compared
  std::vector<std::string> problems;
};

struct RepositoryCheck {
  std::vector<ManifestCheck> manifests;
  std::vector<std::filesystem::path> unreferenced;  // payload and member files that no manifest names
};

struct CheckOptions {
  std::vector<cose::TrustAnchor> anchors;      // empty: signatures are not judged
  const FactoryParameters* factory = nullptr;  // stands for one device
  std::int64_t now = 0;                        // seconds since 1970
};

// Throws Failure where `folder` holds no manifest at all.
[[nodiscard]] RepositoryCheck check_repository(const std::filesystem::path& folder, const CheckOptions& options);

}  // namespace ferry::host
