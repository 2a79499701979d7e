// An authenticated SUIT manifest (draft-ietf-suit-manifest-37). spec/manifest.md is Ferry's profile of it.
//
// authenticate() is the only maker of a Manifest, and a Manifest is the only thing that a Processor runs. The
// envelope's signature is checked before anything inside the manifest is parsed, and the bytes parsed are the bytes
// verified. Everything is a view into the envelope, which must outlive the Manifest and stay unchanged.
#pragma once

#include <array>
#include <optional>

#include "device/cose/cose.h"
#include "device/suit/version.h"

namespace ferry::suit {

inline constexpr std::size_t kMaxComponents = 8;
inline constexpr std::size_t kMaxIntegratedPayloads = 8;
inline constexpr std::size_t kMaxAuthenticationBlocks = 4;

// Manifest members by label. Severable ones may be in the envelope, delivered apart, or missing.
enum class Member : std::uint8_t {
  kValidate = 7,
  kLoad = 8,
  kInvoke = 9,
  kPayloadFetch = 16,
  kInstall = 20,
  kText = 23,
};

class Manifest {
 public:
  class Maker {  // only authenticate() has one
    friend Result<Manifest> authenticate(ByteView envelope, std::span<const cose::TrustAnchor> anchors);
    Maker() {}
  };
  explicit Manifest(Maker) {}

  [[nodiscard]] std::uint64_t sequence_number() const;
  [[nodiscard]] const Sha256Digest& digest() const;  // what was signed
  [[nodiscard]] std::size_t component_count() const;
  [[nodiscard]] ByteView component_id(std::size_t component) const;  // the encoded SUIT_Component_Identifier
  [[nodiscard]] const std::optional<Version>& set_version() const;
  [[nodiscard]] std::string_view reference_uri() const;  // empty where absent
  [[nodiscard]] ByteView shared_sequence() const;        // the encoded command sequence; empty where absent

  // True where the manifest has the member, severed or not.
  [[nodiscard]] bool has(Member member) const;
  // True where it is severed and its bytes are not here.
  [[nodiscard]] bool severed(Member member) const;
  // The member's content (the encoded command sequence, or text map). Errors: kNotFound (the manifest has none),
  // kSevered (it has, but the bytes are not here).
  [[nodiscard]] Result<ByteView> member(Member member) const;
  // Takes a severed member that was delivered apart: `bytes` is the byte string with its CBOR head, and must have the
  // digest that the manifest names; it must outlive the Manifest. Errors: kMemberMismatch, kNotFound.
  [[nodiscard]] Status attach(Member member, ByteView bytes);
  // Forgets what was attached, so that its memory may be used: the member is severed again.
  void sever(Member member);
  // The digest of a severed member, which also names its file; no data() where the manifest has it whole, or not.
  [[nodiscard]] ByteView severed_digest(Member member) const;
  // The integrated payload with key `uri` (such as "#image"). Errors: kNotFound.
  [[nodiscard]] Result<ByteView> integrated_payload(std::string_view uri) const;

 private:
  friend class ManifestParser;

  struct MemberState {
    ByteView content;  // no data() while its bytes are not here
    ByteView digest;   // of a severed one
    [[nodiscard]] bool present() const { return content.data() != nullptr || digest.data() != nullptr; }
  };
  struct IntegratedPayload {
    std::string_view uri;
    ByteView content;
  };
  static constexpr std::size_t kMembers = 6;

  [[nodiscard]] const MemberState& state(Member member) const;
  [[nodiscard]] MemberState& state(Member member);

  std::uint64_t sequence_number_ = 0;
  Sha256Digest digest_{};
  std::array<ByteView, kMaxComponents> components_{};
  std::size_t component_count_ = 0;
  std::optional<Version> set_version_;
  std::string_view reference_uri_;
  ByteView shared_sequence_;
  std::array<MemberState, kMembers> members_{};
  std::array<IntegratedPayload, kMaxIntegratedPayloads> integrated_{};
  std::size_t integrated_count_ = 0;
};

// Errors: kNotAuthentic (no signature, bad one, unknown key or algorithm, digest does not match), kUnknownAlgorithm (of
// a digest), kManifestMalformed and kCbor* (not an envelope, or a manifest with what Ferry's profile does not take),
// kMemberMismatch (a severed member in the envelope does not match), kTooManyComponents.
[[nodiscard]] Result<Manifest> authenticate(ByteView envelope, std::span<const cose::TrustAnchor> anchors);

}  // namespace ferry::suit
