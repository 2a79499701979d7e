// The business server: takes what devices say over MQTT, keeps it, and answers over HTTP. docs/hub.md.
//
//   Hub hub({.devices = "devices.jsonl", .folder = "hub"});
//   std::puts(hub.listening().http.c_str());
//   ...                                  // its threads do the work
//   hub.stop();
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "servers/hub/store.h"

namespace ferry::hub {

struct HubOptions {
  std::string listen = "127.0.0.1:0";       // HTTP; port 0: a free one
  std::string mqtt_listen = "127.0.0.1:0";  // of the hub's own broker
  std::string mqtt;  // mqtt[s]://user:password@host:port of another broker, instead of the own one
  std::filesystem::path mqtt_password_file;  // in the place of a password there
  std::filesystem::path mqtt_authority;      // PEM, that signed that broker's certificate; empty: the system's
  // PEM, of the own broker; empty: no TLS. With an authority of clients, a device needs a certificate that it signed.
  std::filesystem::path mqtt_certificate, mqtt_key, mqtt_client_authority;
  std::filesystem::path devices;  // registry; empty: no device may log in (own broker), or any (another)
  std::string database;           // URL, as open_store() takes it; empty: SQLite in `folder`
  std::string name;               // among hubs that share a broker; empty: made once, kept in `folder`
  std::filesystem::path folder = "ferry-hub";
  std::filesystem::path certificate, key;  // PEM, of the HTTP API; empty: no TLS
  Retention retention;
  std::int64_t silent_after = 86400;                 // seconds without a word: a device is silent
  std::filesystem::path token_file;                  // made where it is missing; empty: a new token each time
  std::function<void(const StoredEvent&)> on_event;  // each new one, from a thread of the hub
};

struct Listening {
  std::string http;  // "127.0.0.1:8080"
  std::string mqtt;
  std::string token;
  std::string setup;  // link of which the first account is made; empty: there are accounts
};

class Hub {
 public:
  // Returns when devices can log in and the API answers. Throws host::Failure.
  explicit Hub(const HubOptions& options);
  ~Hub();

  [[nodiscard]] const Listening& listening() const;
  [[nodiscard]] int broker_pid() const;  // -1 where there is none
  // Reads the registry anew. Throws host::Failure, and goes on with the one before.
  void reload();
  // In good order; the second call does nothing.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
  Listening listening_;
};

}  // namespace ferry::hub
