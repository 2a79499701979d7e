// The API over HTTP/1.1: one thread, a coroutine for each connection.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "servers/hub/api.h"

namespace ferry::hub {

struct HttpLimits {
  std::size_t connections = 256;
  std::size_t header = 8U << 10;    // bytes
  std::size_t body = 4U << 10;      // bytes; no request of the API has one
  std::uint32_t idle_seconds = 30;  // for a whole request, and between two
};

class HttpServer {
 public:
  using Handler = std::function<ApiResponse(const ApiRequest&)>;

  // Listens at once. Throws host::Failure. `handler` is called from the server's thread.
  HttpServer(const std::string& address, std::uint16_t port, Handler handler, HttpLimits limits = {});
  ~HttpServer();  // closes all connections
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ferry::hub
