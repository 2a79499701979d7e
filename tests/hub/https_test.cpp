// The API over HTTPS, as curl and openssl see it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/hub/server.h"
#include "tests/hub/tls.h"

namespace ferry::hub {
namespace {

using testing::HasSubstr;
using testing::Not;

class Https : public testing::Test {
 protected:
  Https()
      : authority(place.file(""), "authority"),
        own(authority.issue("hub")),
        server(place, {"--tls-cert", own.certificate, "--tls-key", own.key}) {}

  [[nodiscard]] Ran curl(const std::string& path, std::vector<std::string> more = {}) const {
    std::vector<std::string> command = {"curl", "-sSi", "--noproxy", "*", "--cacert", authority.certificate().string()};
    command.insert(command.end(), more.begin(), more.end());
    command.push_back("https://" + server.http() + path);
    return run_program(command);
  }
  // What a client makes of the server that offers this version alone, and weak ciphers if need be.
  [[nodiscard]] Ran handshake(const std::string& version) const {
    return run_program({"openssl", "s_client", "-connect", server.http(), version, "-cipher", "DEFAULT@SECLEVEL=0",
                        "-CAfile", authority.certificate(), "-verify_return_error", "-no_ign_eof"});
  }

  Place place;
  Authority authority;
  Certificate own;
  Server server;
};

TEST_F(Https, AnswersAndSaysThatItAlwaysWill) {
  const Ran answer = curl("/api/v1/summary", {"-H", "Authorization: Bearer " + server.token()});
  EXPECT_EQ(answer.code, 0);
  EXPECT_THAT(answer.output, HasSubstr("HTTP/1.1 200"));
  EXPECT_THAT(answer.output, HasSubstr("Strict-Transport-Security: max-age=31536000"));
  EXPECT_THAT(answer.output, HasSubstr("\"devices\":2"));
  EXPECT_THAT(curl("/api/v1/summary").output, HasSubstr("HTTP/1.1 401"));
  EXPECT_THAT(curl("/healthz").output, HasSubstr("HTTP/1.1 200"));
  EXPECT_THAT(curl("/").output, HasSubstr("Strict-Transport-Security"));
}

TEST_F(Https, T62_TheCookieIsForTlsAlone) {
  const std::string link = server.lines()[0]["setup"];
  EXPECT_THAT(link, testing::StartsWith("https://"));
  const std::string code = link.substr(link.find('#') + 1);
  const std::string body = Json{{"code", code}, {"user", "ann"}, {"password", "correct horse"}}.dump();
  const Ran answer = curl("/api/v1/setup", {"-H", "Content-Type: application/json", "-d", body});
  EXPECT_THAT(answer.output, HasSubstr("HTTP/1.1 201"));
  EXPECT_THAT(answer.output, HasSubstr("HttpOnly; SameSite=Strict"));
  EXPECT_THAT(answer.output, HasSubstr("; Secure"));
}

TEST_F(Https, PlainHttpIsToldWhereItIs) {
  const HttpAnswer answer = talk(server.http(), "GET /api/v1/summary HTTP/1.1\r\nHost: hub\r\n\r\n");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("https"));
  EXPECT_THAT(answer.body, Not(HasSubstr("devices")));
  EXPECT_THAT(answer.head, Not(HasSubstr("Strict-Transport-Security")));
  EXPECT_EQ(talk_raw(server.http(), "hello\r\n\r\n").find("HTTP"), std::string::npos);
  EXPECT_EQ(curl("/healthz").code, 0) << "and others are served";
}

TEST_F(Https, WeakVersionsAreRefused) {
  for (const char* version : {"-tls1", "-tls1_1"}) {
    const Ran refused = handshake(version);
    EXPECT_NE(refused.code, 0) << version;
    EXPECT_THAT(refused.output, HasSubstr("alert protocol version")) << "by the server";
  }
  for (const char* version : {"-tls1_2", "-tls1_3"}) {
    EXPECT_EQ(handshake(version).code, 0) << version;
  }
}

TEST_F(Https, WhoDoesNotTrustItGetsNothing) {
  const Authority other(place.file(""), "other");
  const Ran refused = run_program(
      {"curl", "-sSi", "--noproxy", "*", "--cacert", other.certificate(), "https://" + server.http() + "/healthz"});
  constexpr int kPeerFailedVerification = 60;
  EXPECT_EQ(refused.code, kPeerFailedVerification);
  EXPECT_THAT(refused.output, Not(HasSubstr("HTTP/1.1")));
}

}  // namespace
}  // namespace ferry::hub
