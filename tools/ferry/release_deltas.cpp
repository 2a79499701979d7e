#include "tools/ferry/release_deltas.h"

#include <fmt/format.h>

#include "host/crypto.h"
#include "host/delta/container.h"
#include "host/failure.h"
#include "host/files.h"
#include "tools/ferry/progress.h"

namespace ferry::tool {
namespace {

namespace fs = std::filesystem;

void note(const fs::path& old, std::string_view text) {
  fmt::print(stderr, "ferry: note: --from {}: {}\n", old.string(), text);
}

// One delta from each of `olds` to `image`.
void attach_to(host::ReleaseImage& image, const std::vector<fs::path>& olds, host::delta::EncodeOptions encode) {
  for (std::size_t i = 0; i < olds.size(); ++i) {
    const fs::path& file = olds[i];
    const host::Bytes old = host::read_file(file);
    const Sha256Digest precursor = host::sha256(old);
    if (std::ranges::find(image.deltas, precursor, &host::ReleaseDelta::precursor) != image.deltas.end()) {
      note(file, "given before, under this name or another one");
      continue;
    }
    std::optional<Progress> progress;
    encode.progress = [&](std::size_t done, std::size_t total) {
      if (!progress) {
        progress.emplace(total);
      }
      progress->show(done, fmt::format("delta {} of {}", i + 1, olds.size()));
    };
    host::Bytes payload = host::delta::make_delta(old, image.bytes, encode);
    progress.reset();
    if (payload.size() >= host::payload_plaintext(image).size()) {
      note(file, "a delta would not be smaller than the image; devices that run this one fetch the whole image");
      continue;
    }
    image.deltas.push_back(
        {.precursor = precursor, .precursor_size = old.size(), .payload = std::move(payload), .from = file.string()});
  }
}

}  // namespace

void ReleaseDeltas::add_to(CLI::App& command) {
  CLI::Option* either = command.add_option("--from", from, "An older image: devices that run it fetch a delta");
  CLI::Option* slot_a = command.add_option("--from-slot-a", from_slot_a, "An older image linked for slot A, likewise");
  CLI::Option* slot_b = command.add_option("--from-slot-b", from_slot_b, "An older image linked for slot B, likewise");
  either->excludes(slot_a)->excludes(slot_b);
  delta.add_to(command);
}

void ReleaseDeltas::attach(host::ReleaseComponent& application) const {
  const bool per_slot = !from_slot_a.empty() || !from_slot_b.empty();
  const bool linked = application.image_b.has_value();
  if ((per_slot && !linked) || (!from.empty() && linked)) {
    throw host::Failure(linked ? "the product's images are linked per slot: give --from-slot-a and --from-slot-b"
                               : "the product's image runs in either slot: give --from");
  }
  const host::delta::EncodeOptions encode = delta.encode_options();
  attach_to(application.image, from, encode);
  if (linked) {
    attach_to(application.image, from_slot_b, encode);  // what runs in slot B is upgraded into slot A
    attach_to(*application.image_b, from_slot_a, encode);
  }
}

}  // namespace ferry::tool
