// ferry provision: one device's factory file.
#include <fmt/format.h>

#include "host/crypto.h"
#include "host/factory_writer.h"
#include "host/failure.h"
#include "host/files.h"
#include "host/product.h"
#include "host/text.h"
#include "host/uuid.h"
#include "tools/ferry/commands.h"
#include "tools/ferry/output.h"

namespace ferry::tool {
namespace {

struct Options {
  std::filesystem::path product;
  std::filesystem::path class_key;
  std::string serial;
  std::vector<std::filesystem::path> trust;
  std::string ftp;
  std::string business;
  std::filesystem::path out;
  std::filesystem::path devices;
  std::string window = "01:00+4h";
  std::string days = "daily";
  std::string zone = "Z";
  Settings settings;
  bool seal = false;
  bool json = false;
};

// The business account where the URL names none: the device's id, and a password that nobody chose.
void complete_account(host::Url& url, const std::string& device) {
  if (url.user.empty()) {
    url.user = device;
  }
  if (url.password.empty()) {
    constexpr std::size_t kPasswordBytes = 18;
    url.password = host::to_hex(host::random_array<std::array<std::uint8_t, kPasswordBytes>>());
  }
}

// The FTP account where the URL names none: anybody's (RFC 1635).
void complete_anonymous(host::Url& url) {
  if (url.user.empty()) {
    url.user = "anonymous";
    url.password = "ferry@";
  }
}

// A line for the registry must not end up in some other file.
void check_registry(const std::filesystem::path& file) {
  constexpr std::uintmax_t kLargest = 256U << 20;
  if (!std::filesystem::exists(file)) {
    return;
  }
  const std::string lines = host::read_text_file(file, kLargest);
  const Json first = Json::parse(lines.substr(0, lines.find('\n')), nullptr, false);
  if (!lines.empty() && (!first.is_object() || !first.contains("device") || !lines.ends_with('\n'))) {
    throw host::Failure("{}: no registry of devices (JSON lines); nothing is appended to it", file.string());
  }
}

Endpoint endpoint(const host::Url& url) {
  return {.host = url.host, .port = url.port, .user = url.user, .password = url.password};
}

host::FactorySpec describe(const Options& options) {
  if (options.serial.empty()) {
    throw host::Failure("--serial is empty; every device has a serial number of its own");
  }
  host::FactorySpec spec;
  spec.product = host::load_product(options.product);
  const std::filesystem::path key_file =
      options.class_key.empty() ? host::class_key_file(options.product) : options.class_key;
  spec.class_key = host::EcPrivateKey::from_pem(host::read_text_file(key_file), key_file.string()).scalar();
  spec.serial = options.serial;
  for (const std::filesystem::path& file : options.trust) {
    spec.anchors.push_back(host::EcPublicKey::from_pem(host::read_text_file(file), file.string()).point());
    if (spec.anchors.back() == spec.product.class_key) {
      throw host::Failure("{}: this is the class key, whose private half is in every device; trust a release key",
                          file.string());
    }
  }
  return spec;
}

void set_times(const Options& options, Settings& settings) {
  host::parse_window(options.window, settings.window);
  settings.window.days = host::parse_days(options.days);
  settings.window.zone_minutes = host::parse_zone(options.zone);
}

Json device_line(const host::FactorySpec& spec, const std::string& device, const host::Url& business) {
  Json line{{"device", device},
            {"serial", spec.serial},
            {"product", spec.product.path},
            {"user", business.user},
            {"password", business.password}};
  if (spec.seal_key) {
    line["seal"] = host::to_hex(*spec.seal_key);
  }
  return line;
}

void run(const Options& options) {
  host::FactorySpec spec = describe(options);
  if (options.seal) {
    if (options.devices.empty() && !options.json) {
      throw host::Failure("--seal without --devices or --json: nobody else would know the key");
    }
    spec.seal_key = host::random_array<AesKey>();
  }
  const std::string device = host::to_string(host::device_id(spec));
  host::Url ftp = host::parse_url(options.ftp, "ftp", 21);
  host::Url business = host::parse_url(options.business, "mqtt", 1883);
  complete_anonymous(ftp);
  complete_account(business, device);
  Settings settings = options.settings;
  set_times(options, settings);
  settings.ftp = endpoint(ftp);
  settings.ftp_root = ftp.path;
  settings.business = endpoint(business);
  settings.flash = spec.product.flash;
  host::FileSet files;
  files.put(options.out, host::encode_factory_file(spec, settings), host::Mode::kSecret, host::Existing::kRefuse);
  const Json line = device_line(spec, device, business);
  if (!options.devices.empty()) {
    check_registry(options.devices);
    host::append_line(options.devices, line.dump());
  }
  files.commit();
  if (options.json) {
    print_json_line(line);
    return;
  }
  fmt::print("device:  {}\nserial:  {}\nfactory: {} (holds secrets: write it to the device, then keep it safe)\n",
             device, options.serial, options.out.string());
}

void add_settings(CLI::App& command, Options& options) {
  command.add_option("--window", options.window, "When upgrades may begin, local time")->capture_default_str();
  command.add_option("--days", options.days, "On which days: mon,wed or mon-fri or daily")->capture_default_str();
  command.add_option("--zone", options.zone, "Local time against UTC, such as +08:00")->capture_default_str();
  command.add_option("--trial", options.settings.trial_seconds, "Seconds for a new image to log in, or it is reverted")
      ->capture_default_str()
      ->check(CLI::Range(10U, 7U * 86400U));
  command.add_option("--report", options.settings.report_seconds, "Seconds between two packs of readings")
      ->capture_default_str()
      ->check(CLI::Range(1U, 7U * 86400U));
  command.add_option("--stale", options.settings.stale_days, "Days after which an old manifest is reported; 0 = never")
      ->check(CLI::Range(0U, 36500U))
      ->capture_default_str();
  command.add_flag("--device-manifest", options.settings.device_manifest,
                   "Ask for devices/<device-id>.suit before manifest.suit");
  command.add_flag("--expiring-without-clock", options.settings.expiring_without_clock,
                   "Accept manifests that expire while the time is not known");
}

}  // namespace

void add_provision(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("provision", "Make one device's factory file");
  command->add_option("--product", options->product, "Product file")->required();
  command->add_option("--serial", options->serial, "Serial number; the device id follows from it")->required();
  command->add_option("--trust", options->trust, "Public release keys to trust (PEM), up to four")->required();
  command->add_option("--ftp", options->ftp, "ftp://user:password@host:port/root; anonymous where no user is named")
      ->required();
  command->add_option("--business", options->business, "mqtt://host:port; the account is made up where none is given")
      ->required();
  command->add_option("--out", options->out, "The factory file to write")->required();
  command->add_option("--class-key", options->class_key,
                      "Class key's private half; beside the product file if not given");
  command->add_option("--devices", options->devices,
                      "Registry that `ferry hub` reads (JSON lines): append the account");
  command->add_flag("--seal", options->seal,
                    "What the device reports is sealed under a key of its own: for links without TLS");
  add_settings(*command, *options);
  add_json_flag(*command, options->json);
  command->footer(
      "Example: ferry provision --product meter.toml --serial 0001 --trust release-keys/release.pub "
      "--ftp ftp://dev:secret@files.example/firmware --business mqtt://hub.example --out 0001.factory");
  command->callback([options] { run(*options); });
}

}  // namespace ferry::tool
