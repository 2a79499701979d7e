#include "host/repository_check.h"

#include <algorithm>
#include <set>

#include "host/agreeable_platform.h"
#include "host/failure.h"
#include "host/file_platform.h"
#include "host/files.h"
#include "host/profile_check.h"
#include "host/repository.h"
#include "host/severed.h"
#include "host/suit_cose.h"
#include "host/uuid.h"

namespace ferry::host {
namespace {

namespace fs = std::filesystem;
using suit::Member;

struct Sequence {
  Member member;
  const char* name;
};

// In the order in which a device comes to them; what one leaves, the next finds.
constexpr std::array<Sequence, 4> kSequences = {{{Member::kPayloadFetch, "payload-fetch"},
                                                 {Member::kInstall, "install"},
                                                 {Member::kValidate, "validate"},
                                                 {Member::kInvoke, "invoke"}}};

bool is_device_manifest(const fs::path& file) {
  return file.parent_path().filename() == "devices";
}

std::vector<fs::path> files_with(const fs::path& folder, std::string_view ending) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ending) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

void add_problem(ManifestCheck& check, const std::string& line) {
  if (std::find(check.problems.begin(), check.problems.end(), line) == check.problems.end()) {
    check.problems.push_back(line);
  }
}

void add_payloads(ManifestCheck& check, const FilePlatform& platform) {
  for (const CheckedPayload& payload : platform.payloads()) {
    const auto same = [&](const CheckedFile& file) { return file.uri == payload.uri; };
    if (std::none_of(check.payloads.begin(), check.payloads.end(), same)) {
      check.payloads.push_back({.uri = payload.uri, .size = payload.size, .digest = payload.digest});
    }
  }
}

// All sequences, for one slot and one image that runs. False where the rest makes no sense.
bool run_all(ManifestCheck& check, const suit::Manifest& manifest, const CheckOptions& options, std::uint64_t slot,
             Precursors& precursors) {
  FilePlatform platform(product_folder(check.file), options.factory, slot, options.now, precursors);
  bool good = true;
  for (const Sequence& sequence : kSequences) {
    const Status end = run_sequence(manifest, platform, sequence.member);
    if (!end && end.error() == Error::kNotForThisDevice) {
      check.other_device = true;
      return false;
    }
    if (!end) {
      const std::string detail = platform.detail().empty() ? "" : ": " + platform.detail();
      add_problem(check, fmt::format("{}: {}{}", sequence.name, name(end.error()), detail));
      good = false;
      break;
    }
  }
  add_payloads(check, platform);
  if (!precursors.running()) {
    check.opened = good && !platform.closed();
  }
  return true;
}

void check_name(ManifestCheck& check, const CheckOptions& options) {
  if (!is_device_manifest(check.file)) {
    return;
  }
  const auto id = parse_uuid(check.file.stem().string());
  if (!id) {
    add_problem(check, "the file's name is no device id");
  } else if (options.factory != nullptr && *id != options.factory->device_id) {
    check.other_device = true;
  }
}

const char* member_name(Member member) {
  const auto found = std::ranges::find(kSequences, member, &Sequence::member);
  return found == kSequences.end() ? "text" : found->name;
}

// The text is for people: a device does not ask for it.
Bytes read_with_members(ManifestCheck& check) {
  WholeEnvelope whole = read_whole_envelope(check.file);
  for (const MemberOnDisk& member : whole.files) {
    if (member.there) {
      check.members.push_back({.uri = member.path, .size = member.size});
    }
    if (!member.there && member.member != Member::kText) {
      add_problem(check, fmt::format("{}: {} is missing", member_name(member.member), member.path));
    } else if (member.there && !member.matches) {
      add_problem(check, fmt::format("{}: {} is not the member that was signed (member_mismatch)",
                                     member_name(member.member), member.path));
    }
  }
  return std::move(whole.bytes);
}

ManifestCheck check_manifest(const fs::path& file, const CheckOptions& options) {
  ManifestCheck check;
  check.file = file;
  check_name(check, options);
  const EcPrivateKey throwaway = EcPrivateKey::generate();
  Bytes envelope = read_with_members(check);
  std::vector<cose::TrustAnchor> anchors = options.anchors;
  if (anchors.empty()) {
    anchors.push_back({.algorithm = cose::kEsp256, .key = throwaway.public_key().point()});
    envelope = sign_anew(envelope, throwaway).value_or(Bytes());
  }
  const auto manifest = suit::authenticate(envelope, anchors);
  if (!manifest) {
    add_problem(check, fmt::format("refused: {}", name(manifest.error())));
    return check;
  }
  check.authenticated = !options.anchors.empty();
  check.sequence = manifest->sequence_number();
  if (const auto& version = manifest->set_version()) {
    std::array<std::uint8_t, 128> buffer{};
    check.version = version->format(buffer).value_or("");
  }
  for (const std::uint64_t slot : {0U, 1U}) {
    Precursors precursors;
    const auto run = [&] { return run_all(check, *manifest, options, slot, precursors); };
    if (check.other_device || !run_on_each(precursors, run)) {
      break;
    }
  }
  return check;
}

std::vector<fs::path> unreferenced(const fs::path& folder, const std::vector<ManifestCheck>& checks) {
  const auto unread = [](const ManifestCheck& check) { return check.other_device || !check.problems.empty(); };
  if (std::any_of(checks.begin(), checks.end(), unread)) {
    return {};  // what it names is not known
  }
  std::set<fs::path> named;
  for (const ManifestCheck& check : checks) {
    for (const auto* list : {&check.payloads, &check.members}) {
      for (const CheckedFile& file : *list) {
        named.insert((product_folder(check.file) / file.uri).lexically_normal());
      }
    }
  }
  std::vector<fs::path> rest;
  for (const std::string_view ending : {".fpk", ".cbor"}) {
    for (const fs::path& file : files_with(folder, ending)) {
      if (!named.contains(file.lexically_normal())) {
        rest.push_back(file);
      }
    }
  }
  return rest;
}

}  // namespace

RepositoryCheck check_repository(const fs::path& folder, const CheckOptions& options) {
  if (!fs::is_directory(folder)) {
    throw Failure("{}: no such folder", folder.string());
  }
  RepositoryCheck check;
  for (const fs::path& file : files_with(folder, ".suit")) {
    check.manifests.push_back(check_manifest(file, options));
  }
  if (check.manifests.empty()) {
    throw Failure("{}: no manifest below this folder; make one with: ferry release", folder.string());
  }
  check.unreferenced = unreferenced(folder, check.manifests);
  return check;
}

}  // namespace ferry::host
