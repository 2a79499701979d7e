#include "servers/hub/hub.h"

#include <spdlog/spdlog.h>

#include "host/failure.h"
#include "host/files.h"
#include "host/text.h"
#include "servers/hub/access.h"
#include "servers/hub/broker.h"
#include "servers/hub/crew.h"
#include "servers/hub/database_url.h"
#include "servers/hub/http_server.h"
#include "servers/hub/sockets.h"

namespace ferry::hub {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimeToClaim = 20s;     // what a hub that died held, or another one empties at the moment
constexpr std::size_t kAnswerers = 4;  // requests that are answered at a time

std::string trimmed(std::string text) {
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  text.erase(end == std::string::npos ? 0 : end + 1);
  return text;
}

std::string obtain_token(const std::filesystem::path& file) {
  constexpr std::size_t kShortest = 16;
  if (file.empty()) {
    return random_secret();
  }
  if (std::filesystem::exists(file)) {
    std::string token = trimmed(host::read_text_file(file, 4096));
    if (token.size() < kShortest || token.find_first_of(" \t\r\n") != std::string::npos) {
      throw host::Failure("{}: a token is one word of {} characters or more; remove the file to have one made",
                          file.string(), kShortest);
    }
    return token;
  }
  std::string token = random_secret();
  host::FileSet files;
  files.put(file, token + "\n", host::Mode::kSecret, host::Existing::kRefuse);
  files.commit();
  return token;
}

void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::create_directories(folder, error)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  if (error || !std::filesystem::is_directory(folder)) {
    throw host::Failure("{}: cannot be made: {}", folder.string(), error ? error.message() : "there is a file");
  }
}

std::string database_url(const HubOptions& options) {
  return options.database.empty() ? "sqlite:" + (options.folder / "hub.sqlite").string() : options.database;
}

// A hub that shares its broker is known by its name, and takes up its session there by it. So it stays.
std::string obtain_name(const HubOptions& options) {
  constexpr std::size_t kLongest = 64;
  const std::filesystem::path file = options.folder / "name";
  std::string name = options.name;
  if (name.empty() && std::filesystem::exists(file)) {
    name = trimmed(host::read_text_file(file, 4096));
  } else if (name.empty()) {
    name = random_secret().substr(0, 8);
    host::FileSet files;
    files.put(file, name + "\n", host::Mode::kPublic, host::Existing::kRefuse);
    files.commit();
  }
  if (name.empty() || name.size() > kLongest || fault_of_user(name)) {
    throw host::Failure("the name of a hub has 1 to {} of the characters a-z A-Z 0-9 . _ @ -, unlike \"{}\"", kLongest,
                        name);
  }
  return name;
}

void warn_if_open(const std::string& what, const std::string& address) {
  if (!is_loopback(address)) {
    spdlog::warn("{} is open on {} without TLS: put a TLS proxy in front of it", what, address);
  }
}

// Of what holds passwords or keys.
void warn_if_readable(const std::filesystem::path& file) {
  using std::filesystem::perms;
  std::error_code error;
  const perms mode = std::filesystem::status(file, error).permissions();
  if (!error && (mode & (perms::others_read | perms::others_write)) != perms::none) {
    spdlog::warn("{} holds secrets and everybody may read it: chmod o= {}", file.string(), file.string());
  }
}

}  // namespace

class Hub::Impl {
 public:
  explicit Impl(const HubOptions& options) : options_(options) {
    // What can be wrong with the options comes first: a hub that does not start makes no files.
    const auto registry = load_registry();
    static_cast<void>(parse_listen(options.listen));
    static_cast<void>(parse_listen(options.mqtt_listen));
    if (!options.mqtt.empty()) {
      static_cast<void>(other_broker());
    }
    context_.token = obtain_token(options.token_file);
    context_.live = &live_;
    context_.silent_after = options.silent_after;
    context_.is_tls = !options.certificate.empty();
    context_.now = [] { return std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()); };
    if (options.database.empty()) {
      make_folder(options.folder);
    }
    writer_ = open_store(database_url(options));
    for (std::size_t i = 0; i < kAnswerers; ++i) {
      readers_.push_back(open_store(database_url(options)));
      apis_.push_back(std::make_unique<Api>(*readers_.back(), context_));
    }
    if (!Access(writer_->sql()).has_accounts()) {
      context_.setup_code = random_secret();
    }
    make_folder(options.folder);
    if (registry) {
      writer_->enter(*registry);
    }
    const BrokerLogin login = options.mqtt.empty() ? start_broker(*registry) : other_broker();
    start_ingest(login, registry);
    context_.state = [this] { return state(); };
    wait_for_broker();
    start_http();
  }

  [[nodiscard]] Listening listening() const {
    return {.http = http_, .mqtt = mqtt_, .token = context_.token, .setup = setup_link()};
  }
  [[nodiscard]] int broker_pid() const { return broker_ ? broker_->pid() : -1; }

  void reload() {
    const auto registry = load_registry();
    if (!registry) {
      return;
    }
    if (broker_) {
      broker_->reload(*registry);
    }
    ingest_->set_registry(registry);
    spdlog::info("{} devices in the registry", registry->accounts().size());
  }

 private:
  [[nodiscard]] std::string setup_link() const {
    return context_.setup_code.empty()
               ? ""
               : (context_.is_tls ? "https://" : "http://") + http_ + "/setup#" + context_.setup_code;
  }

  // None where any device is known: another broker says who may log in.
  [[nodiscard]] std::shared_ptr<const Registry> load_registry() const {
    if (!options_.devices.empty()) {
      auto registry = std::make_shared<Registry>(Registry::load(options_.devices));
      warn_if_readable(options_.devices);
      return registry;
    }
    return options_.mqtt.empty() ? std::make_shared<Registry>() : nullptr;
  }

  BrokerLogin start_broker(const Registry& registry) {
    const ListenAddress listen = parse_listen(options_.mqtt_listen);
    const std::string password = random_secret();
    if (registry.accounts().empty()) {
      spdlog::warn("no device can log in: the registry is empty (ferry provision --devices FILE, ferry hub --devices)");
    }
    if (options_.mqtt_certificate.empty()) {
      warn_if_open("MQTT", listen.address);
    }
    broker_ = std::make_unique<Broker>(Broker::Options{.address = listen.address,
                                                       .port = listen.port,
                                                       .folder = options_.folder / "broker",
                                                       .hub_password = password,
                                                       .certificate = options_.mqtt_certificate,
                                                       .key = options_.mqtt_key,
                                                       .client_authority = options_.mqtt_client_authority},
                                       registry);
    mqtt_ = format_listen(listen.address, broker_->port());
    return {.host = broker_->hub_address(),
            .port = broker_->hub_port(),
            .user = std::string(kHubUser),
            .password = password};
  }

  BrokerLogin other_broker() {
    const bool is_tls = options_.mqtt.starts_with("mqtts:");
    host::Url url = host::parse_url(options_.mqtt, is_tls ? "mqtts" : "mqtt", is_tls ? 8883 : 1883);
    if (!options_.mqtt_password_file.empty()) {
      warn_if_readable(options_.mqtt_password_file);
      url.password = trimmed(host::read_text_file(options_.mqtt_password_file, 4096));
    }
    if (!options_.mqtt_authority.empty()) {
      static_cast<void>(host::read_text_file(options_.mqtt_authority, 1U << 20));  // says what is wrong at once
    }
    mqtt_ = format_listen(url.host, url.port);
    return {.host = url.host,
            .port = url.port,
            .user = url.user,
            .password = url.password,
            .is_tls = is_tls,
            .authority = options_.mqtt_authority};
  }

  // Several hubs may share a broker where they share a database.
  void start_ingest(const BrokerLogin& login, const std::shared_ptr<const Registry>& registry) {
    const auto on_event = options_.on_event ? options_.on_event : [](const StoredEvent&) {};
    const std::string url = database_url(options_);
    if (!options_.mqtt.empty() && DatabaseUrl::parse(url).dialect == Dialect::kPostgresql) {
      name_ = obtain_name(options_);
      ingest_ = std::make_unique<Crew>(Crew::Options{.login = login,
                                                     .name = name_,
                                                     .database = url,
                                                     .retention = options_.retention,
                                                     .silent_after = options_.silent_after,
                                                     .on_event = on_event},
                                       registry, live_);
      return;
    }
    ingest_ = std::make_unique<Ingest>(IngestOptions{.login = login,
                                                     .on_event = on_event,
                                                     .retention = options_.retention,
                                                     .live = &live_,
                                                     .silent_after = options_.silent_after},
                                       *writer_, registry);
  }

  [[nodiscard]] HubState state() const {
    const IngestState ingest = ingest_->state();
    return {.is_broker_connected = ingest.is_subscribed,
            .has_duties = ingest.has_duties,
            .messages = ingest.messages,
            .batches = ingest.batches,
            .readings = ingest.readings,
            .readings_per_second = ingest.readings_per_second};
  }

  void wait_for_broker() {
    if (!ingest_->wait_until_claimed(kTimeToClaim)) {
      throw host::Failure(
          "another hub {}; hubs that share a database share a broker (--mqtt), and have names of their own",
          name_.empty() ? "uses this database" : "that is running is called " + name_);
    }
    if (ingest_->wait_until_subscribed(10s)) {
      return;
    }
    if (broker_) {
      throw host::Failure("the hub does not get through to its own broker; its log says why");
    }
    spdlog::warn("the broker at {} does not answer yet; going on", mqtt_);
  }

  void start_http() {
    const ListenAddress listen = parse_listen(options_.listen);
    if (!context_.is_tls) {
      warn_if_open("HTTP", listen.address);
    }
    HttpServer::Handlers handlers;
    for (const auto& api : apis_) {
      handlers.emplace_back([&api = *api](const ApiRequest& request) { return api.handle(request); });
    }
    http_server_ = std::make_unique<HttpServer>(listen.address, listen.port, std::move(handlers), HttpLimits{},
                                                TlsFiles{options_.certificate, options_.key}, &live_);
    http_ = format_listen(listen.address, http_server_->port());
  }

  HubOptions options_;
  ApiContext context_;
  Live live_;
  std::string http_;
  std::string mqtt_;
  std::string name_;  // where others share the broker
  // Each uses those above it.
  std::unique_ptr<Store> writer_;
  std::vector<std::unique_ptr<Store>> readers_;
  std::vector<std::unique_ptr<Api>> apis_;
  std::unique_ptr<Broker> broker_;
  std::unique_ptr<Intake> ingest_;
  std::unique_ptr<HttpServer> http_server_;
};

Hub::Hub(const HubOptions& options) : impl_(std::make_unique<Impl>(options)), listening_(impl_->listening()) {}

Hub::~Hub() = default;

const Listening& Hub::listening() const {
  return listening_;
}

int Hub::broker_pid() const {
  return impl_ ? impl_->broker_pid() : -1;
}

void Hub::reload() {
  if (impl_) {
    impl_->reload();
  }
}

void Hub::stop() {
  impl_.reset();
}

}  // namespace ferry::hub
