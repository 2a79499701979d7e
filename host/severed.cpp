#include "host/severed.h"

#include <algorithm>
#include <map>

#include "host/cbor.h"
#include "host/cbor_walk.h"
#include "host/command_sequence.h"
#include "host/crypto.h"
#include "host/files.h"
#include "host/suit_labels.h"

namespace ferry::host {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxMember = 1U << 20;

// Encoded keys and values; std::map keeps the canonical order.
using Pairs = std::map<Bytes, Bytes>;

std::optional<Pairs> read_pairs(cbor::Decoder& in) {
  Pairs pairs;
  const auto form = walk_map(in, [&](ByteView key, ByteView value) { pairs[to_bytes(key)] = to_bytes(value); });
  return form == MapForm::kCanonical ? std::optional(pairs) : std::nullopt;
}

std::optional<Pairs> read_envelope(ByteView bytes) {
  cbor::Decoder in(bytes);
  const auto tag = in.read_tag();
  return tag && *tag == label::kEnvelopeTag ? read_pairs(in) : std::nullopt;
}

Bytes encoded(std::uint8_t label) {
  return encode_cbor([&](cbor::Encoder& out) { out.unsigned_integer(label); });
}

std::optional<Pairs> read_manifest(const Pairs& envelope) {
  const auto found = envelope.find(encoded(label::kManifest));
  const auto content = found == envelope.end() ? std::nullopt : as_byte_string(found->second);
  if (!content) {
    return std::nullopt;
  }
  cbor::Decoder in(*content);
  return read_pairs(in);
}

// [-16, h'...']; nothing where the member stands there itself.
std::optional<Sha256Digest> digest_in(ByteView value) {
  cbor::Decoder in(value);
  const auto count = in.read_array();
  const auto algorithm = count ? in.read_integer() : fail(Error::kNotFound);
  const auto bytes = algorithm ? in.read_bytes() : fail(Error::kNotFound);
  Sha256Digest digest{};
  if (!bytes || bytes->size() != digest.size()) {
    return std::nullopt;
  }
  std::copy(bytes->begin(), bytes->end(), digest.begin());
  return digest;
}

Bytes encode_envelope(const Pairs& pairs) {
  return encode_cbor([&](cbor::Encoder& out) {
    out.tag(label::kEnvelopeTag).map(pairs.size());
    for (const auto& [key, value] : pairs) {
      out.raw(key).raw(value);
    }
  });
}

}  // namespace

std::string member_path(ByteView digest) {
  return "members/" + to_hex(digest.first(8)) + ".cbor";
}

fs::path product_folder(const fs::path& manifest) {
  const fs::path folder = manifest.parent_path();
  const bool own = fs::absolute(manifest).parent_path().filename() == "devices";
  return own ? (folder / "..").lexically_normal() : folder;
}

WholeEnvelope with_members(ByteView bytes, const fs::path& folder) {
  WholeEnvelope whole{.bytes = to_bytes(bytes), .files = {}};
  auto envelope = read_envelope(bytes);
  const auto manifest = envelope ? read_manifest(*envelope) : std::nullopt;
  if (!manifest) {
    return whole;
  }
  for (const auto member : {suit::Member::kPayloadFetch, suit::Member::kInstall, suit::Member::kText}) {
    const Bytes key = encoded(static_cast<std::uint8_t>(member));
    const auto found = manifest->find(key);
    const auto digest = found == manifest->end() ? std::nullopt : digest_in(found->second);
    if (!digest || envelope->contains(key)) {
      continue;
    }
    MemberOnDisk file{.member = member, .path = member_path(*digest)};
    file.there = fs::exists(folder / file.path);
    if (file.there) {
      Bytes content = read_file(folder / file.path, kMaxMember);
      file.size = content.size();
      file.matches = sha256(content) == *digest;
      if (file.matches) {
        envelope->emplace(key, std::move(content));
      }
    }
    whole.files.push_back(file);
  }
  whole.bytes = whole.files.empty() ? whole.bytes : encode_envelope(*envelope);
  return whole;
}

WholeEnvelope read_whole_envelope(const fs::path& manifest) {
  return with_members(read_file(manifest), product_folder(manifest));
}

}  // namespace ferry::host
