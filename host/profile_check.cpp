#include "host/profile_check.h"

#include <algorithm>
#include <array>

#include "host/agreeable_platform.h"
#include "host/cbor_walk.h"
#include "host/command_sequence.h"
#include "host/failure.h"
#include "host/suit_cose.h"
#include "host/suit_labels.h"

namespace ferry::host {
namespace {

using suit::Member;

struct NamedMember {
  Member member;
  const char* name;
};

constexpr std::array<NamedMember, 5> kSequences = {{{Member::kPayloadFetch, "payload-fetch"},
                                                    {Member::kInstall, "install"},
                                                    {Member::kValidate, "validate"},
                                                    {Member::kLoad, "load"},
                                                    {Member::kInvoke, "invoke"}}};

void add(std::vector<std::string>& lines, std::string line) {
  if (std::find(lines.begin(), lines.end(), line) == lines.end()) {
    lines.push_back(std::move(line));
  }
}

}  // namespace

std::vector<std::string> device_refusals(ByteView manifest, ByteView members, std::size_t pairs) {
  const EcPrivateKey key = EcPrivateKey::generate();
  const std::array<cose::TrustAnchor, 1> anchors = {{{.algorithm = cose::kEsp256, .key = key.public_key().point()}}};
  const Bytes envelope = sign_envelope_with(manifest, key, members, pairs);
  const auto accepted = suit::authenticate(envelope, anchors);
  std::vector<std::string> lines;
  if (!accepted) {
    add(lines, fmt::format("a device refuses the whole: {}", name(accepted.error())));
    return lines;
  }
  for (const NamedMember& sequence : kSequences) {
    for (const std::uint64_t slot : {0U, 1U}) {
      AgreeablePlatform platform(slot);
      const Status end = run_sequence(*accepted, platform, sequence.member);
      if (!end && end.error() != Error::kSevered) {  // not here, which says nothing of its form
        add(lines, fmt::format("{}: a device refuses it: {}", sequence.name, name(end.error())));
      }
    }
  }
  return lines;
}

std::optional<Bytes> sign_anew(ByteView envelope, const EcPrivateKey& key) {
  cbor::Decoder in(envelope);
  if (const auto tag = in.read_tag(); !tag || *tag != label::kEnvelopeTag) {
    return std::nullopt;
  }
  std::optional<ByteView> manifest;
  Bytes members;
  std::size_t pairs = 0;
  const auto form = walk_map(in, [&](ByteView key_item, ByteView value) {
    const auto number = as_integer(key_item);
    if (number == label::kManifest) {
      manifest = as_byte_string(value);
    } else if (number != label::kAuthenticationWrapper) {
      append(members, key_item);
      append(members, value);
      ++pairs;
    }
  });
  if (!form || !manifest) {
    return std::nullopt;
  }
  return sign_envelope_with(*manifest, key, members, pairs);
}

}  // namespace ferry::host
