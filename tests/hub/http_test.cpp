// The HTTP server with clients that do not behave.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "servers/hub/http_server.h"
#include "servers/hub/sockets.h"
#include "tests/hub/server.h"

namespace ferry::hub {
namespace {

using testing::HasSubstr;

class HttpTest : public testing::Test {
 protected:
  HttpTest()
      : server("127.0.0.1", 0, {[](const ApiRequest& request) -> ApiResponse {
                 return {.body = {{"method", request.method}, {"target", request.target}}};
               }},
               {.connections = 4, .idle_seconds = 1}),
        address(format_listen("127.0.0.1", server.port())) {}

  HttpAnswer ask(const std::string& bytes) const { return talk(address, bytes); }

  HttpServer server;
  std::string address;
};

TEST_F(HttpTest, Answers) {
  const HttpAnswer answer = ask("GET /x?y=1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "{\"method\":\"GET\",\"target\":\"/x?y=1\"}\n");
  EXPECT_THAT(answer.head, HasSubstr("Content-Type: application/json"));
  EXPECT_THAT(answer.head, HasSubstr("Cache-Control: private, no-cache"));
  EXPECT_THAT(answer.head, HasSubstr("ETag: \""));
  EXPECT_THAT(answer.head, HasSubstr("Content-Security-Policy: default-src 'none'"));
}

TEST_F(HttpTest, HeadHasNoBody) {
  const HttpAnswer answer = ask("HEAD /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
  EXPECT_THAT(answer.head, HasSubstr("Content-Length: 32"));
}

TEST_F(HttpTest, SeveralRequestsOnOneConnection) {
  const HttpAnswer answer =
      ask("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer.body, HasSubstr("\"/1\""));
  EXPECT_THAT(answer.body, HasSubstr("\"/2\""));
}

TEST_F(HttpTest, T62_WhatIsNoHttpIsRefused) {
  for (const char* bytes : {"hello\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET\r\n\r\n", "GET /\x01 HTTP/1.1\r\n\r\n",
                            "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "GET / HTTP/1.1\r\nx\r\n\r\n"}) {
    EXPECT_EQ(ask(bytes).status, 400) << bytes;
  }
}

TEST_F(HttpTest, T62_Limits) {
  EXPECT_EQ(ask("GET /" + std::string(20000, 'x') + " HTTP/1.1\r\n\r\n").status, 431);
  EXPECT_EQ(ask("GET / HTTP/1.1\r\nx: " + std::string(20000, 'x') + "\r\n\r\n").status, 431);
  EXPECT_EQ(ask("POST / HTTP/1.1\r\nContent-Length: 5000\r\n\r\n" + std::string(5000, 'x')).status, 413);
  EXPECT_EQ(ask("POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n").status, 413);
}

TEST_F(HttpTest, T62_SlowClientsAreLetGo) {
  EXPECT_EQ(ask("GET / HTT").status, 0);  // the connection ends, and so does the exchange
  EXPECT_EQ(ask("").status, 0);
  EXPECT_EQ(ask("GET / HTTP/1.1\r\nConnection: close\r\n\r\n").status, 200);
}

TEST_F(HttpTest, PortThatIsTaken) {
  EXPECT_THROW(HttpServer("127.0.0.1", server.port(), {[](const ApiRequest&) { return ApiResponse{}; }}),
               std::runtime_error);
}

}  // namespace
}  // namespace ferry::hub
