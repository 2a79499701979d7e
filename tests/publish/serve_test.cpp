// `ferry serve` as a program.
#include <csignal>

#include "host/failure.h"
#include "host/peers/loopback.h"
#include "tests/publish/publisher.h"

namespace ferry::publish {
namespace {

class Serve : public PublishTest {
 protected:
  host::ChildProcess::Program program(std::vector<std::string> arguments) const {
    std::vector<std::string> command = {FERRY_PROGRAM, "serve", repository.path};
    command.insert(command.end(), arguments.begin(), arguments.end());
    if (std::find(arguments.begin(), arguments.end(), "--listen") == arguments.end()) {
      command.insert(command.end(), {"--listen", "127.0.0.1:0"});
    }
    return {.command = std::move(command), .output = scratch.path / "served"};
  }
  // The first line that it prints.
  std::string first_line(const host::ChildProcess& child) const {
    for (int i = 0; i < 2000 && !child.has_ended(5ms); ++i) {
      const std::string text = fs::exists(scratch.path / "served") ? scratch.get("served") : "";
      if (const std::size_t end = text.find('\n'); end != std::string::npos) {
        return text.substr(0, end);
      }
    }
    return "";
  }
};

TEST_F(Serve, PrintsItsUrlAndEndsInOrder) {
  for (const int number : {SIGTERM, SIGINT}) {
    fs::remove(scratch.path / "served");
    host::ChildProcess child(program({}));
    const std::string url = first_line(child);
    ASSERT_THAT(url, testing::MatchesRegex("ftp://127.0.0.1:[0-9]+/"));
    EXPECT_TRUE(host::greets(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))), 10s));
    child.signal(number);
    EXPECT_TRUE(child.has_ended(5s));
    EXPECT_EQ(child.end(), 0);
  }
}

TEST_F(Serve, TakesWhatPublishSends) {
  scratch.put("password", "longsecret\n");
  repository.put("empty/.keep", "");
  host::ChildProcess::Program at_empty =
      program({"--write-user", "publisher", "--write-password-file", scratch.path / "password", "--json"});
  at_empty.command[2] = repository.path / "empty";
  const host::ChildProcess child(at_empty);
  const auto port = nlohmann::json::parse(first_line(child))["port"].get<int>();
  const Outcome outcome =
      publish({"ftp://publisher@127.0.0.1:" + std::to_string(port) + "/fw"}, {"FERRY_FTP_PASSWORD=longsecret"});
  EXPECT_EQ(outcome.code, 0) << outcome.text;
  expect_release(repository.path / "empty/fw", 1);
}

TEST_F(Serve, SaysWhatIsWrong) {
  scratch.put("empty", "");
  const auto fails = [&](std::vector<std::string> arguments) {
    fs::remove(scratch.path / "served");
    host::ChildProcess child(program(std::move(arguments)));
    const int code = child.wait(10s);
    return std::to_string(code) + " " + scratch.get("served");
  };
  EXPECT_THAT(fails({"--listen", "nowhere"}), testing::StartsWith("1 ferry: 'nowhere' is no ADDRESS:PORT"));
  EXPECT_THAT(fails({"--passive", "9-1"}), testing::StartsWith("1 ferry: '9-1' is no range"));
  EXPECT_THAT(fails({"--user", "dev"}), testing::StartsWith("2 "));
  EXPECT_THAT(fails({"--user", "dev", "--password-file", scratch.path / "empty"}),
              testing::HasSubstr("holds no password"));
}

}  // namespace
}  // namespace ferry::publish
