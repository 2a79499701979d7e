// ferry release: sign a release and put it into a repository.
#include <chrono>
#include <fmt/format.h>

#include "device/cbor/decoder.h"
#include "host/cbor.h"
#include "host/failure.h"
#include "host/files.h"
#include "host/manifest_builder.h"
#include "host/product.h"
#include "host/repository.h"
#include "host/text.h"
#include "host/uuid.h"
#include "tools/ferry/commands.h"
#include "tools/ferry/output.h"
#include "tools/ferry/release_deltas.h"
#include "tools/ferry/release_fit.h"
#include "tools/ferry/release_packed.h"

namespace ferry::tool {
namespace {

namespace fs = std::filesystem;

struct Options {
  fs::path product;
  std::string version;
  std::vector<std::string> images;
  fs::path slot_a;
  fs::path slot_b;
  fs::path key;
  fs::path repository;
  std::uint64_t sequence = 0;  // 0: one more than the repository's
  std::string expires;
  fs::path notes;
  std::uint64_t minimum_battery = 0;
  ReleaseDeltas deltas;
  bool packed = false;
  std::string device;
  std::size_t room = smallest_room();
  bool in_clear = false;
  bool whole = false;
  bool json = false;
};

host::ReleaseImage read_image(const fs::path& file) {
  host::ReleaseImage image{.bytes = host::read_file(file, std::numeric_limits<std::uint32_t>::max())};
  if (image.bytes.empty()) {
    throw host::Failure("{}: the image is empty", file.string());
  }
  return image;
}

bool is_component(const host::Product& product, std::string_view name) {
  return std::any_of(product.components.begin(), product.components.end(),
                     [&](const host::ProductComponent& component) { return component.name == name; });
}

// "[NAME=]FILE". A file whose own name holds '=' is still a file.
host::ReleaseComponent parse_image(const host::Product& product, const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::string name = equals == std::string::npos ? "" : text.substr(0, equals);
  if (name == "app" || is_component(product, name)) {
    return {.name = name == "app" ? "" : name, .image = read_image(text.substr(equals + 1))};
  }
  if (!name.empty() && !fs::exists(text)) {
    throw host::Failure("--image {}: the product has no component '{}'; add it to the product file as [[component]]",
                        text, name);
  }
  return {.image = read_image(text)};
}

void check_components(const std::vector<host::ReleaseComponent>& components) {
  for (std::size_t i = 0; i < components.size(); ++i) {
    for (std::size_t j = i + 1; j < components.size(); ++j) {
      if (components[i].name == components[j].name) {
        throw host::Failure("two images for {}; give one for each component",
                            components[i].name.empty() ? "the application" : components[i].name);
      }
    }
  }
  if (components.empty() || !components.front().name.empty()) {
    throw host::Failure("a release needs the application's image: --image FILE");
  }
}

std::vector<host::ReleaseComponent> read_components(const Options& options, const host::Product& product) {
  std::vector<host::ReleaseComponent> components;
  if (!options.slot_a.empty()) {
    components.push_back({.image = read_image(options.slot_a), .image_b = read_image(options.slot_b)});
  }
  for (const std::string& text : options.images) {
    components.push_back(parse_image(product, text));
  }
  std::stable_partition(components.begin(), components.end(),
                        [](const host::ReleaseComponent& component) { return component.name.empty(); });
  check_components(components);
  const bool linked = product.slots == host::SlotKind::kLinked;
  if (linked != components.front().image_b.has_value()) {
    throw host::Failure(linked ? "the product's images are linked per slot: give --slot-a FILE --slot-b FILE"
                               : "the product's image runs in either slot: give --image FILE");
  }
  return components;
}

suit::Version parse_version(const std::string& text) {
  const auto version = suit::Version::parse(text);
  if (!version) {
    throw host::Failure("'{}' is no version; write it as 2.1.0 or 2.1.0-rc.1", text);
  }
  return *version;
}

std::optional<std::uint64_t> expiry(const Options& options) {
  if (options.expires.empty()) {
    return std::nullopt;
  }
  const auto now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  return static_cast<std::uint64_t>((now.time_since_epoch() + host::parse_length(options.expires)).count());
}

std::optional<Uuid> device(const Options& options) {
  if (options.device.empty()) {
    return std::nullopt;
  }
  const auto id = host::parse_uuid(options.device);
  if (!id) {
    throw host::Failure("--device '{}' is no device id; `ferry provision` prints it", options.device);
  }
  return id;
}

std::uint64_t sequence(const Options& options, const host::LatestRelease& latest) {
  if (options.sequence == 0) {
    return latest.sequence + 1;
  }
  if (options.sequence <= latest.sequence) {
    throw host::Failure("--sequence {}: the repository already has {}, and devices accept nothing lower or reused",
                        options.sequence, latest.sequence);
  }
  return options.sequence;
}

std::string read_notes(const fs::path& file) {
  if (file.empty()) {
    return "";
  }
  const std::string notes = host::read_text_file(file);
  if (notes.empty()) {
    throw host::Failure("{}: the notes are empty; leave --notes away", file.string());
  }
  const host::Bytes encoded = host::encode_cbor([&](cbor::Encoder& out) { out.text(notes); });
  if (!cbor::Decoder(encoded).read_text()) {
    throw host::Failure("{}: the notes are no UTF-8 text", file.string());
  }
  return notes;
}

host::ReleaseSpec describe(const Options& options, const host::Product& product, const host::LatestRelease& latest) {
  host::ReleaseSpec spec;
  spec.vendor_id = product.vendor_id;
  spec.class_id = product.class_id;
  spec.device_id = device(options);
  if (!options.in_clear) {
    spec.encrypt_to = product.class_key;
  }
  spec.version = parse_version(options.version);
  spec.sequence = sequence(options, latest);
  spec.components = read_components(options, product);
  if (options.packed || product.packed) {
    pack(spec.components.front());
  }
  options.deltas.attach(spec.components.front());
  spec.use_before = expiry(options);
  if (options.minimum_battery != 0) {
    spec.minimum_battery = options.minimum_battery;
  }
  spec.notes = read_notes(options.notes);
  spec.vendor_domain = product.vendor;
  spec.model = product.model;
  spec.hardware = product.model + "/" + product.hardware;
  spec.sever = !options.whole;
  return spec;
}

void report(const Options& options, const host::ReleaseSpec& spec, const host::BuiltRelease& release,
            const fs::path& folder, const fs::path& manifest) {
  Json payloads = Json::array();
  for (const host::PayloadFile& payload : release.payloads) {
    payloads.push_back({{"file", (folder / payload.path).string()},
                        {"size", payload.bytes.size()},
                        {"sha256", host::to_hex(payload.digest)}});
  }
  Json members = Json::array();
  for (const host::SeveredFile& member : release.members) {
    members.push_back({{"file", (folder / member.path).string()}, {"size", member.bytes.size()}});
  }
  if (options.json) {
    print_json({{"manifest", manifest.string()},
                {"size", release.envelope.size()},
                {"sequence", spec.sequence},
                {"version", options.version},
                {"digest", host::to_hex(release.manifest_digest)},
                {"members", members},
                {"payloads", payloads}});
    return;
  }
  fmt::print("manifest: {} ({} bytes, sequence {})\n", manifest.string(), release.envelope.size(), spec.sequence);
  for (const auto& [kind, list] : {std::pair("member:  ", members), std::pair("payload: ", payloads)}) {
    for (const Json& file : list) {
      fmt::print("{} {} ({} bytes)\n", kind, file["file"].get<std::string>(), file["size"].get<std::size_t>());
    }
  }
}

void warn(const host::LatestRelease& latest, const host::ReleaseSpec& spec) {
  if (latest.version.count != 0 && spec.version.compare(latest.version, suit::Version::kMaxParts) <= 0) {
    fmt::print(stderr,
               "ferry: note: the repository's release has this version or a higher one; devices that run it "
               "will find nothing newer\n");
  }
}

void run(const Options& options) {
  const host::Product product = host::load_product(options.product);
  const host::EcPrivateKey key = host::EcPrivateKey::from_pem(host::read_text_file(options.key), options.key.string());
  if (key.public_key().point() == product.class_key) {
    throw host::Failure("{}: this is the class key, which no device trusts; sign with a release key",
                        options.key.string());
  }
  const fs::path folder = options.repository / product.path;
  const host::LatestRelease latest = host::latest_release(folder, key.public_key(), options.sequence != 0);
  host::ReleaseSpec spec = describe(options, product, latest);
  const host::BuiltRelease release = build_fitting(spec, key, options.room);
  const fs::path manifest = folder / host::manifest_path(spec.device_id);
  host::store_release(release, folder, manifest);
  warn(latest, spec);
  report(options, spec, release, folder, manifest);
}

void add_images(CLI::App& command, Options& options) {
  command.add_option("--image", options.images,
                     "[NAME=]FILE: the application's image, and one for each component NAME");
  CLI::Option* slot_a = command.add_option("--slot-a", options.slot_a, "The application linked for slot A");
  CLI::Option* slot_b = command.add_option("--slot-b", options.slot_b, "The application linked for slot B");
  slot_a->needs(slot_b);
  slot_b->needs(slot_a);
}

}  // namespace

void add_release(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("release", "Sign a release and put it into a repository");
  command->add_option("--product", options->product, "Product file")->required();
  command->add_option("--version", options->version, "Version of the release, such as 2.1.0")->required();
  add_images(*command, *options);
  options->deltas.add_to(*command);
  command->add_flag("--pack", options->packed,
                    "Compress the application's whole image, for devices whose firmware unpacks one");
  command->add_option("--key", options->key, "Private release key (PEM)")->required();
  command->add_option("--repo", options->repository, "The repository's folder; made where it is missing")->required();
  command->add_option("--sequence", options->sequence, "Sequence number; one more than the repository's if not given")
      ->check(CLI::PositiveNumber);
  command->add_option("--expires", options->expires, "Devices refuse the manifest after this time, such as 90d");
  command->add_option("--notes", options->notes, "Release notes (UTF-8 text)");
  command->add_option("--min-battery", options->minimum_battery, "Devices wait until they have this many mWh")
      ->check(CLI::PositiveNumber);
  command->add_option("--device", options->device, "For one device only: its id");
  command
      ->add_option("--room", options->room,
                   "Bytes that devices have for the manifest with a severed member; deltas past it are left out")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_flag("--no-encrypt", options->in_clear, "Leave payloads in clear");
  command->add_flag("--whole", options->whole,
                    "One manifest with everything in it, for devices whose firmware knows no severed members");
  add_json_flag(*command, options->json);
  command->footer(
      "Example: ferry release --product meter.toml --version 2.1.0 --image app.bin --key release-keys/release.key "
      "--repo repository --expires 90d");
  command->callback([options] { run(*options); });
}

}  // namespace ferry::tool
