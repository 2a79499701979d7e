// The order in which commands run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/suit/processor.h"
#include "device/suit/test_envelope.h"

namespace ferry::suit {
namespace {

using namespace test;  // NOLINT: this is what the tests are written in
using testing::ElementsAre;

Error refusal(const std::vector<Command>& commands) {
  const Outcome outcome = install(commands);
  EXPECT_FALSE(outcome.status);
  EXPECT_THAT(outcome.calls, testing::IsEmpty());  // before the first command
  return outcome.status ? Error::kInvalidArgument : outcome.status.error();
}

// --- Control flow ---

TEST(ProcessorFlow, TryEachStopsAtTheFirstThatSucceeds) {
  const auto write = [](std::string_view content) {
    return std::vector<Command>{set({{label::kParameterContent, bytes(as_bytes(content))}}), kWrite, kMatch};
  };
  EXPECT_THAT(install({try_each({write("A"), write("B")})}).calls,
              ElementsAre("vendor 0", "class 0", "write 0 A", "match 0 1/100"));
}

TEST(ProcessorFlow, TryEachFailsWithTheLastError) {
  RecordingPlatform platform;
  platform.refusals = {{"match", Error::kImageMismatch}, {"version", Error::kNothingNewer}};
  const Bytes version = list({number(5), list({number(2)})});
  const Command wanted = set({{label::kParameterVersion, bytes(version)}});
  const Command is_newer = run(label::kConditionVersion);
  EXPECT_EQ(install({wanted, try_each({{kMatch}, {is_newer}})}, platform).status.error(), Error::kNothingNewer);
  EXPECT_EQ(install({wanted, try_each({{is_newer}, {kMatch}})}, platform).status.error(), Error::kImageMismatch);
  EXPECT_TRUE(install({wanted, try_each({{is_newer}, {kMatch}}, true)}, platform).status);
}

TEST(ProcessorFlow, AbortIsAConditionThatNeverHolds) {
  EXPECT_EQ(install({kAbort}).status.error(), Error::kAborted);
  EXPECT_TRUE(install({try_each({{kAbort}, {kMatch}})}).status);
  EXPECT_EQ(install({try_each({{kAbort}, {kAbort}})}).status.error(), Error::kAborted);
}

TEST(ProcessorFlow, AFailureThatIsNotSoftEndsAll) {
  const Command hard = set({{label::kParameterSoftFailure, flag(false)}});
  EXPECT_EQ(install({try_each({{hard, kAbort}, {kMatch}})}).status.error(), Error::kAborted);
  EXPECT_EQ(install({try_each({{try_each({{hard, kAbort}, {kMatch}})}, {kMatch}})}).status.error(), Error::kAborted);
  EXPECT_TRUE(install({try_each({{hard, kMatch}, {kAbort}})}).status);
}

TEST(ProcessorFlow, ASoftSequenceMayFail) {
  const Command soft = set({{label::kParameterSoftFailure, flag(true)}});
  EXPECT_EQ(install({run_sequence({kAbort}), kMatch}).status.error(), Error::kAborted);
  EXPECT_THAT(install({run_sequence({soft, kAbort, kFetch}), kMatch}).calls,
              ElementsAre("vendor 0", "class 0", "match 0 1/100"));
  // Nested sequences do not inherit it; but what they fail with is caught where it is soft.
  EXPECT_TRUE(install({run_sequence({soft, run_sequence({kAbort})}), kMatch}).status);
  EXPECT_TRUE(install({try_each({{run_sequence({kAbort})}, {kMatch}})}).status);
  EXPECT_TRUE(install({try_each({{try_each({{kAbort}, {kAbort}})}, {kMatch}})}).status);
}

TEST(ProcessorFlow, T9_SoftFailureOutsideASequenceIsRefused) {
  for (const bool value : {false, true}) {
    EXPECT_EQ(refusal({set({{label::kParameterSoftFailure, flag(value)}})}), Error::kManifestMalformed);
  }
}

TEST(ProcessorFlow, OnlyConditionsAreCaught) {
  for (const Error error : {Error::kIo, Error::kFtpFileUnavailable, Error::kPayloadMismatch, Error::kImageMismatch}) {
    RecordingPlatform platform;
    platform.refusals = {{"fetch", error}};
    EXPECT_EQ(install({try_each({{kFetch, kMatch}, {kMatch}})}, platform).status.error(), error);
  }
  for (const Error error : {Error::kIo, Error::kFlashWornOut, Error::kCryptoFailure, Error::kManifestMalformed}) {
    RecordingPlatform platform;
    platform.refusals = {{"match", error}};
    EXPECT_EQ(install({try_each({{kMatch}, {kMatch}})}, platform).status.error(), error);
  }
  // A condition without its parameter is a mistake of the author, not a property of the device.
  EXPECT_EQ(install({try_each({{run(label::kConditionUseBefore)}, {kMatch}})}).status.error(),
            Error::kManifestMalformed);
}

TEST(ProcessorFlow, DeltaFallsBackToTheFullPayload) {
  const auto branch = [](std::string_view name, bool precursor) {
    std::vector<Command> commands;
    if (precursor) {
      commands = {select(0), set({{label::kParameterImageDigest, bytes(digest(9))}}), kMatch};
    }
    commands.insert(commands.end(), {select(1), uri(name)});
    return commands;
  };
  Recipe recipe = two_components();
  recipe.member(label::kPayloadFetch,
                {select(0), try_each({branch("delta", true), branch("full", false)}), select(1), kFetch, kMatch});
  EXPECT_EQ(execute(recipe, Member::kPayloadFetch).calls[3], "fetch 1 delta");
  RecordingPlatform platform;
  platform.refusals = {{"match 0 9", Error::kImageMismatch}};
  EXPECT_EQ(execute(recipe, Member::kPayloadFetch, platform).calls[3], "fetch 1 full");
}

// --- Several components at once ---

TEST(ProcessorFlow, CommandsRunOnEveryComponentInOrder) {
  Recipe recipe = two_components();
  const auto matched = [&](const Bytes& index) {
    recipe.member(label::kValidate, {{label::kDirectiveSetComponentIndex, index}, kMatch});
    auto calls = execute(recipe, Member::kValidate).calls;
    calls.erase(calls.begin(), calls.begin() + 2);
    return calls;
  };
  EXPECT_THAT(matched(flag(true)), ElementsAre("match 0 1/100", "match 1 2/50"));
  EXPECT_THAT(matched(list({number(1), number(0)})), ElementsAre("match 1 2/50", "match 0 1/100"));
  EXPECT_THAT(matched(list({number(1)})), ElementsAre("match 1 2/50"));
}

TEST(ProcessorFlow, SequencesRunOnceForEachComponent) {
  Recipe recipe = two_components();
  const Command all = {label::kDirectiveSetComponentIndex, flag(true)};
  recipe.member(label::kValidate, {all, run_sequence({kMatch, run(label::kConditionImageMatch)}), kMatch});
  EXPECT_THAT(execute(recipe, Member::kValidate).calls,
              ElementsAre("vendor 0", "class 0", "match 0 1/100", "match 0 1/100", "match 1 2/50", "match 1 2/50",
                          "match 0 1/100", "match 1 2/50"));
  RecordingPlatform platform;
  platform.refusals = {{"content 0", Error::kConditionFailed}};
  const Command content = set({{label::kParameterContent, bytes(Bytes{'c'})}});
  recipe.member(label::kValidate, {all, content, try_each({{run(label::kConditionCheckContent)}, {kMatch}})});
  EXPECT_THAT(execute(recipe, Member::kValidate, platform).calls,
              ElementsAre("vendor 0", "class 0", "content 0 c", "match 0 1/100", "content 1 c"));
}

TEST(ProcessorFlow, ASelectionInsideASequenceEndsWithIt) {
  Recipe recipe = two_components();
  recipe.member(label::kValidate, {select(0), run_sequence({select(1), kMatch}), kMatch});
  EXPECT_THAT(execute(recipe, Member::kValidate).calls,
              ElementsAre("vendor 0", "class 0", "match 1 2/50", "match 0 1/100"));
}

// --- Single commands ---

TEST(ProcessorFlow, EveryParameterReachesItsCommand) {
  const Outcome outcome = install({set({{label::kParameterContent, bytes(as_bytes("C"))},
                                        {label::kParameterComponentSlot, number(3)},
                                        {label::kParameterInvokeArguments, bytes(as_bytes("arg"))},
                                        {label::kParameterFetchArguments, bytes({})},
                                        {label::kParameterDeviceIdentifier, uuid(kDevice)},
                                        {label::kParameterStrictOrder, flag(false)},
                                        {label::kParameterEncryptionInfo, bytes(Bytes{1})}}),
                                   run(label::kConditionDeviceIdentifier), run(label::kConditionComponentSlot),
                                   run(label::kConditionCheckContent), kInvoke});
  EXPECT_TRUE(outcome.status);
  EXPECT_THAT(outcome.calls, ElementsAre("vendor 0", "class 0", "device 0", "slot 0 3", "content 0 C", "invoke 0 arg"));
}

TEST(ProcessorFlow, ImageNotMatchIsTheContrary) {
  RecordingPlatform platform;
  const Command differs = run(label::kConditionImageNotMatch);
  EXPECT_EQ(install({differs}).status.error(), Error::kConditionFailed);
  for (const Error error : {Error::kImageMismatch, Error::kPayloadMismatch}) {
    platform.refusals = {{"match", error}};
    EXPECT_TRUE(install({differs}, platform).status);
  }
  platform.refusals = {{"match", Error::kIo}};
  EXPECT_EQ(install({differs}, platform).status.error(), Error::kIo);
}

TEST(ProcessorFlow, ConditionsAndDirectivesNeedTheirParameters) {
  for (const std::int64_t condition :
       {label::kConditionUseBefore, label::kConditionComponentSlot, label::kConditionCheckContent,
        label::kConditionDeviceIdentifier, label::kConditionMinimumBattery, label::kConditionVersion}) {
    EXPECT_EQ(install({run(condition)}).status.error(), Error::kManifestMalformed) << condition;
  }
  EXPECT_EQ(install({kCopy, kMatch}).status.error(), Error::kManifestMalformed);
  const Command itself = set({{label::kParameterSourceComponent, number(0)}});
  EXPECT_EQ(install({itself, kCopy, kMatch}).status.error(), Error::kManifestMalformed);
  EXPECT_EQ(install({itself, kSwap, kMatch}).status.error(), Error::kManifestMalformed);
}

TEST(ProcessorFlow, ParametersAreOfOneComponent) {
  const Bytes envelope = two_components().envelope();
  const auto manifest = open(envelope);
  ASSERT_TRUE(manifest);
  RecordingPlatform platform;
  Processor processor(*manifest, platform);
  ASSERT_TRUE(processor.begin(Member::kValidate));
  EXPECT_FALSE(processor.shared_done());
  EXPECT_EQ(processor.step(), Progress::kDone);
  EXPECT_EQ(processor.parameters(0).image_size, 100U);
  EXPECT_EQ(processor.parameters(1).image_size, 50U);
  EXPECT_TRUE(processor.parameters(1).vendor_id.empty());
}

TEST(ProcessorFlow, FitsASmallDevice) {
  EXPECT_LE(sizeof(Processor), 6000U);
  EXPECT_LE(sizeof(Manifest), 1500U);
}

}  // namespace
}  // namespace ferry::suit
