// The openssl command is the independent judge of keys and signatures, python3-cbor2 (where it is installed) of the
// encoding.
#include "device/cbor/decoder.h"
#include "host/bytes.h"
#include "tests/tool/tool.h"

namespace ferry::tool {
namespace {

TEST_F(Tool, OpensslReadsTheKeys) {
  set_up_product();
  EXPECT_EQ(shell("openssl ec -in keys/release.key -noout -check").code, 0);
  EXPECT_EQ(shell("openssl ec -pubin -in keys/release.pub -noout").code, 0);
  EXPECT_EQ(shell("openssl ec -in meter.key -noout -check").code, 0);
  EXPECT_NE(shell("openssl ec -in keys/release.key -noout -text").out.find("prime256v1"), std::string::npos);
}

TEST_F(Tool, ReadsKeysThatOpensslMade) {
  set_up_product();
  // SEC 1 form, and a compressed public key.
  EXPECT_EQ(shell("openssl ecparam -name prime256v1 -genkey -noout -out s.key && "
                  "openssl ec -in s.key -pubout -conv_form compressed -out s.pub")
                .code,
            0);
  good("release --product meter.toml --version 1.0.0 --image app.bin --key s.key --repo repository");
  good("verify repository --trust s.pub");
  EXPECT_EQ(shell("openssl genpkey -algorithm ed25519 -out e.key").code, 0);
  expect_failure("release --product meter.toml --version 1.0.0 --image app.bin --key e.key --repo r",
                 "not a P-256 key");
  EXPECT_EQ(shell("openssl pkcs8 -topk8 -in s.key -passout pass:x -out p.key").code, 0);
  expect_failure("release --product meter.toml --version 1.0.0 --image app.bin --key p.key --repo r </dev/null",
                 "without passphrase");
}

void put_integer(std::string& der, ByteView number) {
  while (number.size() > 1 && number.front() == 0) {
    number = number.subspan(1);
  }
  const bool pad = (number.front() & 0x80) != 0;
  der += "\x02";
  der += static_cast<char>(number.size() + (pad ? 1 : 0));
  der += pad ? std::string(1, '\0') : "";
  der += as_text(number);
}

TEST_F(Tool, OpensslVerifiesTheSignature) {
  set_up_product();
  good("release " + release_arguments("1.0.0") + " --image app.bin");
  const host::Bytes envelope = host::read_file(folder_ / kManifest);
  cbor::Decoder in(envelope);
  ASSERT_EQ(in.read_tag().value(), 107U);
  ASSERT_GE(in.read_map().value(), 2U);
  ASSERT_EQ(in.read_unsigned().value(), 2U);
  cbor::Decoder wrapper(in.read_bytes().value());
  ASSERT_EQ(wrapper.read_array().value(), 2U);
  const ByteView digest = wrapper.read_bytes().value();
  cbor::Decoder sign1(wrapper.read_bytes().value());
  ASSERT_EQ(sign1.read_tag().value(), 18U);
  ASSERT_EQ(sign1.read_array().value(), 4U);
  const ByteView header = sign1.read_bytes().value();
  ASSERT_EQ(sign1.read_map().value(), 0U);
  ASSERT_TRUE(sign1.read_null().has_value());
  const ByteView signature = sign1.read_bytes().value();
  ASSERT_EQ(signature.size(), 64U);
  // The Sig_structure, written down by hand.
  ASSERT_EQ(header.size(), 3U);
  ASSERT_EQ(digest.size(), 36U);
  write("structure", std::string("\x84\x6ASignature1\x43") + std::string(as_text(header)) + "\x40\x58\x24" +
                         std::string(as_text(digest)));
  std::string numbers;
  put_integer(numbers, signature.first(32));
  put_integer(numbers, signature.subspan(32));
  write("signature", std::string("\x30") + static_cast<char>(numbers.size()) + numbers);
  EXPECT_EQ(shell("openssl dgst -sha256 -verify keys/release.pub -signature signature structure").code, 0);
  // The digest: over the manifest's byte string with its head.
  ASSERT_EQ(in.read_unsigned().value(), 3U);
  write("manifest", as_text(in.read_item().value()));
  const std::string sum = shell("openssl dgst -sha256 -r manifest").out.substr(0, 64);
  EXPECT_EQ(sum, host::to_hex(digest.subspan(4)));
}

TEST_F(Tool, AnotherDecoderReadsTheEnvelope) {
  if (shell("/usr/bin/python3 -c 'import cbor2'").code != 0) {
    GTEST_SKIP() << "python3-cbor2 is not installed";
  }
  set_up_product("--component modem");
  write("notes.txt", "Fixes the clock.");
  good("release " + release_arguments("2.1.0") + " --image app.bin --image modem=modem.bin --notes notes.txt --whole");
  write("check.py", R"(
import cbor2, glob, hashlib, sys
envelope = cbor2.load(open(sys.argv[1], 'rb'))
assert envelope.tag == 107
digest = cbor2.loads(cbor2.loads(envelope.value[2])[0])
assert digest == [-16, hashlib.sha256(cbor2.dumps(envelope.value[3])).digest()]
manifest = cbor2.loads(envelope.value[3])
assert cbor2.dumps(manifest, canonical=True) == envelope.value[3], 'canonical'
assert manifest[1] == 1 and manifest[2] == 1 and cbor2.loads(manifest[6]) == [2, 1, 0]
assert cbor2.loads(manifest[3])[2] == [[b'\0'], [b'\1'], [b'modem'], [b'\1', b'modem']]
assert manifest[23] == [-16, hashlib.sha256(cbor2.dumps(envelope.value[23])).digest()]
text = cbor2.loads(envelope.value[23])
assert text['en'][2] == 'Fixes the clock.' and text['en'][(b'\0',)][6] == '2.1.0'
shared = cbor2.loads(cbor2.loads(manifest[3])[4])
sums = {hashlib.sha256(open(f, 'rb').read()).digest() for f in glob.glob(sys.argv[2] + '/*.fpk')}
named = {cbor2.loads(p[3])[1] for p in shared[3::2] if isinstance(p, dict) and 3 in p}
assert len(sums) == 2 and sums < named, 'payload digests'
)");
  const Outcome outcome =
      shell("/usr/bin/python3 check.py " + std::string(kManifest) + " repository/acme.example/m1/r2/2.1.0");
  EXPECT_EQ(outcome.code, 0) << outcome.error;
}

}  // namespace
}  // namespace ferry::tool
