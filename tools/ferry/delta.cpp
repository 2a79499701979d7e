// ferry delta and ferry patch: the difference of two images, and one image out of it and the other one.
#include <fmt/format.h>

#include "host/crypto.h"
#include "host/delta/container.h"
#include "host/delta/modes.h"
#include "host/files.h"
#include "host/mapped_file.h"
#include "tools/ferry/commands.h"
#include "tools/ferry/delta_options.h"
#include "tools/ferry/output.h"
#include "tools/ferry/progress.h"

namespace ferry::tool {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kLinuxKib = 8192;

struct MakeOptions {
  fs::path from;
  fs::path to;
  fs::path out;
  DeltaOptions delta;
  bool json = false;
};

struct ApplyOptions {
  fs::path from;
  fs::path patch;
  fs::path out;
  bool json = false;
};

void write(const fs::path& file, const host::Bytes& bytes) {
  host::FileSet files;
  files.put(file, bytes);
  files.commit();
}

void make(const MakeOptions& options) {
  const host::MappedFile old_file(options.from);
  const host::MappedFile fresh_file(options.to);
  const ByteView old = old_file.bytes();
  const ByteView fresh = fresh_file.bytes();
  host::delta::EncodeOptions encode = options.delta.encode_options();
  std::optional<Progress> progress;
  encode.progress = [&](std::size_t done, std::size_t total) {
    if (!progress) {
      progress.emplace(total);
    }
    progress->show(done, fmt::format("{} of {}", done, total));
  };
  const host::Bytes delta = host::delta::make_delta(old, fresh, encode);
  progress.reset();
  write(options.out, delta);
  if (options.json) {
    print_json({{"file", options.out.string()},
                {"size", delta.size()},
                {"old-size", old.size()},
                {"new-size", fresh.size()},
                {"sha256", host::to_hex(host::sha256(delta))}});
    return;
  }
  fmt::print("delta: {} ({} bytes, {:.2f} % of the new image's {})\n", options.out.string(), delta.size(),
             100.0 * static_cast<double>(delta.size()) / static_cast<double>(std::max<std::size_t>(fresh.size(), 1)),
             fresh.size());
  if (delta.size() >= fresh.size()) {
    fmt::print(stderr,
               "ferry: note: the delta is not smaller than the new image; are the images compressed or encrypted?\n");
  }
}

void apply(const ApplyOptions& options) {
  const host::MappedFile old(options.from);
  const host::MappedFile patch(options.patch);
  host::FileSet files;
  files.put(options.out, ByteView());
  host::RunningSha256 digest;
  std::size_t size = 0;
  try {
    host::delta::apply_delta(old.bytes(), patch.bytes(), [&](ByteView piece) {
      files.append(piece);
      digest.update(piece);
      size += piece.size();
    });
  } catch (const host::Failure& failure) {
    throw host::Failure("{}: {}", options.patch.string(), failure.what());
  }
  files.commit();
  if (options.json) {
    print_json({{"file", options.out.string()}, {"size", size}, {"sha256", host::to_hex(digest.finish())}});
    return;
  }
  fmt::print("image: {} ({} bytes)\n", options.out.string(), size);
}

}  // namespace

void DeltaOptions::add_to(CLI::App& command) {
  command
      .add_option("--memory", memory_kib, "KiB of RAM that the device has for unpacking: 8, 12 or 20, or 8192 on Linux")
      ->capture_default_str()
      ->check(CLI::IsMember(std::vector<std::uint32_t>{8, 12, 20, kLinuxKib}));
  std::vector<std::string> names{"auto"};
  std::string what = "What the images hold: ";
  for (const auto& tools : host::delta::all_modes()) {
    names.emplace_back(tools.name);
    what += fmt::format("{} ({}), ", tools.name, tools.description);
  }
  command.add_option("--mode", mode, what + "or auto (whichever is smaller)")
      ->capture_default_str()
      ->check(CLI::IsMember(names));
}

host::delta::EncodeOptions DeltaOptions::encode_options() const {
  using host::delta::MemoryClass;
  host::delta::EncodeOptions options;
  options.memory = memory_kib == 8           ? MemoryClass::kSmall
                   : memory_kib == 12        ? MemoryClass::kMedium
                   : memory_kib == kLinuxKib ? MemoryClass::kHuge
                                             : MemoryClass::kLarge;
  for (const auto& tools : host::delta::all_modes()) {
    if (tools.name == mode) {
      options.mode = tools.mode;
      if (!host::delta::goes_with(tools.mode, options.memory)) {
        throw host::Failure("--mode {} goes {} --memory {}", mode, memory_kib == kLinuxKib ? "without" : "with",
                            kLinuxKib);
      }
    }
  }
  return options;
}

void add_delta(CLI::App& app) {
  auto options = std::make_shared<MakeOptions>();
  CLI::App* command = app.add_subcommand("delta", "Make the difference of two images");
  command->add_option("--from", options->from, "The image that a device has")->required();
  command->add_option("--to", options->to, "The image that it is to have")->required();
  command->add_option("--out", options->out, "The delta to write")->required();
  options->delta.add_to(*command);
  add_json_flag(*command, options->json);
  command->footer("Example: ferry delta --from meter-1.0.bin --to meter-1.1.bin --out meter.delta");
  command->callback([options] { make(*options); });
}

void add_patch(CLI::App& app) {
  auto options = std::make_shared<ApplyOptions>();
  CLI::App* command = app.add_subcommand("patch", "Make an image out of an older one and a delta");
  command->add_option("--from", options->from, "The image that the delta was made from")->required();
  command->add_option("--patch", options->patch, "The delta")->required();
  command->add_option("--out", options->out, "The new image to write")->required();
  add_json_flag(*command, options->json);
  command->footer("Example: ferry patch --from meter-1.0.bin --patch meter.delta --out meter-1.1.bin");
  command->callback([options] { apply(*options); });
}

}  // namespace ferry::tool
