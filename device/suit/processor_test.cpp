#include "device/suit/processor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/suit/test_envelope.h"

namespace ferry::suit {
namespace {

using namespace test;  // NOLINT: this is what the tests are written in
using testing::ElementsAre;
using testing::IsEmpty;

Error refusal(const std::vector<Command>& commands) {
  const Outcome outcome = install(commands);
  EXPECT_FALSE(outcome.status);
  EXPECT_THAT(outcome.calls, IsEmpty());  // before the first command
  return outcome.status ? Error::kInvalidArgument : outcome.status.error();
}

TEST(Processor, TemplateOneFromFetchToInvoke) {
  Recipe recipe = two_components();
  const Bytes version = list({number(5), list({number(2), number(1), number(0)})});
  recipe.member(label::kPayloadFetch,
                {select(0),
                 set({{label::kParameterUseBefore, number(1900000000)},
                      {label::kParameterVersion, bytes(version)},
                      {label::kParameterMinimumBattery, number(500)}}),
                 run(label::kConditionUseBefore), run(label::kConditionVersion), run(label::kConditionMinimumBattery),
                 select(1), uri("2.1.0/app.fpk"), kFetch, kMatch});
  recipe.member(label::kInstall, {select(0), set({{label::kParameterSourceComponent, number(1)}}), kCopy, kMatch});
  recipe.member(label::kValidate, {select(0), kMatch});
  recipe.member(label::kInvoke, {select(0), kInvoke});

  const Outcome fetched = execute(recipe, Member::kPayloadFetch);
  EXPECT_TRUE(fetched.status);
  EXPECT_THAT(fetched.calls, ElementsAre("vendor 0", "class 0", "before 0 1900000000", "version 0 5 2.1.0",
                                         "battery 0 500", "fetch 1 2.1.0/app.fpk", "match 1 2/50"));
  const Outcome installed = execute(recipe, Member::kInstall);
  EXPECT_TRUE(installed.status);
  EXPECT_THAT(installed.calls, ElementsAre("vendor 0", "class 0", "copy 0 1", "match 0 1/100"));
  EXPECT_THAT(execute(recipe, Member::kValidate).calls, ElementsAre("vendor 0", "class 0", "match 0 1/100"));
  EXPECT_THAT(execute(recipe, Member::kInvoke).calls, ElementsAre("vendor 0", "class 0", "invoke 0"));
  const Outcome nothing = execute(recipe, Member::kLoad);  // the shared sequence alone
  EXPECT_TRUE(nothing.status);
  EXPECT_THAT(nothing.calls, ElementsAre("vendor 0", "class 0"));
}

TEST(Processor, TemplateTwoTakesTheBranchOfTheSlot) {
  const auto slot = [](std::uint64_t index) {
    return set({{label::kParameterComponentSlot, number(static_cast<std::int64_t>(index))}});
  };
  const Command is_slot = run(label::kConditionComponentSlot);
  Recipe recipe = two_components();
  recipe.shared = {select(0), identity(), kCheckVendor, kCheckClass,
                   try_each({{slot(0), is_slot, set({{label::kParameterImageDigest, bytes(digest(0xA))}})},
                             {slot(1), is_slot, set({{label::kParameterImageDigest, bytes(digest(0xB))}})}})};
  recipe.member(
      label::kPayloadFetch,
      {select(0),
       try_each({{slot(0), is_slot, select(1), uri("a"), set({{label::kParameterImageDigest, bytes(digest(3))}})},
                 {slot(1), is_slot, select(1), uri("b"), set({{label::kParameterImageDigest, bytes(digest(4))}})}}),
       select(1), kFetch, kMatch});
  RecordingPlatform platform;
  platform.refusals = {{"slot 0 0", Error::kConditionFailed}};
  const Outcome outcome = execute(recipe, Member::kPayloadFetch, platform);
  EXPECT_TRUE(outcome.status);
  EXPECT_THAT(outcome.calls, ElementsAre("vendor 0", "class 0", "slot 0 0", "slot 0 1", "slot 0 0", "slot 0 1",
                                         "fetch 1 b", "match 1 4"));
  platform.refusals = {{"slot", Error::kConditionFailed}};
  EXPECT_EQ(execute(recipe, Member::kPayloadFetch, platform).status.error(), Error::kConditionFailed);
}

// --- T3: whose manifest it is ---

TEST(Processor, T3_AnotherVendorClassOrDeviceStopsBeforeTheFetch) {
  for (const std::int64_t which :
       {label::kParameterVendorIdentifier, label::kParameterClassIdentifier, label::kParameterDeviceIdentifier}) {
    Recipe recipe;
    recipe.shared = {identity({{label::kParameterDeviceIdentifier, uuid(kDevice)}}), set({{which, uuid(0xEE)}}),
                     kCheckVendor, kCheckClass, run(label::kConditionDeviceIdentifier)};
    recipe.member(label::kPayloadFetch, {uri("x"), kFetch, kMatch});
    const Outcome outcome = execute(recipe, Member::kPayloadFetch);
    EXPECT_EQ(outcome.status.error(), Error::kNotForThisDevice) << which;
    EXPECT_THAT(outcome.calls.back(), testing::HasSubstr("differs"));
  }
}

TEST(Processor, T3_OneOfSeveralClasses) {
  const auto branch = [](std::uint8_t fill) {
    return std::vector<Command>{set({{label::kParameterClassIdentifier, uuid(fill)}}), kCheckClass};
  };
  Recipe recipe;
  recipe.shared = {identity(), kCheckVendor, try_each({branch(0xEE), branch(kClass)})};
  recipe.member(label::kInstall, {kWrite, kMatch});
  EXPECT_TRUE(execute(recipe, Member::kInstall).status);
  recipe.shared.back() = try_each({branch(0xEE), branch(0xEF)});
  EXPECT_EQ(execute(recipe, Member::kInstall).status.error(), Error::kNotForThisDevice);
  recipe.shared.back() = try_each({branch(0xEE), branch(0xEF)}, true);  // "or none": then nothing may act
  EXPECT_EQ(execute(recipe, Member::kInstall).status.error(), Error::kUnchecked);
}

// --- T10: what is not known ---

TEST(Processor, T10_UnknownCommandsAreRefusedBeforeTheFirst) {
  for (const std::int64_t command : {0, 7, 8, 9, 10, 11, 13, 16, 17, 19, 27, 29, 30, 33, 34, 35, 255, -1, -257}) {
    EXPECT_EQ(refusal({kMatch, run(command)}), Error::kUnknownCommand) << command;
    EXPECT_EQ(refusal({try_each({{kMatch}, {kMatch, run(command)}})}), Error::kUnknownCommand) << command;
    EXPECT_EQ(refusal({run_sequence({run(command)})}), Error::kUnknownCommand) << command;
  }
}

TEST(Processor, T10_UnknownParametersAreRefusedBeforeTheFirst) {
  for (const std::int64_t parameter : {0, 6, 7, 11, 15, 20, 27, 29, 30, 31, -1, -257}) {
    EXPECT_EQ(refusal({kMatch, set({{parameter, number(0)}})}), Error::kUnknownParameter) << parameter;
  }
  EXPECT_EQ(refusal({{label::kDirectiveOverrideParameters, map(Pairs{{text("x"), number(0)}})}}),
            Error::kUnknownParameter);
}

TEST(Processor, T10_TheWholeUpdateIsLookedAtBeforeItBegins) {
  Recipe recipe;
  recipe.member(label::kPayloadFetch, {uri("x"), kFetch, kMatch});
  recipe.member(label::kInvoke, {run(99)});
  const Outcome outcome = execute(recipe, Member::kPayloadFetch);
  EXPECT_EQ(outcome.status.error(), Error::kUnknownCommand);
  EXPECT_THAT(outcome.calls, IsEmpty());
  recipe.member(label::kInvoke, {kInvoke});
  recipe.member(label::kInstall, {run(99)});
  EXPECT_EQ(execute(recipe, Member::kPayloadFetch).status.error(), Error::kUnknownCommand);
  EXPECT_TRUE(execute(recipe, Member::kInvoke).status);  // a bootloader need not know what an update uses
  recipe.shared.push_back(run(99));
  EXPECT_EQ(execute(recipe, Member::kInvoke).status.error(), Error::kUnknownCommand);
}

TEST(Processor, T10_NothingActsInTheSharedSequence) {
  for (const Command& command : {kFetch, kWrite, kCopy, kSwap, kInvoke}) {
    Recipe recipe;
    recipe.shared.push_back(command);
    EXPECT_EQ(execute(recipe, Member::kValidate).status.error(), Error::kManifestMalformed);
    recipe.shared.back() = try_each({{kMatch}, {command}});
    EXPECT_EQ(execute(recipe, Member::kValidate).status.error(), Error::kManifestMalformed);
  }
}

// --- T9: form ---

TEST(Processor, T9_MalformedSequences) {
  const auto refuse = [](const Bytes& sequence) {
    Recipe recipe;
    recipe.members[label::kInstall] = bytes(sequence);
    const Outcome outcome = execute(recipe, Member::kInstall);
    EXPECT_THAT(outcome.calls, IsEmpty());
    return outcome.status.error();
  };
  EXPECT_EQ(refuse(list({})), Error::kManifestMalformed);
  EXPECT_EQ(refuse(list({number(3)})), Error::kManifestMalformed);
  EXPECT_EQ(refuse(list({number(3), number(15), number(3)})), Error::kManifestMalformed);
  EXPECT_EQ(refuse(map(Numbered{})), Error::kCborWrongType);
  EXPECT_EQ(refuse(list({text("x"), number(15)})), Error::kCborWrongType);
  EXPECT_EQ(refuse(sequence({kMatch}) + Bytes{0}), Error::kCborTrailingData);
  EXPECT_EQ(refuse(list({number(3), number(16)})), Error::kManifestMalformed);  // reporting policy: four bits
  EXPECT_EQ(refuse(list({number(3), null()})), Error::kCborWrongType);
  EXPECT_EQ(refuse(Bytes{0x82, 0x03, 0x18, 0x0F}), Error::kCborNotCanonical);
  EXPECT_EQ(refuse(Bytes{0x9F, 0x03, 0x0F, 0xFF}), Error::kCborNotCanonical);
}

TEST(Processor, T9_MalformedArguments) {
  const auto parameter = [](std::int64_t label, const Bytes& value) { return refusal({set({{label, value}})}); };
  EXPECT_EQ(parameter(label::kParameterVendorIdentifier, bytes(Bytes(15, 1))), Error::kManifestMalformed);
  EXPECT_EQ(parameter(label::kParameterClassIdentifier, bytes(Bytes(17, 1))), Error::kManifestMalformed);
  EXPECT_EQ(parameter(label::kParameterDeviceIdentifier, text("x")), Error::kCborWrongType);
  EXPECT_EQ(parameter(label::kParameterImageDigest, digest(1)), Error::kCborWrongType);  // not wrapped
  EXPECT_EQ(parameter(label::kParameterImageDigest, bytes(list({number(-44), bytes(Bytes(64))}))),
            Error::kUnknownAlgorithm);
  EXPECT_EQ(parameter(label::kParameterImageDigest, bytes(list({number(-16), bytes(Bytes(31))}))),
            Error::kManifestMalformed);
  EXPECT_EQ(parameter(label::kParameterImageDigest, bytes(digest(1) + Bytes{0})), Error::kCborTrailingData);
  EXPECT_EQ(parameter(label::kParameterImageSize, number(-1)), Error::kCborWrongType);
  EXPECT_EQ(parameter(label::kParameterSourceComponent, number(1)), Error::kManifestMalformed);
  EXPECT_EQ(parameter(label::kParameterUri, bytes({})), Error::kCborWrongType);
  EXPECT_EQ(parameter(label::kParameterStrictOrder, number(1)), Error::kCborWrongType);
  EXPECT_EQ(parameter(label::kParameterVersion, bytes(list({number(6), list({number(1)})}))),
            Error::kManifestMalformed);
  EXPECT_EQ(parameter(label::kParameterVersion, bytes(list({number(0), list({number(1)})}))),
            Error::kManifestMalformed);
  EXPECT_EQ(parameter(label::kParameterVersion, bytes(list({number(1), list({})}))), Error::kManifestMalformed);
  const Bytes twice = map(Pairs{{number(14), number(1)}, {number(14), number(2)}});
  EXPECT_EQ(refusal({{label::kDirectiveOverrideParameters, twice}}), Error::kCborNotCanonical);
  const Bytes disorder = map(Pairs{{number(21), text("x")}, {number(14), number(2)}});
  EXPECT_EQ(refusal({{label::kDirectiveOverrideParameters, disorder}}), Error::kCborNotCanonical);
}

TEST(Processor, T9_ComponentIndexesInBounds) {
  for (const Bytes& index : {number(1), number(-1), flag(false), null(), list({}), list({number(0), number(1)}),
                             list({number(0), number(0)}), text("0")}) {
    EXPECT_FALSE(install({{label::kDirectiveSetComponentIndex, index}, kMatch}).status);
  }
  Recipe recipe = two_components();
  for (const Bytes& index : {number(2), list({number(0), number(2)}), list({number(1), number(1)})}) {
    recipe.member(label::kInstall, {{label::kDirectiveSetComponentIndex, index}, kMatch});
    EXPECT_EQ(execute(recipe, Member::kInstall).status.error(), Error::kManifestMalformed);
  }
}

TEST(Processor, T9_WithSeveralComponentsTheFirstCommandSelects) {
  Recipe recipe = two_components();
  recipe.member(label::kInstall, {kMatch});
  EXPECT_EQ(execute(recipe, Member::kInstall).status.error(), Error::kManifestMalformed);
  recipe = two_components();
  recipe.shared = {identity(), kCheckVendor, kCheckClass};
  EXPECT_EQ(execute(recipe, Member::kInstall).status.error(), Error::kManifestMalformed);
}

TEST(Processor, T9_NestingIsBounded) {
  std::vector<Command> commands = {kMatch};
  for (std::size_t depth = 0; depth < kMaxNesting; ++depth) {
    commands = {depth % 2 == 0 ? run_sequence(commands) : try_each({commands, {kMatch}})};
  }
  EXPECT_TRUE(install(commands).status);
  EXPECT_EQ(refusal({run_sequence(commands)}), Error::kManifestMalformed);
  for (int depth = 0; depth < 200; ++depth) {
    commands = {run_sequence(commands)};
  }
  EXPECT_EQ(refusal(commands), Error::kManifestMalformed);
}

TEST(Processor, T9_StepsAreBounded) {
  std::vector<Command> commands(300, kMatch);
  EXPECT_TRUE(install(commands).status);
  EXPECT_EQ(install(std::vector<Command>(kMaxSteps + 1, kMatch)).status.error(), Error::kTooManySteps);
  // The same few bytes, over and over: each level runs the next one for every component.
  Recipe recipe;
  recipe.components.assign(kMaxComponents, list({bytes(Bytes{0})}));
  recipe.shared = {select(0), identity(), kCheckVendor, kCheckClass};
  const Command all = {label::kDirectiveSetComponentIndex, flag(true)};
  commands = {all, kCheckVendor};
  for (std::size_t depth = 0; depth < kMaxNesting; ++depth) {
    commands = {all, run_sequence(commands)};
  }
  commands.insert(commands.begin(), identity());
  commands.insert(commands.begin(), all);
  recipe.member(label::kInstall, commands);
  EXPECT_EQ(execute(recipe, Member::kInstall).status.error(), Error::kTooManySteps);
}

TEST(Processor, T9_TryEachHasTwoToManyAlternatives) {
  const auto alternatives = [](std::size_t count) { return try_each(std::vector(count, std::vector{kMatch})); };
  EXPECT_EQ(refusal({alternatives(0)}), Error::kManifestMalformed);
  EXPECT_EQ(refusal({alternatives(1)}), Error::kManifestMalformed);
  EXPECT_TRUE(install({alternatives(32)}).status);
  EXPECT_EQ(refusal({alternatives(33)}), Error::kManifestMalformed);
  EXPECT_EQ(refusal({{label::kDirectiveTryEach, list({null(), bytes(sequence({kMatch}))})}}), Error::kCborWrongType);
}

// --- T11: nothing acts unchecked ---

TEST(Processor, T11_NothingActsBeforeVendorAndClassWereChecked) {
  const std::vector<std::vector<Command>> checks = {{}, {kCheckVendor}, {kCheckClass}};
  for (const auto& some : checks) {
    Recipe recipe = two_components();
    recipe.shared = {select(0), identity()};
    recipe.shared.insert(recipe.shared.end(), some.begin(), some.end());
    for (const Command& command : {kFetch, kWrite, kCopy, kSwap, kInvoke}) {
      recipe.member(label::kInstall,
                    {select(0), set({{label::kParameterSourceComponent, number(1)}}), command, kMatch});
      const Outcome outcome = execute(recipe, Member::kInstall);
      EXPECT_EQ(outcome.status.error(), Error::kUnchecked);
      EXPECT_EQ(outcome.calls.size(), some.size());
    }
  }
}

TEST(Processor, T11_WhatWasWrittenMustBeMatched) {
  EXPECT_EQ(install({kFetch}).status.error(), Error::kUnchecked);
  EXPECT_EQ(install({kMatch, kFetch}).status.error(), Error::kUnchecked);
  EXPECT_TRUE(install({kFetch, kMatch}).status);
  EXPECT_EQ(install({kFetch, kMatch, kWrite}).status.error(), Error::kUnchecked);
  EXPECT_EQ(install({kFetch, run(label::kConditionCheckContent)}).status.error(), Error::kManifestMalformed);
  EXPECT_EQ(install({kFetch, run(label::kConditionImageNotMatch)}).status.error(), Error::kConditionFailed);
  Recipe recipe = two_components();
  recipe.member(label::kInstall, {select(0), kFetch, select(1), kMatch});
  EXPECT_EQ(execute(recipe, Member::kInstall).status.error(), Error::kUnchecked);
  recipe.member(label::kInstall,
                {select(0), set({{label::kParameterSourceComponent, number(1)}}), kSwap, kMatch});  // the other one too
  EXPECT_EQ(execute(recipe, Member::kInstall).status.error(), Error::kUnchecked);
}

TEST(Processor, T11_AFailedMatchThatIsCaughtMatchesNothing) {
  RecordingPlatform platform;
  platform.refusals = {{"match", Error::kImageMismatch}};
  EXPECT_EQ(install({try_each({{kFetch, kMatch}}, true)}, platform).status.error(), Error::kUnchecked);
}

TEST(Processor, T11_WhatWasNotMatchedIsNotUsed) {
  Recipe recipe = two_components();
  const Command source = set({{label::kParameterSourceComponent, number(1)}});
  for (const Command& command : {kCopy, kSwap}) {
    recipe.member(label::kInstall, {select(1), kFetch, select(0), source, command, kMatch, select(1), kMatch});
    const Outcome outcome = execute(recipe, Member::kInstall);
    EXPECT_EQ(outcome.status.error(), Error::kUnchecked);
    EXPECT_EQ(outcome.calls.back(), "fetch 1");
  }
  recipe.member(label::kLoad, {select(0), kWrite, kInvoke, kMatch});
  EXPECT_EQ(execute(recipe, Member::kLoad).status.error(), Error::kUnchecked);
}

TEST(Processor, T11_EachRunChecksAnew) {
  Recipe recipe;
  recipe.shared = {identity()};
  recipe.member(label::kPayloadFetch, {kCheckVendor, kCheckClass, kFetch, kMatch});
  recipe.member(label::kInstall, {kWrite, kMatch});
  const Bytes envelope = recipe.envelope();
  const auto manifest = open(envelope);
  ASSERT_TRUE(manifest);
  RecordingPlatform platform;
  Processor processor(*manifest, platform);
  ASSERT_TRUE(processor.begin(Member::kPayloadFetch));
  EXPECT_EQ(processor.step(), Progress::kDone);
  ASSERT_TRUE(processor.begin(Member::kInstall));
  EXPECT_EQ(processor.step().error(), Error::kUnchecked);
}

// --- Waiting ---

TEST(Processor, WaitsAndGoesOnWhereItWas) {
  Recipe recipe = two_components();
  recipe.member(label::kInstall,
                {select(1), kFetch, kMatch, select(0), set({{label::kParameterSourceComponent, number(1)}}),
                 try_each({{kAbort}, {kSwap, {label::kDirectiveSetComponentIndex, flag(true)}, kMatch}})});
  RecordingPlatform platform;
  const Outcome at_once = execute(recipe, Member::kInstall, platform);
  EXPECT_TRUE(at_once.status);
  EXPECT_EQ(at_once.steps, 1U);
  platform.waits = 3;
  const Outcome slowly = execute(recipe, Member::kInstall, platform);
  EXPECT_TRUE(slowly.status);
  EXPECT_EQ(slowly.calls, at_once.calls);
  EXPECT_EQ(slowly.steps, 1 + 3 * slowly.calls.size());
}

TEST(Processor, WaitingIsNoStep) {
  RecordingPlatform platform;
  platform.waits = 10 * kMaxSteps;
  EXPECT_TRUE(install({kFetch, kMatch}, platform).status);
  Recipe recipe = two_components();
  recipe.member(label::kInstall, {{label::kDirectiveSetComponentIndex, flag(true)}, kMatch});
  EXPECT_TRUE(execute(recipe, Member::kInstall, platform).status);
}

TEST(Processor, StaysFailedUntilBegun) {
  const Bytes envelope = Recipe().member(label::kInstall, {kAbort}).envelope();
  const auto manifest = open(envelope);
  ASSERT_TRUE(manifest);
  RecordingPlatform platform;
  Processor processor(*manifest, platform);
  EXPECT_EQ(processor.step().error(), Error::kWrongState);
  ASSERT_TRUE(processor.begin(Member::kInstall));
  EXPECT_EQ(processor.step().error(), Error::kAborted);
  EXPECT_EQ(processor.step().error(), Error::kWrongState);
  ASSERT_TRUE(processor.begin(Member::kValidate));
  EXPECT_EQ(processor.step(), Progress::kDone);
  EXPECT_TRUE(processor.shared_done());
  EXPECT_EQ(processor.step(), Progress::kDone);  // an extra call is harmless
  EXPECT_EQ(processor.begin(Member::kText).error(), Error::kInvalidArgument);
}

TEST(Processor, ASeveredSequenceIsSaid) {
  const Bytes sequence_bytes = bytes(sequence({kFetch, kMatch}));
  Recipe recipe;
  recipe.members[label::kInstall] = digest_of(sequence_bytes);
  const Bytes envelope = recipe.envelope();
  auto manifest = open(envelope);
  ASSERT_TRUE(manifest);
  RecordingPlatform platform;
  Processor processor(*manifest, platform);
  ASSERT_TRUE(processor.begin(Member::kInstall));
  EXPECT_EQ(processor.step().error(), Error::kSevered);
  EXPECT_TRUE(processor.shared_done());  // whom the release is for is known before the member is fetched
  EXPECT_EQ(processor.step().error(), Error::kWrongState);
  ASSERT_TRUE(manifest->attach(Member::kInstall, sequence_bytes));
  EXPECT_TRUE(processor.begin(Member::kInstall));
  EXPECT_EQ(processor.step(), Progress::kDone);
}

}  // namespace
}  // namespace ferry::suit
