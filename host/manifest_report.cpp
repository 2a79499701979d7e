#include "host/manifest_report.h"

#include <map>

#include "device/suit/manifest.h"
#include "host/bytes.h"
#include "host/cbor.h"
#include "host/cbor_walk.h"
#include "host/command_report.h"
#include "host/command_sequence.h"
#include "host/crypto.h"
#include "host/failure.h"
#include "host/profile_check.h"
#include "host/suit_cose.h"
#include "host/suit_labels.h"
#include "host/suit_names.h"

namespace ferry::host {
namespace {

constexpr std::int64_t kReferenceUri = 4;

struct Envelope {
  std::optional<ByteView> wrapper;             // content
  std::optional<ByteView> manifest;            // content
  std::map<std::int64_t, ByteView> severable;  // encoded byte strings
  Json integrated = Json::object();
  Bytes members;  // encoded pairs besides wrapper and manifest
  std::size_t member_count = 0;
};

bool is_sequence(std::int64_t label) {
  const std::string name = manifest_member_name(label).name;
  return name == "validate" || name == "load" || name == "invoke" || name == "payload-fetch" || name == "install" ||
         name == "dependency-resolution" || name == "candidate-verification" || name == "uninstall";
}

class Reporter {
 public:
  Json envelope(ByteView encoded_map, bool tagged) {
    if (!tagged) {
      refuse("envelope", "not tagged 107");
    }
    read_envelope(encoded_map);
    Json document;
    document["authentication"] = authentication();
    if (!envelope_.manifest) {
      refuse("envelope", "holds no manifest");
      return document;
    }
    document["manifest"] = manifest(*envelope_.manifest);
    if (!envelope_.integrated.empty()) {
      document["integrated-payloads"] = envelope_.integrated;
    }
    for (std::string& line : device_refusals(*envelope_.manifest, envelope_.members, envelope_.member_count)) {
      refusals_.push_back(std::move(line));
    }
    return document;
  }

  Json bare_manifest(ByteView encoded_map) {
    refuse("envelope", "there is none: a bare manifest cannot be authenticated");
    Json document{{"manifest", manifest(encoded_map)}};
    for (std::string& line : device_refusals(encoded_map, {}, 0)) {
      refusals_.push_back(std::move(line));
    }
    return document;
  }

  std::vector<std::string>& refusals() { return refusals_; }
  std::vector<std::string>& notes() { return notes_; }

 private:
  void refuse(const std::string& where, const std::string& what) { refusals_.push_back(where + ": " + what); }

  template <typename Visit>
  void walk(ByteView encoded, const std::string& where, Visit visit) {
    cbor::Decoder in(encoded);
    const auto form = walk_map(in, visit);
    if (!form) {
      refuse(where, fmt::format("cannot be read ({})", name(form.error())));
    } else if (*form == MapForm::kUnordered) {
      refuse(where, "keys are not in canonical order, or doubled");
    } else if (!in.at_end()) {
      refuse(where, "bytes behind its end");
    }
  }

  void read_envelope(ByteView encoded) {
    walk(encoded, "envelope", [&](ByteView key, ByteView value) {
      const auto number = as_integer(key);
      if (number == label::kAuthenticationWrapper) {
        envelope_.wrapper = as_byte_string(value);
        return;
      }
      if (number == label::kManifest) {
        envelope_.manifest = as_byte_string(value);
        return;
      }
      append(envelope_.members, key);
      append(envelope_.members, value);
      ++envelope_.member_count;
      further_member(key, number, value);
    });
  }

  void further_member(ByteView key, std::optional<std::int64_t> number, ByteView value) {
    if (const auto uri = as_text_string(key)) {
      envelope_.integrated[std::string(*uri)] = as_byte_string(value).value_or(ByteView()).size();
      return;
    }
    const SuitName known = envelope_member_name(number.value_or(0));
    if (known.standing != Standing::kUsed) {
      refuse("envelope", fmt::format("member {} ({}) is not in Ferry's profile", cbor_text(key), known.name));
    }
    envelope_.severable[number.value_or(0)] = value;
  }

  Json authentication() {
    if (!envelope_.wrapper) {
      refuse("authentication", "the envelope has no authentication wrapper");
      return "none";
    }
    cbor::Decoder in(*envelope_.wrapper);
    const auto items = in.read_array();
    const auto digest = items ? in.read_bytes() : fail(Error::kCborWrongType);
    if (!digest) {
      refuse("authentication", "the wrapper cannot be read");
      return cbor_text(*envelope_.wrapper);
    }
    Json document;
    document["digest"] = digest_json(*digest);
    if (envelope_.manifest) {
      const bool matches = equal(*digest, encode_digest(manifest_digest(*envelope_.manifest)));
      document["digest-matches"] = matches;
      if (!matches) {
        refuse("authentication", "the digest is not the manifest's");
      }
    }
    document["signatures"] = signatures(in, *items - 1);
    return document;
  }

  Json signatures(cbor::Decoder& in, std::size_t count) {
    Json list = Json::array();
    bool usable = false;
    for (std::size_t i = 0; i < count; ++i) {
      const auto block = in.read_bytes();
      if (!block) {
        refuse("authentication", fmt::format("signature {} cannot be read", i));
        break;
      }
      list.push_back(signature(*block, usable));
    }
    if (count == 0) {
      refuse("authentication", "not signed");
    } else if (!usable) {
      refuse("authentication", "no COSE_Sign1 with ESP256");
    }
    return list;
  }

  static Json signature(ByteView block, bool& usable) {
    cbor::Decoder in(block);
    const auto tag = in.read_tag();
    const auto items = tag ? in.read_array() : fail(Error::kCborWrongType);
    const auto header = items ? in.read_bytes() : fail(Error::kCborWrongType);
    if (!header) {
      return cbor_text(block);
    }
    std::string algorithm = "none";
    cbor::Decoder map(*header);
    static_cast<void>(walk_map(map, [&](ByteView key, ByteView value) {
      if (as_integer(key) == 1 && as_integer(value)) {
        algorithm = algorithm_name(*as_integer(value));
        usable = usable || (*tag == label::kSign1Tag && as_integer(value) == cose::kEsp256);
      }
    }));
    const std::map<std::uint64_t, std::string> types = {
        {18, "COSE_Sign1"}, {98, "COSE_Sign"}, {17, "COSE_Mac0"}, {97, "COSE_Mac"}};
    const auto type = types.find(*tag);
    return {{"type", type != types.end() ? type->second : fmt::format("tag {}", *tag)}, {"algorithm", algorithm}};
  }

  Json manifest(ByteView encoded) {
    Json document = Json::object();
    walk(encoded, "manifest", [&](ByteView key, ByteView value) {
      const auto number = as_integer(key);
      if (!number) {
        refuse("manifest", "member " + cbor_text(key) + " is not named by a number");
        document[cbor_text(key)] = cbor_text(value);
        return;
      }
      const SuitName known = manifest_member_name(*number);
      if (known.standing != Standing::kUsed) {
        refuse("manifest", fmt::format("member {} ({}) is {}", *number, known.name,
                                       known.standing == Standing::kRefused ? "not in Ferry's profile"
                                                                            : "unknown; an older draft's number?"));
      }
      document[known.name] = manifest_member(*number, known.name, value);
    });
    return document;
  }

  Json manifest_member(std::int64_t number, const std::string& member, ByteView value) {
    if (number == label::kManifestVersion || number == label::kSequenceNumber) {
      const auto integer = as_integer(value);
      return integer ? Json(*integer) : Json(cbor_text(value));
    }
    if (number == kReferenceUri) {
      const auto uri = as_text_string(value);
      return uri ? Json(std::string(*uri)) : Json(cbor_text(value));
    }
    const auto content = as_byte_string(value);
    if (!content) {
      return severed(number, member, value);
    }
    return member_content(number, member, *content);
  }

  Json member_content(std::int64_t number, const std::string& member, ByteView content) {
    if (number == label::kCommon) {
      return common(content);
    }
    if (number == label::kSetVersion) {
      return version_json(content);
    }
    if (number == label::kText) {
      return text(content);
    }
    if (is_sequence(number)) {
      return CommandReport(refusals_).sequence(content, member);
    }
    return cbor_text(content);
  }

  // A severed member: its digest is in the manifest, its content may be in the envelope.
  Json severed(std::int64_t number, const std::string& member, ByteView digest) {
    Json document;
    document["severed"] = digest_json(digest);
    const auto found = envelope_.severable.find(number);
    if (found == envelope_.severable.end()) {
      document["present"] = false;
      notes_.push_back(member + ": severed, its content is not in this file");
      return document;
    }
    const bool matches = equal(digest, encode_digest(sha256(found->second)));
    document["present"] = true;
    document["digest-matches"] = matches;
    if (!matches) {
      refuse(member, "the content does not have the digest that the manifest names");
    }
    if (const auto content = as_byte_string(found->second)) {
      document["content"] = member_content(number, member, *content);
    }
    return document;
  }

  Json common(ByteView encoded) {
    Json document = Json::object();
    walk(encoded, "common", [&](ByteView key, ByteView value) {
      const auto number = as_integer(key);
      const auto content = as_byte_string(value);
      if (number == label::kComponents) {
        document["components"] = components(value);
      } else if (number == label::kSharedSequence && content) {
        document["shared-sequence"] = CommandReport(refusals_).sequence(*content, "shared-sequence");
      } else {
        const std::string name = number == 1 ? "dependencies" : cbor_text(key);
        refuse("common", name + " is not in Ferry's profile");
        document[name] = cbor_text(value);
      }
    });
    return document;
  }

  Json components(ByteView encoded) {
    Json list = Json::array();
    cbor::Decoder in(encoded);
    const auto count = in.read_array();
    for (std::size_t i = 0; count && i < *count; ++i) {
      const auto item = in.read_item();
      if (!item) {
        refuse("components", "cannot be read");
        break;
      }
      list.push_back(component_text(*item));
    }
    return list;
  }

  // [h'6d6f64656d'] is easier to read as modem.
  static std::string component_text(ByteView encoded) {
    std::string text;
    cbor::Decoder in(encoded);
    const auto parts = in.read_array();
    for (std::size_t i = 0; parts && i < *parts; ++i) {
      const auto part = in.read_bytes();
      if (!part) {
        return cbor_text(encoded);
      }
      const bool printable = !part->empty() && std::all_of(part->begin(), part->end(),
                                                           [](std::uint8_t c) { return c > 0x20 && c < 0x7F; });
      text += (i > 0 ? "/" : "") + (printable ? std::string(as_text(*part)) : "h'" + to_hex(*part) + "'");
    }
    return text;
  }

  Json text(ByteView encoded) {
    Json document = Json::object();
    walk(encoded, "text", [&](ByteView language, ByteView map) {
      Json texts = Json::object();
      walk(map, "text", [&](ByteView key, ByteView value) { text_entry(texts, key, value); });
      document[std::string(as_text_string(language).value_or("?"))] = texts;
    });
    return document;
  }

  void text_entry(Json& texts, ByteView key, ByteView value) {
    if (const auto number = as_integer(key)) {
      texts[text_key_name(*number)] = std::string(as_text_string(value).value_or("?"));
      return;
    }
    Json entries = Json::object();
    walk(value, "text", [&](ByteView entry, ByteView content) {
      entries[component_text_key_name(as_integer(entry).value_or(0))] =
          std::string(as_text_string(content).value_or("?"));
    });
    texts[component_text(key)] = entries;
  }

  Envelope envelope_;
  std::vector<std::string> refusals_;
  std::vector<std::string> notes_;
};

// What a file is by its first bytes.
enum class Form { kNone, kEnvelope, kUntaggedEnvelope, kManifest, kUntaggedManifest };

Form form_of(ByteView file) {
  cbor::Decoder in(file);
  if (const auto tag = in.read_tag()) {
    const auto type = in.peek();
    const bool map = type && *type == cbor::Type::kMap;
    if (map && *tag == label::kEnvelopeTag) {
      return Form::kEnvelope;
    }
    return map && *tag == label::kManifestTag ? Form::kManifest : Form::kNone;
  }
  bool version = false;
  bool manifest = false;
  bool sequence_number = false;
  static_cast<void>(walk_map(in, [&](ByteView key, ByteView value) {
    version = version || (as_integer(key) == label::kManifestVersion && as_integer(value) == 1);
    sequence_number = sequence_number || (as_integer(key) == label::kSequenceNumber && as_integer(value));
    manifest = manifest || (as_integer(key) == label::kManifest && as_byte_string(value));
  }));
  if (version && sequence_number && manifest) {
    return Form::kUntaggedManifest;
  }
  return manifest ? Form::kUntaggedEnvelope : Form::kNone;
}

ByteView without_tag(ByteView file) {
  cbor::Decoder in(file);
  return in.read_tag() ? in.rest() : file;
}

void judge_signature(Json& document, ByteView file, std::span<const cose::TrustAnchor> anchors,
                     std::vector<std::string>& refusals) {
  const auto manifest = suit::authenticate(file, anchors);
  const bool authentic = manifest.has_value() || manifest.error() != Error::kNotAuthentic;
  document["authentic"] = authentic;
  if (!authentic) {
    refusals.push_back("authentication: not signed by a trusted key");
  }
}

}  // namespace

std::optional<ManifestReport> report_manifest(ByteView file, std::span<const cose::TrustAnchor> anchors) {
  const Form form = form_of(file);
  if (form == Form::kNone) {
    return std::nullopt;
  }
  Reporter reporter;
  ManifestReport report;
  const bool is_envelope = form == Form::kEnvelope || form == Form::kUntaggedEnvelope;
  const Json content = is_envelope ? reporter.envelope(without_tag(file), form == Form::kEnvelope)
                                   : reporter.bare_manifest(without_tag(file));
  if (is_envelope && !anchors.empty()) {
    judge_signature(report.document, file, anchors, reporter.refusals());
  }
  report.document.update(content);
  report.refusals = std::move(reporter.refusals());
  report.notes = std::move(reporter.notes());
  return report;
}

}  // namespace ferry::host
