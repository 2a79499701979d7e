#include "host/repository.h"

#include <algorithm>

#include "device/suit/manifest.h"
#include "host/failure.h"
#include "host/files.h"
#include "host/uuid.h"

namespace ferry::host {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxEnvelopeFile = 1U << 20;

std::vector<fs::path> manifests_in(const fs::path& product_folder) {
  std::vector<fs::path> files;
  if (fs::exists(product_folder / manifest_path(std::nullopt))) {
    files.push_back(product_folder / manifest_path(std::nullopt));
  }
  const fs::path devices = product_folder / "devices";
  if (fs::is_directory(devices)) {
    for (const fs::directory_entry& entry : fs::directory_iterator(devices)) {
      if (entry.path().extension() == ".suit") {
        files.push_back(entry.path());
      }
    }
  }
  return files;
}

}  // namespace

fs::path manifest_path(const std::optional<Uuid>& device) {
  return device ? fs::path("devices") / (to_string(*device) + ".suit") : fs::path("manifest.suit");
}

LatestRelease latest_release(const fs::path& product_folder, const EcPublicKey& key, bool ignore_foreign) {
  LatestRelease latest;
  const std::array<cose::TrustAnchor, 1> anchors = {{{.algorithm = cose::kEsp256, .key = key.point()}}};
  for (const fs::path& file : manifests_in(product_folder)) {
    const Bytes envelope = read_file(file, kMaxEnvelopeFile);
    const auto manifest = suit::authenticate(envelope, anchors);
    if (!manifest && ignore_foreign) {
      continue;
    }
    if (!manifest) {
      throw Failure("{}: not signed by this key ({}); give --sequence N, higher than what devices have seen",
                    file.string(), name(manifest.error()));
    }
    latest.sequence = std::max(latest.sequence, manifest->sequence_number());
    if (file.filename() == "manifest.suit" && manifest->set_version()) {
      latest.version = *manifest->set_version();
    }
  }
  return latest;
}

void store_release(const BuiltRelease& release, const fs::path& product_folder, const fs::path& manifest) {
  FileSet files;
  for (const PayloadFile& payload : release.payloads) {
    files.put(product_folder / payload.path, payload.bytes);
  }
  for (const SeveredFile& member : release.members) {
    files.put(product_folder / member.path, member.bytes);
  }
  files.put(manifest, release.envelope);
  files.commit();
}

}  // namespace ferry::host
