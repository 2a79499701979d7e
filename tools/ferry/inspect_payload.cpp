#include "device/payload/container.h"
#include "device/suit/processor.h"
#include "host/crypto.h"
#include "host/failure.h"
#include "host/files.h"
#include "host/manifest_report.h"
#include "host/payload_lookup.h"
#include "host/sealed.h"
#include "host/severed.h"
#include "tools/ferry/inspect.h"

namespace ferry::tool {
namespace {

namespace fs = std::filesystem;

bool is_container(ByteView bytes) {
  return bytes.size() >= payload::kMagic.size() && equal(bytes.first(payload::kMagic.size()), payload::kMagic);
}

std::string kind_name(payload::Kind kind) {
  switch (kind) {
    case payload::Kind::kPlain:
      return "plain image";
    case payload::Kind::kRaw:
      return "raw image in a container";
    case payload::Kind::kPacked:
      return "packed image";
    case payload::Kind::kDelta:
      return "delta to an older image";
    case payload::Kind::kSealed:
      break;  // what is in it has a kind of its own
  }
  return "unknown";
}

// What the clear payload is.
Json container(const InspectInput& input, ByteView clear) {
  const std::size_t size = clear.size();
  const auto header =
      payload::decode_header(clear.first(std::min(size, payload::kHeaderSize)), static_cast<std::uint32_t>(size));
  if (!header) {
    return {{"content", fmt::format("a container that a device refuses ({})", name(header.error()))}};
  }
  const std::size_t image_size = header->kind == payload::Kind::kPlain ? size : header->image_size;
  Json document{{"content", kind_name(header->kind)}, {"image-size", image_size}};
  if (header->kind == payload::Kind::kDelta) {
    document.update(inspect_delta(input, clear));
  }
  if (header->kind == payload::Kind::kPacked) {
    document.update(inspect_packed(input, clear));
  }
  return document;
}

Json decrypted(const InspectInput& input, ByteView encryption_info, ByteView ciphertext) {
  if (!input.factory) {
    return {{"content", "encrypted; with --factory it is decrypted and explained"}};
  }
  const auto key = cose::open_encrypt(encryption_info, input.factory->parameters.keys);
  if (!key) {
    return {{"content", fmt::format("encrypted for another device or product ({})", name(key.error()))}};
  }
  const host::Bytes clear = host::aes_ctr(key->key, key->iv, ciphertext);
  Json document = container(input, clear);
  document["clear-sha256"] = host::to_hex(host::sha256(clear));
  return document;
}

// What was given as a manifest must be one; what merely lies about need not.
host::Bytes read_manifest(const InspectInput& input, const fs::path& file) {
  host::Bytes bytes = host::read_whole_envelope(file).bytes;
  if (!input.manifest.empty() && !host::report_manifest(bytes, {})) {
    throw host::Failure("{}: no manifest; `ferry release` makes one", file.string());
  }
  return bytes;
}

// A payload lies in <product>/<version>/; the product's manifests are one folder up.
std::vector<fs::path> manifests_for(const InspectInput& input) {
  if (!input.manifest.empty()) {
    return {input.manifest};
  }
  std::vector<fs::path> files;
  const fs::path product = fs::absolute(input.file).parent_path().parent_path();
  if (fs::exists(product / "manifest.suit")) {
    files.push_back(product / "manifest.suit");
  }
  if (fs::is_directory(product / "devices")) {
    for (const fs::directory_entry& entry : fs::directory_iterator(product / "devices")) {
      files.push_back(entry.path());
    }
  }
  return files;
}

void describe_use(Json& document, const InspectInput& input, const Sha256Digest& digest) {
  for (const fs::path& file : manifests_for(input)) {
    const auto use = host::find_payload(read_manifest(input, file), digest);
    if (!use) {
      continue;
    }
    document["manifest"] = file.string();
    document["component"] = use->component;
    document["encrypted"] = use->encryption_info.has_value();
    if (!use->encryption_info) {
      document.update(container(input, input.bytes));
      return;
    }
    document.update(decrypted(input, *use->encryption_info, input.bytes));
    return;
  }
  document["content"] = input.manifest.empty()
                            ? "unknown bytes: encrypted, or a plain image; give --manifest FILE to find out"
                            : "unknown bytes: this manifest names no such payload";
}

}  // namespace

std::optional<Json> inspect_payload(const InspectInput& input) {
  const bool container_start = is_container(input.bytes);
  if (!container_start && input.file.extension() != ".fpk") {
    return std::nullopt;
  }
  const Sha256Digest digest = host::sha256(input.bytes);
  Json document{{"file", input.file.string()},
                {"kind", "payload"},
                {"size", input.bytes.size()},
                {"sha256", host::to_hex(digest)}};
  if (const auto seal = host::read_seal(input.bytes)) {
    document["encrypted"] = true;
    document["sealed"] = true;
    document.update(decrypted(input, seal->encryption_info, seal->ciphertext));
    return document;
  }
  if (container_start) {
    document["encrypted"] = false;
    document.update(container(input, input.bytes));
    return document;
  }
  describe_use(document, input, digest);
  return document;
}

}  // namespace ferry::tool
