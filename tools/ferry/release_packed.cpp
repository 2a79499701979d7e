#include "tools/ferry/release_packed.h"

#include <fmt/format.h>

#include "host/packed/container.h"
#include "tools/ferry/progress.h"

namespace ferry::tool {
namespace {

void pack_image(host::ReleaseImage& image, std::string_view name) {
  std::optional<Progress> progress;
  const auto show = [&](std::size_t done, std::size_t total) {
    if (!progress) {
      progress.emplace(total);
    }
    progress->show(done, "packing");
  };
  host::Bytes packed = host::packed::make_packed(image.bytes, {.progress = show});
  progress.reset();
  const std::size_t plain = host::payload_plaintext(image).size();
  if (packed.size() >= plain) {
    fmt::print(stderr, "ferry: note: {}: packed it would have {} bytes instead of {}; it stays as it is\n", name,
               packed.size(), plain);
    return;
  }
  fmt::print(stderr, "ferry: {}: packed, {} bytes instead of {}\n", name, packed.size(), plain);
  image.payload = std::move(packed);
}

}  // namespace

void pack(host::ReleaseComponent& application) {
  pack_image(application.image, application.image_b ? "slot A's image" : "the image");
  if (application.image_b) {
    pack_image(*application.image_b, "slot B's image");
  }
}

}  // namespace ferry::tool
