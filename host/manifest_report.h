// Explains a SUIT manifest to people: any envelope or bare manifest, of Ferry or of another implementation, signed or
// not, tagged or not; and says what a Ferry device would refuse, and why.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "device/cose/cose.h"

namespace ferry::host {

using Json = nlohmann::ordered_json;

struct ManifestReport {
  Json document;
  std::vector<std::string> refusals;  // empty: a device accepts the form (its signature is another question)
  std::vector<std::string> notes;
};

// Nothing where `file` is no SUIT at all. `anchors`: empty = the signature is not judged. Never throws for what is in
// `file`; crypto::start() must have been called.
[[nodiscard]] std::optional<ManifestReport> report_manifest(ByteView file, std::span<const cose::TrustAnchor> anchors);

}  // namespace ferry::host
