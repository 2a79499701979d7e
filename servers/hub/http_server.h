// The API over HTTP/1.1: one thread with a coroutine for each connection, and threads that answer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "servers/hub/api.h"
#include "servers/hub/live.h"

namespace ferry::hub {

struct HttpLimits {
  std::size_t connections = 256;
  std::size_t streams = 64;         // of these
  std::size_t header = 8U << 10;    // bytes
  std::size_t body = 4U << 10;      // bytes
  std::uint32_t idle_seconds = 30;  // for a whole request, and between two
  std::uint32_t tell_seconds = 5;   // between two overviews in a stream
};

// PEM files; both empty: no TLS.
struct TlsFiles {
  std::filesystem::path certificate;  // with the chain
  std::filesystem::path key;
};

class HttpServer {
 public:
  using Handler = std::function<ApiResponse(const ApiRequest&)>;
  using Handlers = std::vector<Handler>;

  // Listens at once. Throws host::Failure. Each handler is called by one thread at a time. `live` must outlive this
  // object; null: streams tell nothing but overviews.
  HttpServer(const std::string& address, std::uint16_t port, Handlers handlers, HttpLimits limits = {},
             const TlsFiles& tls = {}, Live* live = nullptr);
  ~HttpServer();  // closes all connections
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ferry::hub
