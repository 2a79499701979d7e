#include <algorithm>
#include <array>

#include "device/factory/component.h"
#include "device/slots/boot_state.h"
#include "device/slots/slot.h"
#include "device/slots/staging.h"
#include "host/agreeable_platform.h"
#include "host/crypto.h"
#include "host/failure.h"
#include "host/flash_image.h"
#include "host/manifest_report.h"
#include "host/memory_flash.h"
#include "tools/ferry/inspect.h"

namespace ferry::tool {
namespace {

constexpr std::array<std::uint8_t, 4> kJournalMagic = {'F', 'J', 'N', '1'};
constexpr std::array<std::uint8_t, 4> kEnvelopeMagic = {'F', 'E', 'N', '1'};

struct Geometry {
  std::uint32_t sector_size = 0;
  std::uint32_t write_size = 0;
};

bool starts_with(ByteView bytes, std::size_t offset, ByteView magic) {
  return offset + magic.size() <= bytes.size() && equal(bytes.subspan(offset, magic.size()), magic);
}

// How many records a journal has when it is read with this geometry; nothing where that fails. The flash is a copy:
// what mounting repairs is repaired there alone.
std::optional<std::size_t> records_with(ByteView bytes, const Geometry& geometry) {
  const std::size_t size =
      std::min<std::size_t>(bytes.size(), std::size_t{geometry.sector_size} * Layout::kJournalSectors);
  host::MemoryFlash flash(bytes.first(size), geometry.sector_size, geometry.write_size);
  Journal journal(Area(flash, 0, static_cast<std::uint32_t>(size)));
  if (!journal.mount() || journal.lost_records()) {
    return std::nullopt;
  }
  std::size_t count = 0;
  std::array<std::uint8_t, Journal::kMaxValue> buffer{};
  for (std::uint8_t tag = 1; tag < Journal::kMaxTags; ++tag) {
    count += journal.get(static_cast<Tag>(tag), buffer) ? 1 : 0;
  }
  return count;
}

// The geometry is not in the file: the one under which the journal makes most sense, the usual ones first.
Geometry guess_geometry(ByteView bytes, std::uint32_t known_sector_size) {
  Geometry best;
  std::size_t most = 0;
  for (const std::uint32_t sector : {4096U, 8192U, 2048U, 16384U, 1024U, 32768U, 65536U, 131072U, 512U}) {
    const bool fits = bytes.size() % sector == 0 && bytes.size() / sector >= 2;
    if (!fits || (known_sector_size != 0 && sector != known_sector_size)) {
      continue;
    }
    for (const std::uint32_t unit : {8U, 4U, 16U, 32U, 2U, 1U}) {
      const auto records = records_with(bytes, {.sector_size = sector, .write_size = unit});
      if (records && *records > most) {
        most = *records;
        best = {.sector_size = sector, .write_size = unit};
      }
    }
  }
  return best;
}

Json release_json(const Release& release) {
  if (release.sequence == 0) {
    return "none";
  }
  return {{"sequence", release.sequence}, {"manifest", host::to_hex(ByteView(release.manifest).first(8))}};
}

const char* phase_name(TrialPhase phase) {
  switch (phase) {
    case TrialPhase::kNone:
      return "none";
    case TrialPhase::kArmed:
      return "armed: the next boot starts it";
    case TrialPhase::kRunning:
      return "running: started, not confirmed yet";
  }
  return "unknown";
}

std::string slots_text(SlotSet set, std::size_t images) {
  std::string text;
  for (std::size_t i = 0; i < images; ++i) {
    text += set.slot(i) == SlotId::kA ? 'A' : 'B';
  }
  return text;
}

Json boot_state_json(const BootState& state, std::size_t images) {
  Json document{{"in-force", slots_text(state.confirmed, images)}, {"trial", phase_name(state.phase)}};
  if (state.phase != TrialPhase::kNone) {
    document["trial-slots"] = slots_text(state.trial, images);
    document["trial-release"] = release_json(state.trial_release);
    document["trial-crashes"] = state.crashes;
    document["trial-power-cuts"] = state.power_cuts;
  }
  document["floor"] = release_json(state.floor);
  document["last-reverted"] = release_json(state.failed);
  if (state.failed.sequence != 0) {
    document["reverts"] = state.failed_count;
    document["revert-reason"] = std::string(name(state.revert_reason));
    document["revert-reported"] = state.revert_reported;
  }
  return document;
}

std::string tag_name(std::uint8_t tag) {
  constexpr std::array<const char*, 6> kNames = {"", "boot-state", "progress", "time", "schedule", "report"};
  return tag < kNames.size() ? kNames[tag] : fmt::format("tag-{}", tag);
}

Json journal_json(Journal& journal, std::size_t images) {
  const Status mounted = journal.mount();
  if (!mounted) {
    return fmt::format("cannot be read ({})", name(mounted.error()));
  }
  Json document{{"lost-records", journal.lost_records()}};
  BootStateStore store(journal);
  std::array<std::uint8_t, Journal::kMaxValue> buffer{};
  for (std::uint8_t tag = 1; tag < Journal::kMaxTags; ++tag) {
    const auto value = journal.get(static_cast<Tag>(tag), buffer);
    if (!value && value.error() == Error::kNotFound) {
      continue;
    }
    const bool is_boot_state = static_cast<Tag>(tag) == Tag::kBootState;
    if (is_boot_state && store.load()) {
      document[tag_name(tag)] = boot_state_json(store.state(), images);
    } else {
      document[tag_name(tag)] = value ? host::to_hex(*value) : std::string(name(value.error()));
    }
  }
  return document;
}

// Answers image-match of the application from a slot.
class SlotPlatform final : public host::AgreeablePlatform {
 public:
  SlotPlatform(Area image, std::uint64_t slot) : AgreeablePlatform(slot), image_(image) {}
  Result<suit::Progress> image_match(suit::Component component, const Sha256Digest& digest,
                                     std::optional<std::uint32_t> size) override {
    if (component != 0) {
      return suit::Progress::kDone;
    }
    if (!size || *size > image_.size()) {
      return fail(Error::kImageTooLarge);
    }
    host::Bytes bytes(*size);
    FERRY_TRY(image_.read(0, bytes));
    return host::sha256(bytes) == digest ? Result<suit::Progress>(suit::Progress::kDone) : fail(Error::kImageMismatch);
  }

 private:
  Area image_;
};

Json slot_json(const ImageLayout& layout, SlotId slot, const InspectInput& input) {
  const auto index = static_cast<std::size_t>(slot);
  std::array<std::uint8_t, Layout::kEnvelopeSize> buffer{};
  const auto envelope = read_envelope(layout.envelope[index], buffer);
  if (!envelope) {
    return fmt::format("no release ({})", name(envelope.error()));
  }
  const auto manifest = suit::authenticate(*envelope, input.anchors);
  if (!manifest) {
    return fmt::format("an envelope that a device refuses ({})", name(manifest.error()));
  }
  std::array<std::uint8_t, 128> text{};
  Json document{{"sequence", manifest->sequence_number()}, {"envelope", envelope->size()}};
  if (const auto& version = manifest->set_version()) {
    document["version"] = std::string(version->format(text).value_or("?"));
  }
  SlotPlatform platform(layout.image[index], index);
  const Status valid = host::run_sequence(*manifest, platform, suit::Member::kValidate);
  document["image"] = valid ? "good" : std::string(name(valid.error()));
  return document;
}

// With a factory file the layout is known: journal, slots and what is in them.
Json whole_flash(const InspectInput& input, const Geometry& geometry) {
  host::MemoryFlash flash(input.bytes, geometry.sector_size, geometry.write_size);
  const LayoutPlan plan = host::plan_of(*input.factory);
  const auto layout = Layout::make(flash, plan);
  if (!layout) {
    throw host::Failure("{}: the factory file's layout needs {} bytes, the image has {}", input.file.string(),
                        Layout::bytes_needed(plan, geometry.sector_size), input.bytes.size());
  }
  Journal journal(layout->journal);
  return {{"journal", journal_json(journal, layout->image_count)},
          {"slot-A", slot_json(layout->images[0], SlotId::kA, input)},
          {"slot-B", slot_json(layout->images[0], SlotId::kB, input)}};
}

// Without one: the journal at the start, and envelopes wherever a sector begins with one.
Json scanned_flash(const InspectInput& input, const Geometry& geometry) {
  const std::size_t size =
      std::min<std::size_t>(input.bytes.size(), std::size_t{geometry.sector_size} * Layout::kJournalSectors);
  host::MemoryFlash flash(input.bytes, geometry.sector_size, geometry.write_size);
  Journal journal(Area(flash, 0, static_cast<std::uint32_t>(size)));
  Json document{{"journal", journal_json(journal, 1)}};
  Json envelopes = Json::array();
  for (std::uint32_t at = 0; at < input.bytes.size(); at += geometry.sector_size) {
    if (!starts_with(input.bytes, at, kEnvelopeMagic)) {
      continue;
    }
    const auto room = static_cast<std::uint32_t>(input.bytes.size() - at);
    host::Bytes buffer(std::min<std::uint32_t>(room, 1U << 16));
    const auto envelope = read_envelope(Area(flash, at, room), buffer);
    const auto report = envelope ? host::report_manifest(*envelope, input.anchors) : std::nullopt;
    Json entry{{"offset", at}};
    if (report) {
      const Json& manifest = report->document["manifest"];
      entry["sequence"] = manifest.value("sequence-number", Json("?"));
      entry["version"] = manifest.value("set-version", Json("?"));
    } else {
      entry["damaged"] = true;
    }
    envelopes.push_back(entry);
  }
  document["envelopes"] = envelopes;
  document["notes"] = {"with --factory the slots' images are checked too"};
  return document;
}

}  // namespace

std::optional<Json> inspect_flash(const InspectInput& input) {
  constexpr std::size_t kSmallest = 512;
  bool has_journal = false;
  for (std::size_t at = 0; at + kSmallest <= input.bytes.size(); at += kSmallest) {
    has_journal = has_journal || starts_with(input.bytes, at, kJournalMagic);
  }
  if (!has_journal) {
    return std::nullopt;
  }
  const std::uint32_t known = input.factory ? input.factory->settings.flash.sector_size : 0;
  const Geometry geometry = guess_geometry(input.bytes, known);
  if (geometry.sector_size == 0) {
    throw host::Failure("{}: a flash image whose journal cannot be read; give --factory FILE for its layout",
                        input.file.string());
  }
  Json document{{"file", input.file.string()},
                {"kind", "flash image"},
                {"size", input.bytes.size()},
                {"sector", geometry.sector_size},
                {"write-unit", geometry.write_size}};
  const bool whole = input.factory && input.bytes.size() > std::size_t{geometry.sector_size} * Layout::kJournalSectors;
  document.update(whole ? whole_flash(input, geometry) : scanned_flash(input, geometry));
  return document;
}

}  // namespace ferry::tool
