#include "servers/hub/api_call.h"

namespace ferry::hub {

BodyReader::BodyReader(const ApiRequest& request) {
  if (!request.content_type.starts_with("application/json")) {
    throw ApiRefusal(415, "bad_request", "send the body as application/json");
  }
  constexpr int kDepth = 2;
  const auto stop_at_depth = [](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    if (depth > kDepth) {
      throw BadRequest("the body is nested too deep");
    }
    return true;
  };
  body_ = nlohmann::json::parse(request.body, stop_at_depth, false);
  if (!body_.is_object()) {
    throw BadRequest("the body is no JSON object");
  }
}

std::optional<nlohmann::json> BodyReader::take(const std::string& name) {
  const auto found = body_.find(name);
  if (found == body_.end()) {
    return std::nullopt;
  }
  nlohmann::json value = std::move(*found);
  body_.erase(found);
  return value;
}

std::optional<std::string> BodyReader::optional_text(const std::string& name, std::size_t limit) {
  const auto value = take(name);
  if (!value) {
    return std::nullopt;
  }
  if (!value->is_string() || value->get_ref<const std::string&>().size() > limit ||
      value->get_ref<const std::string&>().find('\0') != std::string::npos) {
    throw BadRequest("\"" + name + "\" must be a text of at most " + std::to_string(limit) + " bytes");
  }
  return value->get<std::string>();
}

std::string BodyReader::text(const std::string& name, std::size_t limit) {
  auto value = optional_text(name, limit);
  if (!value) {
    throw BadRequest("\"" + name + "\" is missing");
  }
  return std::move(*value);
}

std::optional<std::int64_t> BodyReader::optional_integer(const std::string& name, std::int64_t least,
                                                         std::int64_t most) {
  const auto value = take(name);
  if (!value) {
    return std::nullopt;
  }
  const bool is_good = value->is_number_integer() && !(value->is_number_unsigned() && *value > INT64_MAX) &&
                       value->get<std::int64_t>() >= least && value->get<std::int64_t>() <= most;
  if (!is_good) {
    throw BadRequest("\"" + name + "\" must be a whole number from " + std::to_string(least) + " to " +
                     std::to_string(most));
  }
  return value->get<std::int64_t>();
}

std::optional<bool> BodyReader::optional_flag(const std::string& name) {
  const auto value = take(name);
  if (!value) {
    return std::nullopt;
  }
  if (!value->is_boolean()) {
    throw BadRequest("\"" + name + "\" must be true or false");
  }
  return value->get<bool>();
}

void BodyReader::finish() const {
  if (!body_.empty()) {
    throw BadRequest("unknown member \"" + body_.begin().key() + "\"");
  }
}

void Call::log(std::string_view action, std::string_view subject) {
  access().log({.time = now,
                .user = caller.user,
                .address = request.address,
                .action = std::string(action),
                .subject = std::string(subject)});
}

std::size_t read_limit(QueryReader& query) {
  constexpr std::int64_t kDefault = 100;
  constexpr std::int64_t kMost = 1000;
  return static_cast<std::size_t>(query.integer("limit", kDefault, 1, kMost));
}

ApiJson counts(const std::map<std::string, std::int64_t>& all) {
  ApiJson json = ApiJson::object();
  for (const auto& [key, count] : all) {
    json[key] = count;
  }
  return json;
}

}  // namespace ferry::hub
