#include "device/suit/manifest.h"

#include "device/suit/digest.h"
#include "device/suit/labels.h"

namespace ferry::suit {
namespace {

// Index into Manifest::members_.
std::size_t index_of(Member member) {
  constexpr std::array<Member, 6> order = {Member::kValidate,     Member::kLoad,    Member::kInvoke,
                                           Member::kPayloadFetch, Member::kInstall, Member::kText};
  std::size_t index = 0;
  while (index < order.size() - 1 && order[index] != member) {
    ++index;
  }
  return index;
}

ByteView content_of_byte_string(cbor::Reader& reader) {
  const ByteView content = reader.bytes();
  reader.end();
  return content;
}

}  // namespace

// Reads into a Manifest where it is to stay: a copy costs code and stack.
class ManifestParser {
 public:
  explicit ManifestParser(Manifest& manifest) : manifest_(manifest) {}

  [[nodiscard]] Status read(ByteView envelope, std::span<const cose::TrustAnchor> anchors) {
    FERRY_TRY(read_envelope(envelope));
    FERRY_TRY(verify(anchors));
    FERRY_TRY(read_manifest());
    return attach_severed();
  }

 private:
  struct Severed {
    Member member;
    ByteView item;  // byte string with its head
  };

  // The parts of an envelope, before anything in it is believed.
  [[nodiscard]] Status read_envelope(ByteView bytes) {
    cbor::Reader reader(bytes);
    reader.require(reader.tag() == label::kEnvelopeTag, Error::kManifestMalformed);
    for (cbor::MapReader map(reader); map.next();) {
      if (map.key_is_text()) {
        read_integrated(reader, map.text_key());
      } else {
        read_part(reader, map.key());
      }
    }
    reader.end();
    reader.require(!wrapper_.empty() && !encoded_manifest_.empty(), Error::kManifestMalformed);
    return reader.status();
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
    cbor::Reader outer(encoded_manifest_);
    cbor::Reader reader(content_of_byte_string(outer));
    for (cbor::MapReader map(reader); map.next();) {
      reader.require(!map.key_is_text(), Error::kManifestMalformed);
      read_member(reader, map.key());
    }
    outer.end(reader);
    outer.require(has_version_ && has_sequence_ && manifest_.component_count_ > 0, Error::kManifestMalformed);
    return outer.status();
  }

  [[nodiscard]] Status attach_severed() {
    for (std::size_t i = 0; i < severed_count_; ++i) {
      const Status attached = manifest_.attach(severed_[i].member, severed_[i].item);
      if (!attached) {
        return attached.error() == Error::kNotFound ? fail(Error::kMemberMismatch) : attached;
      }
    }
    return ok();
  }

  Status verify_wrapper(std::span<const cose::TrustAnchor> anchors) {
    cbor::Reader reader(wrapper_);
    const std::size_t blocks = reader.array();
    const ByteView encoded_digest = reader.bytes();
    cbor::Reader inner(encoded_digest);
    const ByteView digest = read_digest(inner);
    reader.end(inner);
    FERRY_TRY(reader.status());
    copy(digest, manifest_.digest_);
    FERRY_TRY_ASSIGN(const Sha256Digest found, crypto::sha256(encoded_manifest_));
    if (found != manifest_.digest_ || blocks < 2 || blocks - 1 > kMaxAuthenticationBlocks) {
      return fail(Error::kNotAuthentic);
    }
    bool authentic = false;
    for (std::size_t i = 1; i < blocks; ++i) {
      const ByteView block = reader.bytes();
      authentic = authentic || cose::verify_sign1(block, encoded_digest, anchors).has_value();
    }
    reader.end();
    reader.require(authentic, Error::kNotAuthentic);
    return reader.status();
  }

  void read_part(cbor::Reader& reader, std::int64_t key) {
    if (key == label::kAuthenticationWrapper) {
      wrapper_ = reader.bytes();
      return;
    }
    const ByteView item = reader.item();
    if (key == label::kManifest) {
      encoded_manifest_ = item;
      return;
    }
    const bool severable = key == label::kPayloadFetch || key == label::kInstall || key == label::kText;
    reader.require(severable, Error::kManifestMalformed);
    if (reader.good()) {
      severed_[severed_count_++] = {.member = static_cast<Member>(key), .item = item};
    }
  }

  void read_integrated(cbor::Reader& reader, std::string_view uri) {
    reader.require(manifest_.integrated_count_ < kMaxIntegratedPayloads, Error::kManifestMalformed);
    const ByteView content = reader.bytes();
    if (reader.good()) {
      manifest_.integrated_[manifest_.integrated_count_++] = {.uri = uri, .content = content};
    }
  }

  void read_member(cbor::Reader& reader, std::int64_t key) {
    switch (key) {
      case label::kVersion:
        has_version_ = reader.unsigned_integer() == label::kManifestVersion;
        break;
      case label::kSequenceNumber:
        manifest_.sequence_number_ = reader.unsigned_integer();
        has_sequence_ = true;
        break;
      case label::kCommon:
        read_common(reader);
        break;
      case label::kReferenceUri:
        manifest_.reference_uri_ = reader.text();
        break;
      case label::kSetVersion: {
        cbor::Reader inner(reader.bytes());
        manifest_.set_version_ = Version::read(inner);
        reader.end(inner);
        break;
      }
      case label::kValidate:
      case label::kLoad:
      case label::kInvoke:
      case label::kPayloadFetch:
      case label::kInstall:
      case label::kText:
        read_sequence(reader, static_cast<Member>(key));
        break;
      default:  // dependencies, uninstall, labels of older drafts
        reader.require(false, Error::kManifestMalformed);
    }
  }

  // A severable member may stand there as its digest alone.
  void read_sequence(cbor::Reader& reader, Member member) {
    auto& state = manifest_.state(member);
    if (member >= Member::kPayloadFetch && reader.peek() != cbor::Type::kBytes) {
      state.digest = read_digest(reader);
      return;
    }
    state.content = reader.bytes();
    reader.require(!state.content.empty(), Error::kManifestMalformed);
  }

  void read_common(cbor::Reader& reader) {
    cbor::Reader common(reader.bytes());
    for (cbor::MapReader map(common); map.next();) {
      if (!map.key_is_text() && map.key() == label::kComponents) {
        read_components(common);
      } else {
        common.require(!map.key_is_text() && map.key() == label::kSharedSequence, Error::kManifestMalformed);
        manifest_.shared_sequence_ = common.bytes();
        common.require(!manifest_.shared_sequence_.empty(), Error::kManifestMalformed);
      }
    }
    reader.end(common);
  }

  void read_components(cbor::Reader& reader) {
    const std::size_t count = reader.array();
    reader.require(count <= kMaxComponents, Error::kTooManyComponents);
    manifest_.component_count_ = reader.good() ? count : 0;
    for (auto& component : std::span(manifest_.components_).first(manifest_.component_count_)) {
      const ByteView before = reader.rest();
      for (std::size_t parts = reader.array(); parts > 0 && reader.good(); --parts) {
        static_cast<void>(reader.bytes());
      }
      component = before.first(before.size() - reader.rest().size());
    }
  }

  ByteView wrapper_;           // content of the authentication wrapper
  ByteView encoded_manifest_;  // the byte string with its head: what the digest covers
  std::array<Severed, 3> severed_{};
  std::size_t severed_count_ = 0;
  Manifest& manifest_;
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
  return state(member).present();
}
bool Manifest::severed(Member member) const {
  return has(member) && state(member).content.data() == nullptr;
}
const Manifest::MemberState& Manifest::state(Member member) const {
  return members_[index_of(member)];
}
Manifest::MemberState& Manifest::state(Member member) {
  return members_[index_of(member)];
}

Result<ByteView> Manifest::member(Member member) const {
  const MemberState& found = state(member);
  if (found.content.data() == nullptr) {
    return fail(found.digest.data() != nullptr ? Error::kSevered : Error::kNotFound);
  }
  return found.content;
}

Status Manifest::attach(Member member, ByteView bytes) {
  MemberState& found = state(member);
  if (found.digest.data() == nullptr) {
    return fail(Error::kNotFound);
  }
  FERRY_TRY_ASSIGN(const Sha256Digest digest, crypto::sha256(bytes));
  if (!equal(digest, found.digest)) {
    return fail(Error::kMemberMismatch);
  }
  cbor::Reader reader(bytes);
  const ByteView content = content_of_byte_string(reader);
  if (reader.good()) {
    found.content = content;
  }
  return reader.status();
}

void Manifest::sever(Member member) {
  MemberState& found = state(member);
  found.content = found.digest.data() != nullptr ? ByteView() : found.content;
}

ByteView Manifest::severed_digest(Member member) const {
  return state(member).digest;
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
  Result<Manifest> manifest(tl::in_place, Manifest::Maker());
  if (const Status read = ManifestParser(*manifest).read(envelope, anchors); !read) {
    manifest = fail(read.error());
  }
  return manifest;
}

}  // namespace ferry::suit
