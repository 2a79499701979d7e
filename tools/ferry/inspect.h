// The parts of `ferry inspect`, one for each kind of file. Each gives nothing where the file is of another kind.
#pragma once

#include <filesystem>
#include <optional>

#include "device/factory/factory.h"
#include "host/bytes.h"
#include "tools/ferry/output.h"

namespace ferry::tool {

struct InspectInput {
  std::filesystem::path file;
  host::Bytes bytes;
  std::vector<cose::TrustAnchor> anchors;  // whom to trust; empty: signatures are not judged
  host::Bytes factory_bytes;               // what `factory` looks into
  std::optional<FactoryFile> factory;      // whose device to stand in for
  std::filesystem::path manifest;          // of a payload; empty: looked for beside it
  std::filesystem::path old_image;         // that a delta was made from; empty: not known
  std::filesystem::path svg;               // where a delta is drawn; empty: nowhere
};

[[nodiscard]] std::optional<Json> inspect_factory(const InspectInput& input);
[[nodiscard]] std::optional<Json> inspect_manifest(const InspectInput& input);
[[nodiscard]] std::optional<Json> inspect_flash(const InspectInput& input);
[[nodiscard]] std::optional<Json> inspect_payload(const InspectInput& input);
// Of a delta in clear. Throws Failure where it is not one for the old image.
[[nodiscard]] Json inspect_delta(const InspectInput& input, ByteView clear);

// Of a packed image in clear. Throws Failure where it is damaged.
[[nodiscard]] Json inspect_packed(const InspectInput& input, ByteView clear);

// For people: one "name: value" a line, nested by indentation; what fits on a line stays on it.
void print_tree(const Json& document);

}  // namespace ferry::tool
