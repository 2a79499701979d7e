#include "host/manifest_builder.h"

#include <algorithm>
#include <limits>

#include "device/factory/component.h"
#include "device/payload/container.h"
#include "device/suit/processor.h"
#include "host/cbor.h"
#include "host/command_sequence.h"
#include "host/crypto.h"
#include "host/failure.h"
#include "host/sealed.h"
#include "host/severed.h"
#include "host/suit_labels.h"

namespace ferry::host {
namespace {

// A payload file with everything that the manifest says of it.
struct PreparedPayload {
  Sha256Digest digest{};
  std::uint64_t size = 0;
  std::string uri;
  Bytes encryption_info;  // empty: in clear
};

struct PreparedDelta {
  Sha256Digest precursor{};
  std::uint64_t precursor_size = 0;
  PreparedPayload payload;
};

struct PreparedImage {
  Sha256Digest digest{};
  std::uint64_t size = 0;
  PreparedPayload payload;
  std::vector<PreparedDelta> deltas;
};

struct PreparedComponent {
  std::string name;
  std::size_t target = 0;  // index among the manifest's components
  std::size_t staged = 0;
  std::size_t running = 0;            // where there are deltas
  std::vector<PreparedImage> images;  // one, or slot A's and slot B's
  [[nodiscard]] bool per_slot() const { return images.size() == 2; }
  [[nodiscard]] bool has_deltas() const {
    return std::ranges::any_of(images, [](const PreparedImage& image) { return !image.deltas.empty(); });
  }
};

void check(const ReleaseSpec& spec) {
  if (spec.components.empty() || !spec.components.front().name.empty()) {
    throw Failure("a release begins with the application's image: --image FILE");
  }
  if (spec.components.size() > kMaxReleaseComponents) {
    throw Failure("{} images in one release; a device takes at most {}", spec.components.size(), kMaxReleaseComponents);
  }
  if (spec.version.count == 0) {
    throw Failure("a release needs a version, such as 2.1.0");
  }
}

std::string version_text(const suit::Version& version) {
  std::array<std::uint8_t, 128> buffer{};
  const auto text = version.format(buffer);
  if (!text) {
    throw Failure("the version has no text form");
  }
  return std::string(*text);
}

// What is named by its digest never changes.
std::string digest_path(const ReleaseSpec& spec, std::string_view name, const Sha256Digest& digest,
                        std::string_view ending) {
  return fmt::format("{}/{}-{}.{}", version_text(spec.version), name, to_hex(ByteView(digest).first(4)), ending);
}

void check_size(const Bytes& bytes, std::string_view name) {
  if (bytes.empty()) {
    throw Failure("the image of {} is empty", name);
  }
  if (bytes.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw Failure("the image of {} has {} bytes; at most 4 GiB are possible", name, bytes.size());
  }
}

PreparedPayload name_file(const ReleaseSpec& spec, Bytes payload, std::string_view name,
                          std::vector<PayloadFile>& files) {
  PreparedPayload prepared;
  prepared.digest = sha256(payload);
  prepared.size = payload.size();
  prepared.uri = digest_path(spec, name, prepared.digest, "fpk");
  files.push_back({.path = prepared.uri, .bytes = std::move(payload), .digest = prepared.digest});
  return prepared;
}

PreparedPayload prepare_payload(const ReleaseSpec& spec, Bytes payload, std::string_view name,
                                std::vector<PayloadFile>& files) {
  if (!spec.encrypt_to) {
    return name_file(spec, std::move(payload), name, files);
  }
  EncryptedPayload encrypted = encrypt_payload(payload, *spec.encrypt_to);
  PreparedPayload prepared = name_file(spec, std::move(encrypted.ciphertext), name, files);
  prepared.encryption_info = std::move(encrypted.encryption_info);
  return prepared;
}

// Says itself how it is encrypted: so many deltas as there are older releases would make the manifest long.
PreparedPayload prepare_delta(const ReleaseSpec& spec, const Bytes& payload, std::string_view name,
                              std::vector<PayloadFile>& files) {
  return name_file(spec, spec.encrypt_to ? seal_payload(payload, *spec.encrypt_to) : payload, name, files);
}

PreparedImage prepare(const ReleaseSpec& spec, const ReleaseImage& image, const std::string& name,
                      std::vector<PayloadFile>& files) {
  check_size(image.bytes, name);
  PreparedImage prepared{.digest = sha256(image.bytes),
                         .size = image.bytes.size(),
                         .payload = prepare_payload(spec, payload_plaintext(image), name, files)};
  for (const ReleaseDelta& delta : image.deltas) {
    prepared.deltas.push_back({.precursor = delta.precursor,
                               .precursor_size = delta.precursor_size,
                               .payload = prepare_delta(spec, delta.payload, name + "-delta", files)});
  }
  return prepared;
}

std::vector<PreparedComponent> prepare_all(const ReleaseSpec& spec, std::vector<PayloadFile>& files) {
  std::vector<PreparedComponent> components;
  for (const ReleaseComponent& component : spec.components) {
    PreparedComponent prepared;
    prepared.name = component.name;
    prepared.target = 2 * components.size();
    prepared.staged = prepared.target + 1;
    const std::string name = component.name.empty() ? "app" : component.name;
    if (component.image_b) {
      prepared.images.push_back(prepare(spec, component.image, name + "-a", files));
      prepared.images.push_back(prepare(spec, *component.image_b, name + "-b", files));
    } else {
      prepared.images.push_back(prepare(spec, component.image, name, files));
    }
    components.push_back(std::move(prepared));
  }
  std::size_t next = 2 * components.size();
  for (PreparedComponent& component : components) {
    component.running = component.has_deltas() ? next++ : 0;
  }
  if (next > suit::kMaxComponents) {
    throw Failure("images and deltas for too many components: a device takes {} in all", suit::kMaxComponents);
  }
  return components;
}

ParameterMap digest_and_size(const Sha256Digest& digest, std::uint64_t size) {
  ParameterMap parameters;
  parameters.bytes(label::kParameterImageDigest, encode_digest(digest));
  parameters.unsigned_integer(label::kParameterImageSize, size);
  return parameters;
}

// One branch per slot: [component-slot is N, then what `fill` adds].
template <typename Fill>
std::vector<CommandSequence> slot_branches(const PreparedComponent& component, Fill fill) {
  std::vector<CommandSequence> branches;
  for (std::size_t slot = 0; slot < component.images.size(); ++slot) {
    CommandSequence branch;
    branch.set(ParameterMap().unsigned_integer(label::kComponentSlot, slot)).condition(label::kComponentSlot);
    fill(branch, component.images[slot]);
    branches.push_back(std::move(branch));
  }
  return branches;
}

void describe_target(CommandSequence& sequence, const PreparedComponent& component, ParameterMap parameters) {
  if (!component.per_slot()) {
    const PreparedImage& image = component.images.front();
    parameters.bytes(label::kParameterImageDigest, encode_digest(image.digest));
    parameters.unsigned_integer(label::kParameterImageSize, image.size);
  }
  sequence.set(parameters);
}

void describe_slots(CommandSequence& sequence, const PreparedComponent& component) {
  if (component.per_slot()) {
    sequence.try_each(slot_branches(component, [](CommandSequence& branch, const PreparedImage& image) {
      branch.set(digest_and_size(image.digest, image.size));
    }));
    return;
  }
  const PreparedPayload& payload = component.images.front().payload;
  sequence.select(component.staged).set(digest_and_size(payload.digest, payload.size));
}

Bytes shared_sequence(const ReleaseSpec& spec, const std::vector<PreparedComponent>& components) {
  CommandSequence sequence;
  ParameterMap identity;
  identity.bytes(label::kVendorIdentifier, spec.vendor_id).bytes(label::kClassIdentifier, spec.class_id);
  if (spec.device_id) {
    identity.bytes(label::kDeviceIdentifier, *spec.device_id);
  }
  for (const PreparedComponent& component : components) {
    sequence.select(component.target);
    const bool first = component.target == 0;
    describe_target(sequence, component, first ? identity : ParameterMap());
    if (first) {
      sequence.condition(label::kVendorIdentifier).condition(label::kClassIdentifier);
      if (spec.device_id) {
        sequence.condition(label::kDeviceIdentifier);
      }
    }
    describe_slots(sequence, component);
  }
  return sequence.encode();
}

// The version that an installed one must be lesser than. Versions are compared over the length of the wanted one, so
// that 2.1.0-rc.1 (2,1,0,-1,1) would pass for 2.1.0; over 2,1,0,0 it is lesser, and 2.1.0 itself is not.
suit::Version newer_than(suit::Version version) {
  const auto parts = std::span(version.parts).first(version.count);
  const bool pre_release = std::ranges::any_of(parts, [](std::int32_t part) { return part < 0; });
  if (!pre_release && version.count < suit::Version::kMaxParts) {
    version.parts[version.count++] = 0;
  }
  return version;
}

void add_conditions(CommandSequence& sequence, const ReleaseSpec& spec) {
  ParameterMap parameters;
  if (spec.use_before) {
    parameters.unsigned_integer(label::kUseBefore, *spec.use_before);
  }
  if (spec.minimum_battery) {
    parameters.unsigned_integer(label::kMinimumBattery, *spec.minimum_battery);
  }
  const Bytes wanted = encode_version(newer_than(spec.version));
  parameters.bytes(label::kVersion, encode_cbor([&](cbor::Encoder& out) {
                     out.array(2).unsigned_integer(static_cast<std::uint8_t>(suit::Comparison::kLesser)).raw(wanted);
                   }));
  sequence.select(0).set(parameters);
  if (spec.use_before) {
    sequence.condition(label::kUseBefore);
  }
  sequence.condition(label::kVersion);
  if (spec.minimum_battery) {
    sequence.condition(label::kMinimumBattery);
  }
}

// Says which file is the payload.
void name_payload(CommandSequence& sequence, const PreparedComponent& component, const PreparedPayload& payload) {
  ParameterMap parameters = digest_and_size(payload.digest, payload.size);
  sequence.select(component.staged).set(parameters.text(label::kParameterUri, payload.uri));
}

// One branch per delta: what runs is its precursor, so this is the payload.
std::vector<CommandSequence> delta_branches(const PreparedComponent& component) {
  std::vector<CommandSequence> branches;
  for (const PreparedImage& image : component.images) {
    for (const PreparedDelta& delta : image.deltas) {
      CommandSequence& branch = branches.emplace_back();
      branch.select(component.running)
          .set(digest_and_size(delta.precursor, delta.precursor_size))
          .condition(label::kImageMatch);
      name_payload(branch, component, delta.payload);
    }
  }
  return branches;
}

// Behind the deltas the whole image. The shared sequence knows digest and size of one that is the same for both slots.
void choose_payload(CommandSequence& sequence, const PreparedComponent& component) {
  const ParameterMap uri = ParameterMap().text(label::kParameterUri, component.images.front().payload.uri);
  std::vector<CommandSequence> branches = delta_branches(component);
  if (component.per_slot()) {
    const auto whole = slot_branches(component, [&](CommandSequence& branch, const PreparedImage& image) {
      name_payload(branch, component, image.payload);
    });
    branches.insert(branches.end(), whole.begin(), whole.end());
  } else if (branches.empty()) {
    sequence.select(component.staged).set(uri);
    return;
  } else {
    branches.emplace_back().select(component.staged).set(uri);
  }
  sequence.select(component.target).try_each(branches).select(component.staged);
}

Bytes payload_fetch_sequence(const ReleaseSpec& spec, const std::vector<PreparedComponent>& components) {
  CommandSequence sequence;
  add_conditions(sequence, spec);
  sequence.raw(spec.extra_fetch_commands.encoded, spec.extra_fetch_commands.pairs);
  for (const PreparedComponent& component : components) {
    choose_payload(sequence, component);
    sequence.directive(label::kFetch).condition(label::kImageMatch);
  }
  return sequence.encode();
}

ParameterMap copy_parameters(const PreparedComponent& component, const PreparedPayload& payload) {
  ParameterMap parameters;
  if (!payload.encryption_info.empty()) {
    parameters.bytes(label::kParameterEncryptionInfo, payload.encryption_info);
  }
  parameters.unsigned_integer(label::kParameterSourceComponent, component.staged);
  return parameters;
}

// Says how the payload that was fetched is opened: the whole image. A delta says it itself.
void choose_opening(CommandSequence& sequence, const PreparedComponent& component) {
  sequence.select(component.target);
  if (!component.per_slot()) {
    sequence.set(copy_parameters(component, component.images.front().payload));
    return;
  }
  sequence.try_each(slot_branches(component, [&](CommandSequence& branch, const PreparedImage& image) {
    branch.set(copy_parameters(component, image.payload));
  }));
  sequence.select(component.target);
}

// The battery is asked for once more: the download may have taken long, and a burn is not begun that may not end.
Bytes install_sequence(const ReleaseSpec& spec, const std::vector<PreparedComponent>& components) {
  CommandSequence sequence;
  if (spec.minimum_battery) {
    sequence.select(0)
        .set(ParameterMap().unsigned_integer(label::kMinimumBattery, *spec.minimum_battery))
        .condition(label::kMinimumBattery);
  }
  for (const PreparedComponent& component : components) {
    choose_opening(sequence, component);
    sequence.directive(label::kCopy).condition(label::kImageMatch);
  }
  return sequence.encode();
}

Bytes validate_sequence(const std::vector<PreparedComponent>& components) {
  CommandSequence sequence;
  for (const PreparedComponent& component : components) {
    sequence.select(component.target).condition(label::kImageMatch);
  }
  return sequence.encode();
}

Bytes invoke_sequence() {
  return CommandSequence().select(0).directive(label::kInvokeDirective).encode();
}

// [role], or for a named component [name] or [role, name].
void write_component_id(cbor::Encoder& out, ComponentRole role, const std::string& name) {
  const std::array<std::uint8_t, 1> role_byte = {static_cast<std::uint8_t>(role)};
  const bool has_role = name.empty() || role != ComponentRole::kTarget;
  out.array(has_role && !name.empty() ? 2 : 1);
  if (has_role) {
    out.bytes(role_byte);
  }
  if (!name.empty()) {
    out.bytes(as_bytes(name));
  }
}

void write_component_ids(cbor::Encoder& out, const std::vector<PreparedComponent>& components) {
  const auto with_deltas = std::ranges::count_if(components, &PreparedComponent::has_deltas);
  out.array(2 * components.size() + static_cast<std::size_t>(with_deltas));
  for (const PreparedComponent& component : components) {
    write_component_id(out, ComponentRole::kTarget, component.name);
    write_component_id(out, ComponentRole::kStaged, component.name);
  }
  for (const PreparedComponent& component : components) {
    if (component.has_deltas()) {
      write_component_id(out, ComponentRole::kRunning, component.name);
    }
  }
}

Bytes common(const ReleaseSpec& spec, const std::vector<PreparedComponent>& components) {
  return encode_cbor([&](cbor::Encoder& out) {
    out.map(2).unsigned_integer(label::kComponents);
    write_component_ids(out, components);
    out.unsigned_integer(label::kSharedSequence).bytes(shared_sequence(spec, components));
  });
}

using TextEntries = std::vector<std::pair<std::uint8_t, std::string>>;

TextEntries application_texts(const ReleaseSpec& spec) {
  TextEntries entries;
  const auto add = [&](std::uint8_t key, const std::string& value) {
    if (!value.empty()) {
      entries.emplace_back(key, value);
    }
  };
  add(label::kTextModelName, spec.model);
  add(label::kTextVendorDomain, spec.vendor_domain);
  add(label::kTextModelInfo, spec.hardware);
  add(label::kTextComponentVersion, version_text(spec.version));
  return entries;
}

// SUIT_Text_Map: {language: {2: notes, [h'00']: {2: model, 3: vendor domain, 4: model/hardware, 6: version}}}.
Bytes text_map(const ReleaseSpec& spec) {
  if (spec.notes.empty() && spec.model.empty()) {
    return {};
  }
  const TextEntries entries = application_texts(spec);
  return encode_cbor([&](cbor::Encoder& out) {
    out.map(1).text(spec.language).map(spec.notes.empty() ? 1 : 2);
    if (!spec.notes.empty()) {
      out.unsigned_integer(label::kTextUpdateDescription).text(spec.notes);
    }
    constexpr std::array<std::uint8_t, 1> kApplication = {0x00};
    out.array(1).bytes(kApplication).map(entries.size());
    for (const auto& [key, value] : entries) {
      out.unsigned_integer(key).text(value);
    }
  });
}

// The member as it stands in the manifest: itself, or its digest.
void write_severable(cbor::Encoder& out, suit::Member member, ByteView content, bool apart,
                     std::vector<SeveredFile>& files) {
  out.unsigned_integer(static_cast<std::uint8_t>(member));
  if (!apart) {
    out.bytes(content);
    return;
  }
  Bytes encoded = cbor_bytes(content);
  const Sha256Digest digest = sha256(encoded);
  out.raw(encode_digest(digest));
  files.push_back({.member = member, .path = member_path(digest), .bytes = std::move(encoded)});
}

// What does not stand in the manifest itself goes to `files`.
Bytes encode_manifest(const ReleaseSpec& spec, const std::vector<PreparedComponent>& components,
                      std::vector<SeveredFile>& files) {
  const Bytes text = text_map(spec);
  return encode_cbor([&](cbor::Encoder& out) {
    out.map(text.empty() ? 8 : 9);
    out.unsigned_integer(label::kManifestVersion).unsigned_integer(1);
    out.unsigned_integer(label::kSequenceNumber).unsigned_integer(spec.sequence);
    out.unsigned_integer(label::kCommon).bytes(common(spec, components));
    out.unsigned_integer(label::kSetVersion).bytes(encode_version(spec.version));
    out.unsigned_integer(label::kValidate).bytes(validate_sequence(components));
    out.unsigned_integer(label::kInvoke).bytes(invoke_sequence());
    write_severable(out, suit::Member::kPayloadFetch, payload_fetch_sequence(spec, components), spec.sever, files);
    write_severable(out, suit::Member::kInstall, install_sequence(spec, components), spec.sever, files);
    if (!text.empty()) {
      write_severable(out, suit::Member::kText, text, true, files);
    }
  });
}

// For the envelope; without severing the text alone, if there is one.
Bytes encoded_members(const std::vector<SeveredFile>& files) {
  Bytes members;
  for (const SeveredFile& file : files) {
    append(members, encode_cbor([&](cbor::Encoder& out) {
             out.unsigned_integer(static_cast<std::uint8_t>(file.member)).raw(file.bytes);
           }));
  }
  return members;
}

}  // namespace

Bytes payload_plaintext(const ReleaseImage& image) {
  if (image.payload) {
    return *image.payload;
  }
  const ByteView start = ByteView(image.bytes).first(std::min(image.bytes.size(), payload::kMagic.size()));
  if (!equal(start, payload::kMagic)) {
    return image.bytes;
  }
  Bytes wrapped(payload::kHeaderSize);
  const payload::Header header{.kind = payload::Kind::kRaw,
                               .image_size = static_cast<std::uint32_t>(image.bytes.size())};
  if (!payload::encode_header(header, wrapped)) {
    throw Failure("the payload's header has no room");
  }
  append(wrapped, image.bytes);
  return wrapped;
}

BuiltRelease build_release(const ReleaseSpec& spec, const EcPrivateKey& key) {
  check(spec);
  BuiltRelease release;
  const std::vector<PreparedComponent> components = prepare_all(spec, release.payloads);
  const Bytes manifest = encode_manifest(spec, components, release.members);
  Bytes here;
  if (!spec.sever) {
    here = encoded_members(release.members);
    release.members.clear();
  }
  release.envelope = sign_envelope_with(manifest, key, here, here.empty() ? 0 : 1);
  release.manifest_digest = manifest_digest(manifest);
  return release;
}

}  // namespace ferry::host
