#include "tests/hub/tls.h"

#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "host/bytes.h"
#include "host/crypto.h"
#include "host/peers/child_process.h"

namespace ferry::hub {
namespace {

void must_run(const std::vector<std::string>& command) {
  const Ran ran = run_program(command);
  EXPECT_EQ(ran.code, 0) << ran.output;
}

}  // namespace

Ran run_program(const std::vector<std::string>& command) {
  const std::string name = "ferry-ran-" + host::to_hex(host::random_array<std::array<std::uint8_t, 8>>());
  const std::filesystem::path output = std::filesystem::temp_directory_path() / name;
  host::ChildProcess process({.command = command, .output = output});
  Ran ran{.code = process.wait(std::chrono::seconds(30))};
  std::stringstream text;
  text << std::ifstream(output).rdbuf();
  ran.output = text.str();
  std::filesystem::remove(output);
  return ran;
}

Authority::Authority(const std::filesystem::path& folder, const std::string& name)
    : folder_(folder), own_{.certificate = folder / (name + ".crt"), .key = folder / (name + ".key")} {
  must_run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=" + name, "-keyout", own_.key, "-out", own_.certificate});
}

Certificate Authority::issue(const std::string& name) const {
  const Certificate made{.certificate = folder_ / (name + ".crt"), .key = folder_ / (name + ".key")};
  must_run({"openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=" + name,
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-CA",
            own_.certificate,
            "-CAkey",
            own_.key,
            "-keyout",
            made.key,
            "-out",
            made.certificate});
  return made;
}

}  // namespace ferry::hub
