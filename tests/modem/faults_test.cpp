// Every fault of a module, by name: the file arrives whole, or the driver says why not; and it always goes on.
#include "tests/modem/world.h"

namespace ferry::modem {
namespace {

constexpr std::uint32_t kSize = 24000;

struct Fault {
  std::string name;
  std::string plan;
  Duration limit = 30min;
};

// In a plan, $SEND and the like stand for the family's command.
const std::vector<Fault> kFaults = {
    {"NoiseBeforeAnswers", "always urc-before"},
    {"NoiseBetweenLines", "always urc-between"},
    {"NoiseAfterAnswers", "always urc-after"},
    {"NoiseEverywhere", "often 50 urc-before\noften 50 urc-between\noften 50 urc-after"},
    {"OrderSwapped", "always swap-order"},
    {"PromptBare", "always prompt >"},
    {"PromptWithSpace", "always prompt >\\s"},
    {"PromptWithLine", "always prompt \\r\\n>\\s"},
    {"PromptOnItsOwnLine", "always prompt \\r\\n>\\r\\n"},
    {"PromptLost", "on $SEND#2 prompt \\r\\n"},
    {"Fragments1", "always split 1"},
    {"Fragments7", "always split 7"},
    {"SendFails", "on $SEND#2 send-fail\non $SEND#3 send-fail\non $SEND#4 send-fail"},
    {"LinkInUse", "on $OPEN#2 in-use"},
    {"LinkInUseTwice", "on $OPEN#1 in-use\non $OPEN#2 in-use"},
    {"NoAnnouncement", "always no-recv"},
    {"UnreadDiscardedAtClose", "after 1 discard"},
    {"CloseToldBeforeTheData", "always close-with-data"},
    {"BearerLostMidTransfer", "after 9000 pdpdeact"},
    {"BearerLostTwice", "after 3000 pdpdeact\nafter 15000 pdpdeact"},
    {"BearerSeemsUp", "always qiact-lies\nafter 9000 pdpdeact"},
    {"MuteForAWhile", "after 9000 mute 20000"},
    {"MuteForLong", "after 9000 mute 200000"},
    {"DeadUntilPowerCycle", "after 9000 dead"},
    {"DeadAtStart", "at 0 dead"},
    {"Reboots", "after 9000 reboot", 45s},
    {"RebootsAtStart", "at 100 reboot"},
    {"RebootsWhileSearching", "on AT+CEREG#1 reboot"},
    {"InMultiplexer", "at 0 cmux"},
    {"InTransparentMode", "at 0 transparent"},
    {"AtAnotherRate", "at 0 baud 9600"},
    {"EchoComesBack", "after 9000 echo-on"},
    {"EchoComesBackEarly", "on $OPEN#1 echo-on"},
    {"NoFinalOfARead", "on $READ#4 no-final"},
    {"NoFinalOfASend", "on $SEND#3 no-final"},
    {"ErrorOfARead", "on $READ#4 error"},
    {"ErrorOfASend", "on $SEND#3 error"},
    {"AnswersLate", "always late-ok 400"},
    {"PowersDownByItself", "after 9000 power-down"},
    {"BytesLost", "after 9000 lose 3"},
    {"BytesLostUpwards", "after 9000 lose-up 2"},
    {"BitsFlippedAtStart", "at 50 flip 8"},  // in payload only a digest can find them
    {"NoLineBehindPayload", "always no-trailer"},
    {"BearerRefused", "often 50 refuse"},
    {"HostTakesLittle", "always small-host 48"},
    {"WrongClock", "always wrong-clock"},
    {"RegisteredLate", "at 0 registration 2\nat 40000 registration"},
    {"UnknownLines", "at 3000 urc +CUSD: 1,\"\xC3\xA4 > OK\"\nafter 5000 urc NO CARRIER"},
};

std::string for_family(std::string plan, sim::ModemFamily family) {
  const bool quectel = family == sim::ModemFamily::kQuectel;
  const bool simcom = family == sim::ModemFamily::kSimcom;
  const std::pair<std::string, std::string> words[] = {
      {"$SEND", quectel  ? "AT+QISEND"
                : simcom ? "AT+CIPSEND"
                         : "AT+USOWR"},
      {"$OPEN", quectel  ? "AT+QIOPEN"
                : simcom ? "AT+CIPOPEN"
                         : "AT+USOCO"},
      {"$READ", quectel  ? "AT+QIRD"
                : simcom ? "AT+CIPRXGET=2"
                         : "AT+USORD"},
  };
  for (const auto& [word, command] : words) {
    for (std::size_t at = plan.find(word); at != std::string::npos; at = plan.find(word)) {
      plan.replace(at, word.size(), command);
    }
  }
  return plan;
}

// The driver never asks what lies; pushed data is neither read nor announced, and Quectel's alone is followed by a
// line's end; u-blox has one order.
bool has_no_opportunity(const std::string& fault, const Case& the_case) {
  return fault == "qiact-lies" || (fault == "swap-order" && the_case.name == "ublox") ||
         (fault == "no-trailer" && !(the_case.push && the_case.family == sim::ModemFamily::kQuectel)) ||
         (the_case.push && (fault == "no-recv" || fault == "error" || fault == "no-final"));
}

class T40_Fault : public ::testing::TestWithParam<std::tuple<Case, Fault>> {};
INSTANTIATE_TEST_SUITE_P(Families, T40_Fault,
                         ::testing::Combine(::testing::ValuesIn(all_cases()), ::testing::ValuesIn(kFaults)),
                         [](const auto& each) {
                           return std::get<0>(each.param).name + "_" + std::get<1>(each.param).name;
                         });

TEST_P(T40_Fault, TheFileArrivesWhole) {
  const auto& [the_case, fault] = GetParam();
  World world(the_case);
  world.module.faults() = sim::ModemFaults::parse(for_family(fault.plan, the_case.family));
  world.server.files["image"] = content(kSize);
  const Instant start = world.clock.world_now();
  while (world.fetch("image", kSize, fault.limit) != ftp::DownloadState::kDone) {
    ASSERT_LT(world.clock.world_now() - start, fault.limit)
        << name(world.download->outcome().error()) << ", " << world.sink.bytes.size() << " bytes; " << world.told();
    world.sink.bytes.clear();  // what a size mismatch asks for
    world.run_for(30s);
  }
  EXPECT_EQ(world.sink.bytes, content(kSize));
  for (const std::string& missed : world.module.faults().unfired()) {
    EXPECT_TRUE(has_no_opportunity(missed, the_case)) << missed << " never happened";
  }
}

TEST(ModemFaults, T40_EveryNameIsTried) {
  for (const std::string& name : sim::ModemFaults::names()) {
    EXPECT_TRUE(std::any_of(kFaults.begin(), kFaults.end(), [&](const Fault& fault) {
      const auto plan = sim::ModemFaults::parse(for_family(fault.plan, sim::ModemFamily::kQuectel));
      return plan.has(name);
    })) << name;
  }
}

}  // namespace
}  // namespace ferry::modem
