// Builds a signed release: the SUIT envelope and the payload files that belong to it (spec/manifest.md).
//
//   ReleaseSpec spec{.vendor_id = ..., .class_id = ..., .sequence = 1, .version = version};
//   spec.components.push_back({.image = bytes});
//   const BuiltRelease release = build_release(spec, release_key);
//
// host/suit_cose.h has the parts, so that a test can sign what build_release would never make.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "device/factory/factory.h"
#include "device/suit/manifest.h"
#include "host/bytes.h"
#include "host/ec_key.h"
#include "host/suit_cose.h"

namespace ferry::host {

inline constexpr std::size_t kMaxReleaseComponents = 4;  // two manifest components each, the device takes eight

// A payload for devices that run one certain image.
struct ReleaseDelta {
  Sha256Digest precursor{};  // of the image that they run
  std::uint64_t precursor_size = 0;
  Bytes payload;          // plaintext: header and patch
  std::string from = {};  // for messages: the file that it was made from
};

struct ReleaseImage {
  Bytes bytes;
  std::optional<Bytes> payload = {};      // the payload's plaintext where it is not the plain image
  std::vector<ReleaseDelta> deltas = {};  // tried in this order, before the whole image
};

struct ReleaseComponent {
  std::string name = {};  // empty = the application, which comes first and must be there
  ReleaseImage image = {};
  std::optional<ReleaseImage> image_b = {};  // template T2: `image` is linked for slot A, this one for slot B
};

// Commands of the caller's own: private ones, or what a test needs. Encoded command and argument in turn.
struct RawCommands {
  Bytes encoded = {};
  std::size_t pairs = 0;
};

struct ReleaseSpec {
  Uuid vendor_id{};
  Uuid class_id{};
  std::optional<Uuid> device_id = {};            // a manifest for one device
  std::optional<P256PublicKey> encrypt_to = {};  // absent: payloads in clear
  std::uint64_t sequence = 1;
  suit::Version version = {};
  std::vector<ReleaseComponent> components = {};
  std::optional<std::uint64_t> use_before = {};       // seconds since 1970
  std::optional<std::uint64_t> minimum_battery = {};  // mWh
  // The text member; all of it is for people. Without notes and names there is none.
  std::string notes = {};
  std::string vendor_domain = {};
  std::string model = {};
  std::string hardware = {};
  std::string language = "en";
  bool sever = false;                     // payload-fetch, install and text stand beside, their digests in the manifest
  RawCommands extra_fetch_commands = {};  // behind payload-fetch's own conditions
};

struct PayloadFile {
  std::string path;  // as in the manifest's uri, below the product's folder
  Bytes bytes;
  Sha256Digest digest{};
};

struct SeveredFile {
  suit::Member member;
  std::string path;  // below the product's folder
  Bytes bytes;       // the byte string with its head, as Manifest::attach takes it
};

struct BuiltRelease {
  Bytes envelope;
  std::vector<PayloadFile> payloads;  // in the order in which a device fetches them
  std::vector<SeveredFile> members;   // empty unless they are severed
  Sha256Digest manifest_digest{};
};

// Throws Failure where the specification makes no sense (no application, too many components, an empty image).
[[nodiscard]] BuiltRelease build_release(const ReleaseSpec& spec, const EcPrivateKey& key);

// What a device will find in a payload file, in clear: the image itself, or wrapped where it looks like a container.
[[nodiscard]] Bytes payload_plaintext(const ReleaseImage& image);

}  // namespace ferry::host
