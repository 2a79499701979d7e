#include "device/suit/manifest.h"

#include <algorithm>

#include "device/cbor/decoder.h"
#include "device/suit/digest.h"
#include "device/suit/labels.h"

namespace ferry::suit {
namespace {

// Index into Manifest::members_; the order is that of the labels.
std::size_t index_of(Member member) {
  switch (member) {
    case Member::kValidate:
      return 0;
    case Member::kLoad:
      return 1;
    case Member::kInvoke:
      return 2;
    case Member::kPayloadFetch:
      return 3;
    case Member::kInstall:
      return 4;
    case Member::kText:
      return 5;
  }
  return 0;
}

std::optional<Member> severable_member(std::int64_t label) {
  switch (label) {
    case label::kPayloadFetch:
    case label::kInstall:
    case label::kText:
      return static_cast<Member>(label);
    default:
      return std::nullopt;
  }
}

Result<ByteView> content_of_byte_string(ByteView item) {
  cbor::Decoder decoder(item);
  FERRY_TRY_ASSIGN(const ByteView content, decoder.read_bytes());
  FERRY_TRY(decoder.expect_end());
  return content;
}

}  // namespace

// The parts of an envelope, before anything in it is believed.
struct Envelope {
  struct Severed {
    Member member;
    ByteView item;  // byte string with its head
  };
  ByteView wrapper;   // content of the authentication wrapper
  ByteView manifest;  // the byte string with its head: what the digest covers
  std::array<Severed, 3> severed{};
  std::size_t severed_count = 0;
};

class ManifestParser {
 public:
  [[nodiscard]] Status read_envelope(ByteView bytes) {
    cbor::Decoder decoder(bytes);
    FERRY_TRY_ASSIGN(const std::uint64_t tag, decoder.read_tag());
    if (tag != label::kEnvelopeTag) {
      return fail(Error::kManifestMalformed);
    }
    FERRY_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(decoder));
    for (;;) {
      FERRY_TRY_ASSIGN(const bool more, map.next());
      if (!more) {
        break;
      }
      FERRY_TRY(map.key_is_text() ? read_integrated(decoder, map.text_key()) : read_part(decoder, map.key()));
    }
    FERRY_TRY(decoder.expect_end());
    return envelope_.wrapper.empty() || envelope_.manifest.empty() ? fail(Error::kManifestMalformed) : ok();
  }

  // The digest first, then a signature over it: only then is the manifest opened.
  [[nodiscard]] Status verify(std::span<const cose::TrustAnchor> anchors) {
    const Status verified = verify_wrapper(anchors);
    if (verified || verified.error() == Error::kUnknownAlgorithm || verified.error() == Error::kCryptoFailure) {
      return verified;
    }
    return fail(Error::kNotAuthentic);  // whatever is wrong with the wrapper
  }

  [[nodiscard]] Status read_manifest() {
    FERRY_TRY_ASSIGN(const ByteView content, content_of_byte_string(envelope_.manifest));
    cbor::Decoder decoder(content);
    FERRY_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(decoder));
    for (;;) {
      FERRY_TRY_ASSIGN(const bool more, map.next());
      if (!more) {
        break;
      }
      if (map.key_is_text()) {
        return fail(Error::kManifestMalformed);
      }
      FERRY_TRY(read_member(decoder, map.key()));
    }
    FERRY_TRY(decoder.expect_end());
    return has_version_ && has_sequence_ && manifest_.component_count_ > 0 ? ok() : fail(Error::kManifestMalformed);
  }

  [[nodiscard]] Status attach_severed() {
    for (const auto& severed : std::span(envelope_.severed).first(envelope_.severed_count)) {
      if (!manifest_.severed(severed.member)) {
        return fail(Error::kMemberMismatch);
      }
      FERRY_TRY(manifest_.attach(severed.member, severed.item));
    }
    return ok();
  }

  [[nodiscard]] const Manifest& manifest() const { return manifest_; }

 private:
  Status verify_wrapper(std::span<const cose::TrustAnchor> anchors) {
    cbor::Decoder decoder(envelope_.wrapper);
    FERRY_TRY_ASSIGN(const std::size_t blocks, decoder.read_array());
    FERRY_TRY_ASSIGN(const ByteView encoded_digest, decoder.read_bytes());
    FERRY_TRY_ASSIGN(manifest_.digest_, decode_digest(encoded_digest));
    FERRY_TRY_ASSIGN(const Sha256Digest found, crypto::sha256(envelope_.manifest));
    if (found != manifest_.digest_ || blocks < 2 || blocks - 1 > kMaxAuthenticationBlocks) {
      return fail(Error::kNotAuthentic);
    }
    bool authentic = false;
    for (std::size_t i = 1; i < blocks; ++i) {
      FERRY_TRY_ASSIGN(const ByteView block, decoder.read_bytes());
      authentic = authentic || cose::verify_sign1(block, encoded_digest, anchors).has_value();
    }
    FERRY_TRY(decoder.expect_end());
    return authentic ? ok() : fail(Error::kNotAuthentic);
  }

  Status read_part(cbor::Decoder& decoder, std::int64_t key) {
    if (key == label::kAuthenticationWrapper) {
      FERRY_TRY_ASSIGN(envelope_.wrapper, decoder.read_bytes());
      return ok();
    }
    FERRY_TRY_ASSIGN(const ByteView item, decoder.read_item());
    if (key == label::kManifest) {
      envelope_.manifest = item;
      return ok();
    }
    const auto member = severable_member(key);
    if (!member) {
      return fail(Error::kManifestMalformed);
    }
    envelope_.severed[envelope_.severed_count++] = {.member = *member, .item = item};
    return ok();
  }

  Status read_integrated(cbor::Decoder& decoder, std::string_view uri) {
    if (manifest_.integrated_count_ == kMaxIntegratedPayloads) {
      return fail(Error::kManifestMalformed);
    }
    FERRY_TRY_ASSIGN(const ByteView content, decoder.read_bytes());
    manifest_.integrated_[manifest_.integrated_count_++] = {.uri = uri, .content = content};
    return ok();
  }

  Status read_member(cbor::Decoder& decoder, std::int64_t key) {
    switch (key) {
      case label::kVersion: {
        FERRY_TRY_ASSIGN(const std::uint64_t version, decoder.read_unsigned());
        has_version_ = version == label::kManifestVersion;
        return ok();
      }
      case label::kSequenceNumber: {
        FERRY_TRY_ASSIGN(manifest_.sequence_number_, decoder.read_unsigned());
        has_sequence_ = true;
        return ok();
      }
      case label::kCommon: {
        FERRY_TRY_ASSIGN(const ByteView common, decoder.read_bytes());
        return read_common(common);
      }
      case label::kReferenceUri: {
        FERRY_TRY_ASSIGN(manifest_.reference_uri_, decoder.read_text());
        return ok();
      }
      case label::kSetVersion: {
        FERRY_TRY_ASSIGN(const ByteView version, decoder.read_bytes());
        FERRY_TRY_ASSIGN(manifest_.set_version_, Version::decode(version));
        return ok();
      }
      case label::kValidate:
      case label::kLoad:
      case label::kInvoke:
        return read_sequence(decoder, static_cast<Member>(key));
      case label::kPayloadFetch:
      case label::kInstall:
      case label::kText:
        return read_severable(decoder, static_cast<Member>(key));
      default:  // dependencies, uninstall, labels of older drafts
        return fail(Error::kManifestMalformed);
    }
  }

  Status read_sequence(cbor::Decoder& decoder, Member member) {
    auto& state = manifest_.state(member);
    FERRY_TRY_ASSIGN(state.content, decoder.read_bytes());
    state.present = state.here = true;
    return state.content.empty() ? fail(Error::kManifestMalformed) : ok();
  }

  Status read_severable(cbor::Decoder& decoder, Member member) {
    FERRY_TRY_ASSIGN(const cbor::Type type, decoder.peek());
    if (type == cbor::Type::kBytes) {
      return read_sequence(decoder, member);
    }
    auto& state = manifest_.state(member);
    FERRY_TRY_ASSIGN(state.digest, read_digest(decoder));
    state.present = state.severed = true;
    return ok();
  }

  Status read_common(ByteView common) {
    cbor::Decoder decoder(common);
    FERRY_TRY_ASSIGN(cbor::MapReader map, cbor::MapReader::open(decoder));
    for (;;) {
      FERRY_TRY_ASSIGN(const bool more, map.next());
      if (!more) {
        return decoder.expect_end();
      }
      if (map.key_is_text()) {
        return fail(Error::kManifestMalformed);
      }
      if (map.key() == label::kComponents) {
        FERRY_TRY(read_components(decoder));
      } else if (map.key() == label::kSharedSequence) {
        FERRY_TRY_ASSIGN(manifest_.shared_sequence_, decoder.read_bytes());
        if (manifest_.shared_sequence_.empty()) {
          return fail(Error::kManifestMalformed);
        }
      } else {
        return fail(Error::kManifestMalformed);
      }
    }
  }

  Status read_components(cbor::Decoder& decoder) {
    FERRY_TRY_ASSIGN(manifest_.component_count_, decoder.read_array());
    if (manifest_.component_count_ > kMaxComponents) {
      return fail(Error::kTooManyComponents);
    }
    for (auto& component : std::span(manifest_.components_).first(manifest_.component_count_)) {
      const ByteView before = decoder.rest();
      FERRY_TRY_ASSIGN(const std::size_t parts, decoder.read_array());
      for (std::size_t i = 0; i < parts; ++i) {
        FERRY_TRY(decoder.read_bytes());
      }
      component = before.first(before.size() - decoder.rest().size());
    }
    return ok();
  }

  Envelope envelope_;
  Manifest manifest_;
  bool has_version_ = false;
  bool has_sequence_ = false;
};

std::uint64_t Manifest::sequence_number() const {
  return sequence_number_;
}
const Sha256Digest& Manifest::digest() const {
  return digest_;
}
std::size_t Manifest::component_count() const {
  return component_count_;
}
ByteView Manifest::component_id(std::size_t component) const {
  return component < component_count_ ? components_[component] : ByteView();
}
const std::optional<Version>& Manifest::set_version() const {
  return set_version_;
}
std::string_view Manifest::reference_uri() const {
  return reference_uri_;
}
ByteView Manifest::shared_sequence() const {
  return shared_sequence_;
}
bool Manifest::has(Member member) const {
  return state(member).present;
}
bool Manifest::severed(Member member) const {
  return state(member).severed && !state(member).here;
}
const Manifest::MemberState& Manifest::state(Member member) const {
  return members_[index_of(member)];
}
Manifest::MemberState& Manifest::state(Member member) {
  return members_[index_of(member)];
}

Result<ByteView> Manifest::member(Member member) const {
  const MemberState& found = state(member);
  if (!found.present) {
    return fail(Error::kNotFound);
  }
  return found.here ? Result<ByteView>(found.content) : fail(Error::kSevered);
}

Status Manifest::attach(Member member, ByteView bytes) {
  MemberState& found = state(member);
  if (!found.present || !found.severed) {
    return fail(Error::kNotFound);
  }
  FERRY_TRY_ASSIGN(const Sha256Digest digest, crypto::sha256(bytes));
  if (digest != found.digest) {
    return fail(Error::kMemberMismatch);
  }
  FERRY_TRY_ASSIGN(found.content, content_of_byte_string(bytes));
  found.here = true;
  return ok();
}

Result<ByteView> Manifest::integrated_payload(std::string_view uri) const {
  for (const auto& payload : std::span(integrated_).first(integrated_count_)) {
    if (payload.uri == uri) {
      return payload.content;
    }
  }
  return fail(Error::kNotFound);
}

Result<Manifest> authenticate(ByteView envelope, std::span<const cose::TrustAnchor> anchors) {
  ManifestParser parser;
  FERRY_TRY(parser.read_envelope(envelope));
  FERRY_TRY(parser.verify(anchors));
  FERRY_TRY(parser.read_manifest());
  FERRY_TRY(parser.attach_severed());
  return parser.manifest();
}

}  // namespace ferry::suit
