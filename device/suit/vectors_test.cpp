// Envelopes made by others: the drafts' own examples, and Ferry's templates as another implementation took them.
// They are not part of the sources: FERRY_SHARED names the folder that holds suit.json, ../shared/vectors beside the
// project is looked at otherwise.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "device/suit/test_envelope.h"

namespace ferry::suit {
namespace {

using test::Bytes;
using testing::ElementsAre;

Bytes from_hex(const std::string& text) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(text.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

std::filesystem::path vectors_file() {
  const char* folder = std::getenv("FERRY_SHARED");
  if (folder != nullptr) {
    return std::filesystem::path(folder) / "suit.json";
  }
  return std::filesystem::path(FERRY_SOURCE_DIR) / "../shared/vectors/suit.json";
}

// Takes every identity; the slot is B.
class Device final : public Platform {
 public:
  std::vector<std::string> calls;

  Result<Progress> vendor_identifier(Component, ByteView id) override { return equal_to(id, "fa6b4a53"); }
  Result<Progress> class_identifier(Component, ByteView id) override { return equal_to(id, "1492af14"); }
  Result<Progress> device_identifier(Component, ByteView id) override { return equal_to(id, "f26970c0"); }
  Result<Progress> image_match(Component component, const Sha256Digest& digest,
                               std::optional<std::uint32_t> size) override {
    return note("match", component, std::to_string(digest[0]) + "/" + std::to_string(size.value_or(0)));
  }
  Result<Progress> check_content(Component, ByteView) override { return fail(Error::kConditionFailed); }
  Result<Progress> component_slot(Component, std::uint64_t slot) override {
    return slot == 1 ? Result<Progress>(Progress::kDone) : fail(Error::kConditionFailed);
  }
  Result<Progress> use_before(std::uint64_t) override { return Progress::kDone; }
  Result<Progress> minimum_battery(std::uint64_t) override { return Progress::kDone; }
  Result<Progress> version(Component, Comparison comparison, const Version& wanted) override {
    return holds(Version::parse("2.0.9").value(), comparison, wanted) ? Result<Progress>(Progress::kDone)
                                                                      : fail(Error::kNothingNewer);
  }
  Result<Progress> fetch(Component component, const Parameters& parameters) override {
    return note("fetch", component, parameters.uri);
  }
  Result<Progress> write(Component component, const Parameters&) override { return note("write", component, ""); }
  Result<Progress> copy(Component component, Component source, const Parameters& parameters) override {
    return note("copy", component,
                std::to_string(source) + (parameters.encryption_info.data() != nullptr ? " decrypt" : ""));
  }
  Result<Progress> swap(Component component, Component) override { return note("swap", component, ""); }
  Result<Progress> invoke(Component component, const Parameters&) override { return note("invoke", component, ""); }

 private:
  static Result<Progress> equal_to(ByteView id, const std::string& start) {
    return equal(id.first(4), from_hex(start)) ? Result<Progress>(Progress::kDone) : fail(Error::kNotForThisDevice);
  }
  Result<Progress> note(std::string_view what, Component component, std::string_view detail) {
    calls.push_back(std::string(what) + " " + std::to_string(component) + (detail.empty() ? "" : " ") +
                    std::string(detail));
    return Progress::kDone;
  }
};

class Vectors : public testing::Test {
 protected:
  void SetUp() override {
    const auto path = vectors_file();
    std::ifstream file(path);
    if (!file) {
      GTEST_SKIP() << "no test vectors at " << path << "; FERRY_SHARED names the folder that holds suit.json";
    }
    const auto json = nlohmann::json::parse(file);
    for (const auto& vector : json.at("vectors")) {
      envelopes_[vector.at("name").get<std::string>()] = from_hex(vector.at("hex").get<std::string>());
    }
    const Bytes key = from_hex(json.at("keys").at("TA P-256 pub (uncompressed)").get<std::string>());
    cose::TrustAnchor anchor;
    copy(key, anchor.key);
    anchors_.push_back(anchor);
    anchor.algorithm = cose::kEs256Deprecated;
    anchors_.push_back(anchor);
  }

  [[nodiscard]] const Bytes& envelope(const std::string& name) const { return envelopes_.at(name); }
  [[nodiscard]] Result<Manifest> open(const std::string& name) const { return authenticate(envelope(name), anchors_); }

  // What a device is asked to do by one member; or the name of the error.
  [[nodiscard]] std::vector<std::string> run(const std::string& name, Member member) const {
    const auto manifest = open(name);
    if (!manifest) {
      return {std::string(ferry::name(manifest.error()))};
    }
    Device device;
    Processor processor(*manifest, device);
    if (const Status begun = processor.begin(member); !begun) {
      return {std::string(ferry::name(begun.error()))};
    }
    if (const auto progress = processor.step(); !progress) {
      device.calls.emplace_back(ferry::name(progress.error()));
    }
    return device.calls;
  }

  std::map<std::string, Bytes> envelopes_;
  std::vector<cose::TrustAnchor> anchors_;
};

TEST_F(Vectors, T1_UnsignedExamplesAreRefused) {
  for (const auto& [name, bytes] : envelopes_) {
    if (name.starts_with("draft-suit-manifest") && name.ends_with(".0")) {
      EXPECT_EQ(open(name).error(), Error::kNotAuthentic) << name;
    }
  }
  EXPECT_EQ(open("template/T1-bad-signature").error(), Error::kNotAuthentic);
}

TEST_F(Vectors, T2_TheDeprecatedAlgorithmNeedsAKeyBoundToIt) {
  const std::string name = "draft-suit-manifest-37/example0.1";
  EXPECT_TRUE(open(name));
  EXPECT_EQ(authenticate(envelope(name), std::span(anchors_).first(1)).error(), Error::kNotAuthentic);
  EXPECT_EQ(authenticate(envelope("template/T1-esp256-ctr"), std::span(anchors_).last(1)).error(),
            Error::kNotAuthentic);
}

TEST_F(Vectors, TheDraftsExamplesRun) {
  const std::string draft = "draft-suit-manifest-37/example";
  EXPECT_THAT(run(draft + "0.1", Member::kValidate), ElementsAre("match 0 0/34768"));
  EXPECT_THAT(run(draft + "0.1", Member::kInvoke), ElementsAre("invoke 0"));
  EXPECT_THAT(run(draft + "1.1", Member::kInstall),
              ElementsAre("fetch 0 http://example.com/file.bin", "match 0 0/34768"));
  EXPECT_THAT(run(draft + "3.1", Member::kInstall),
              ElementsAre("fetch 0 http://example.com/file2.bin", "match 0 1/76834"));
  EXPECT_THAT(run(draft + "4.1", Member::kPayloadFetch),
              ElementsAre("fetch 1 http://example.com/file.bin", "match 1 0/0"));
  EXPECT_THAT(run(draft + "4.1", Member::kInstall), ElementsAre("copy 0 1", "match 0 0/34768"));
  EXPECT_THAT(run(draft + "4.1", Member::kLoad), ElementsAre("copy 2 0", "match 2 1/76834"));
  EXPECT_THAT(run(draft + "4.1", Member::kInvoke), ElementsAre("invoke 2"));
  EXPECT_THAT(run(draft + "5.1", Member::kInstall),
              ElementsAre("fetch 0 http://example.com/file1.bin", "match 0 0/34768",
                          "fetch 1 http://example.com/file2.bin", "match 1 1/76834"));
}

TEST_F(Vectors, TheDraftsSeveredExample) {
  const std::string severed = "draft-suit-manifest-37/example2.1";
  const std::string whole = "draft-suit-manifest-37/example2.2";
  EXPECT_THAT(run(severed, Member::kInstall), ElementsAre("severed"));
  EXPECT_THAT(run(severed, Member::kInvoke), ElementsAre("invoke 0"));
  EXPECT_THAT(run(whole, Member::kInstall),
              ElementsAre("fetch 0 http://example.com/very/long/path/to/file/file.bin", "match 0 0/34768"));
  const auto manifest = open(whole);
  ASSERT_TRUE(manifest);
  EXPECT_TRUE(manifest->member(Member::kText));
  EXPECT_EQ(manifest->reference_uri(), "https://git.io/JJYoj");
  EXPECT_EQ(open(severed)->digest(), manifest->digest());
}

TEST_F(Vectors, TemplatesRun) {
  const std::string uri = "ftp://updates.example.com/acme/gw1/2.1.0/app";
  const std::string one = "template/T1-esp256-ctr";
  EXPECT_EQ(open(one)->sequence_number(), 42U);
  EXPECT_EQ(open(one)->set_version(), Version::parse("2.1.0").value());
  EXPECT_THAT(run(one, Member::kPayloadFetch), ElementsAre("fetch 1 " + uri + ".enc", "match 1 250/30"));
  EXPECT_THAT(run(one, Member::kInstall), ElementsAre("copy 0 1 decrypt", "match 0 54/30"));
  EXPECT_THAT(run(one, Member::kValidate), ElementsAre("match 0 54/30"));
  EXPECT_THAT(run(one, Member::kInvoke), ElementsAre("invoke 0"));
  const std::string two = "template/T2-esp256";
  EXPECT_THAT(run(two, Member::kPayloadFetch), ElementsAre("fetch 1 " + uri + "_b.enc", "match 1 111/46"));
  EXPECT_THAT(run(two, Member::kInstall), ElementsAre("copy 0 1 decrypt", "match 0 54/30"));
}

TEST_F(Vectors, T11_ExamplesThatCheckNothing) {
  EXPECT_THAT(run("template/try-each-order", Member::kInstall), ElementsAre("unchecked"));
  EXPECT_THAT(run("draft-fw-enc-24/suit-manifest-es-ecdh-content.hex.signed", Member::kInstall),
              ElementsAre("unchecked"));
}

TEST_F(Vectors, T10_TrustDomainsAreRefused) {
  for (const std::string name : {"example0_dependent", "example1_process", "example2_integrated"}) {
    EXPECT_EQ(open("draft-trust-domains-11/" + name + ".hex").error(), Error::kManifestMalformed) << name;
  }
}

TEST_F(Vectors, T2_MessageAuthenticationCodesAreRefused) {
  EXPECT_EQ(open("draft-fw-enc-24/suit-manifest-aes-kw.hex.signed").error(), Error::kNotAuthentic);
}

}  // namespace
}  // namespace ferry::suit
