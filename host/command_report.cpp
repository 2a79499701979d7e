#include "host/command_report.h"

#include <algorithm>

#include "device/suit/version.h"
#include "host/bytes.h"
#include "host/cbor_walk.h"
#include "host/diagnostic.h"
#include "host/failure.h"
#include "host/suit_labels.h"
#include "host/suit_names.h"
#include "host/text.h"
#include "host/uuid.h"

namespace ferry::host {
namespace {

constexpr std::size_t kMaxReportDepth = 8;
constexpr std::int64_t kRunSequence = 32;
constexpr std::int64_t kFirstPrivateUse = -257;

Json uuid_json(ByteView content) {
  Uuid id{};
  if (content.size() != id.size()) {
    return to_hex(content);
  }
  copy(content, id);
  return to_string(id);
}

// parameter-version: << [comparison, [+int]] >>
Json version_match_json(ByteView encoded) {
  const auto content = as_byte_string(encoded);
  cbor::Decoder in(content.value_or(ByteView()));
  const auto items = in.read_array();
  const auto comparison = items ? in.read_unsigned() : fail(Error::kCborWrongType);
  const auto version = comparison ? in.read_item() : fail(Error::kCborWrongType);
  if (!version) {
    return cbor_text(encoded);
  }
  return comparison_name(*comparison) + " " + version_json(*version).get<std::string>();
}

std::optional<std::int64_t> algorithm_in(ByteView encoded_map) {
  std::optional<std::int64_t> algorithm;
  cbor::Decoder in(encoded_map);
  static_cast<void>(walk_map(in, [&](ByteView key, ByteView value) {
    if (as_integer(key) == 1) {
      algorithm = as_integer(value);
    }
  }));
  return algorithm;
}

// The algorithm of a COSE structure: in its protected header, else in the unprotected one.
std::string algorithm_of(cbor::Decoder& in) {
  const auto protected_header = in.read_bytes();
  const auto unprotected_header = in.read_item();
  if (!protected_header || !unprotected_header) {
    return "none";
  }
  const auto algorithm = algorithm_in(*protected_header);
  const auto fallback = algorithm ? algorithm : algorithm_in(*unprotected_header);
  return fallback ? algorithm_name(*fallback) : "none";
}

Json recipients_json(cbor::Decoder& in) {
  Json recipients = Json::array();
  const auto count = in.read_array();
  for (std::size_t i = 0; count && i < *count; ++i) {
    const auto item = in.read_item();
    if (!item) {
      break;
    }
    cbor::Decoder recipient(*item);
    recipients.push_back(recipient.read_array() ? algorithm_of(recipient) : "none");
  }
  return recipients;
}

}  // namespace

std::string cbor_text(ByteView encoded) {
  constexpr std::size_t kShown = 32;
  return diagnose(encoded, kShown);
}

Json digest_json(ByteView encoded) {
  cbor::Decoder in(encoded);
  const auto items = in.read_array();
  const auto algorithm = items ? in.read_integer() : fail(Error::kCborWrongType);
  const auto digest = algorithm ? in.read_bytes() : fail(Error::kCborWrongType);
  if (!digest) {
    return cbor_text(encoded);
  }
  return algorithm_name(*algorithm) + " " + to_hex(*digest);
}

Json version_json(ByteView encoded) {
  std::array<std::uint8_t, 128> buffer{};
  const auto version = suit::Version::decode(encoded);
  const auto text = version ? version->format(buffer) : fail(version.error());
  return text ? std::string(*text) : cbor_text(encoded);
}

Json encrypt_json(ByteView encoded) {
  cbor::Decoder in(encoded);
  const auto tag = in.read_tag();
  if (!tag || *tag != label::kEncryptTag || !in.read_array()) {
    return cbor_text(encoded);
  }
  Json document;
  document["content-algorithm"] = algorithm_of(in);
  document["payload"] = in.read_null() ? "detached" : "not detached";
  document["recipients"] = recipients_json(in);
  return document;
}

void CommandReport::refuse(const std::string& where, const std::string& what) {
  std::string line = where + ": " + what;
  if (std::find(refusals_.begin(), refusals_.end(), line) == refusals_.end()) {
    refusals_.push_back(std::move(line));
  }
}

Json CommandReport::sequence(ByteView encoded, const std::string& where, std::size_t depth) {
  Json commands = Json::array();
  cbor::Decoder in(encoded);
  const auto items = in.read_array();
  if (!items || *items % 2 != 0 || depth > kMaxReportDepth) {
    refuse(where, depth > kMaxReportDepth ? "sequences nested too deep" : "not a list of commands and arguments");
    return cbor_text(encoded);
  }
  for (std::size_t i = 0; i < *items; i += 2) {
    const auto number = in.read_integer();
    const auto argument = number ? in.read_item() : fail(number.error());
    if (!argument) {
      refuse(where, fmt::format("command {} cannot be read ({})", i / 2, name(argument.error())));
      commands.push_back(cbor_text(in.rest()));
      return commands;
    }
    commands.push_back(command(*number, *argument, where, depth));
  }
  if (!in.at_end()) {
    refuse(where, "bytes behind the last command");
  }
  return commands;
}

Json CommandReport::command(std::int64_t number, ByteView argument, const std::string& where, std::size_t depth) {
  const SuitName known = command_name(number);
  Json document{{"command", known.name}, {"code", number}};
  if (known.standing != Standing::kUsed) {
    const bool is_private = number <= kFirstPrivateUse;
    refuse(where, fmt::format("command {} ({}) is {}", number, known.name,
                              is_private                             ? "for private use"
                              : known.standing == Standing::kRefused ? "not in Ferry's profile"
                                                                     : "unknown; an older draft's number?"));
  }
  switch (number) {
    case label::kTryEach:
      document["branches"] = branches(argument, where, depth);
      break;
    case kRunSequence:
      document["sequence"] = sequence(as_byte_string(argument).value_or(ByteView()), where, depth + 1);
      break;
    case label::kOverrideParameters:
      document["parameters"] = parameters(argument, where);
      break;
    case label::kSetComponentIndex:
      document["component"] = cbor_text(argument);
      break;
    default:
      document["argument"] = cbor_text(argument);
  }
  return document;
}

Json CommandReport::branches(ByteView encoded, const std::string& where, std::size_t depth) {
  Json list = Json::array();
  cbor::Decoder in(encoded);
  const auto count = in.read_array();
  for (std::size_t i = 0; count && i < *count; ++i) {
    const auto item = in.read_item();
    const auto content = item ? as_byte_string(*item) : std::nullopt;
    list.push_back(content ? sequence(*content, fmt::format("{}, branch {}", where, i), depth + 1)
                           : Json(item ? cbor_text(*item) : "unreadable"));
  }
  return list;
}

Json CommandReport::parameters(ByteView encoded, const std::string& where) {
  Json document = Json::object();
  cbor::Decoder in(encoded);
  const auto form = walk_map(in, [&](ByteView key, ByteView value) {
    const auto number = as_integer(key);
    if (!number) {
      refuse(where, "a parameter is not named by a number");
      document[cbor_text(key)] = cbor_text(value);
      return;
    }
    document[parameter_name(*number).name] = parameter(*number, value, where);
  });
  if (!form) {
    refuse(where, fmt::format("parameters cannot be read ({})", name(form.error())));
    return cbor_text(encoded);
  }
  if (*form == MapForm::kUnordered) {
    refuse(where, "parameters are not in canonical order, or doubled");
  }
  return document;
}

Json CommandReport::parameter(std::int64_t number, ByteView encoded, const std::string& where) {
  const SuitName known = parameter_name(number);
  if (known.standing != Standing::kUsed) {
    refuse(where, fmt::format("parameter {} ({}) is {}", number, known.name,
                              known.standing == Standing::kRefused ? "not in Ferry's profile" : "unknown"));
  }
  const auto content = as_byte_string(encoded);
  switch (number) {
    case label::kVendorIdentifier:
    case label::kClassIdentifier:
    case label::kDeviceIdentifier:
      return content ? uuid_json(*content) : Json(cbor_text(encoded));
    case label::kParameterImageDigest:
      return content ? digest_json(*content) : Json(cbor_text(encoded));
    case label::kUseBefore: {
      const auto seconds = as_integer(encoded);
      return seconds ? Json(format_time(*seconds)) : Json(cbor_text(encoded));
    }
    case label::kParameterEncryptionInfo:
      return content ? encrypt_json(*content) : Json(cbor_text(encoded));
    case label::kParameterUri: {
      const auto uri = as_text_string(encoded);
      return uri ? Json(std::string(*uri)) : Json(cbor_text(encoded));
    }
    case label::kVersion:
      return version_match_json(encoded);
    default: {
      const auto value = as_integer(encoded);
      return value ? Json(*value) : Json(cbor_text(encoded));
    }
  }
}

}  // namespace ferry::host
