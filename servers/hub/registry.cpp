#include "servers/hub/registry.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/failure.h"
#include "host/files.h"
#include "host/uuid.h"
#include "servers/hub/seal.h"

namespace ferry::hub {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxUser = 64;
constexpr std::size_t kMaxPassword = 256;
constexpr std::uintmax_t kMaxFile = 256U << 20;

// ':' ends a user in the broker's password file, '#' begins a comment, the rest means something in topics.
bool is_good_user(std::string_view user) {
  const auto is_good = [](char c) {
    return c > ' ' && c < 0x7F && std::string_view(":#+/").find(c) == std::string_view::npos;
  };
  return !user.empty() && user.size() <= kMaxUser && std::all_of(user.begin(), user.end(), is_good);
}

std::string text_of(const Json& line, const char* key) {
  const auto member = line.find(key);
  if (member == line.end()) {
    return {};
  }
  if (!member->is_string()) {
    throw host::Failure("\"{}\" is no text", key);
  }
  return member->get<std::string>();
}

Account parse_line(std::string_view text) {
  const Json line = Json::parse(text, nullptr, false);
  if (!line.is_object()) {
    throw host::Failure("no JSON object");
  }
  const auto device = host::parse_uuid(text_of(line, "device"));
  if (!device) {
    throw host::Failure("\"device\" is no UUID");
  }
  Account account{.device = host::to_string(*device),
                  .serial = text_of(line, "serial"),
                  .product = text_of(line, "product"),
                  .user = text_of(line, "user"),
                  .password = text_of(line, "password")};
  if (!is_good_user(account.user) || account.user == kHubUser) {
    throw host::Failure("\"user\" must be 1 to {} printable characters without blank : # + /, and not {}", kMaxUser,
                        kHubUser);
  }
  if (account.password.empty() || account.password.size() > kMaxPassword ||
      account.password.find('\0') != std::string::npos) {
    throw host::Failure("\"password\" must be 1 to {} bytes", kMaxPassword);
  }
  if (line.contains("seal")) {
    account.seal = parse_seal_key(text_of(line, "seal"));
    if (!account.seal) {
      throw host::Failure("\"seal\" must be 32 hexadecimal digits in lower case");
    }
  }
  return account;
}

void check_users(const std::map<std::string, Account>& accounts) {
  std::map<std::string_view, const Account*> users;
  for (const auto& [device, account] : accounts) {
    const auto [other, is_new] = users.emplace(account.user, &account);
    if (!is_new) {
      throw host::Failure("user {} belongs to two devices, {} and {}; give each device an account of its own",
                          account.user, other->second->device, device);
    }
  }
}

}  // namespace

Registry Registry::parse(std::string_view lines, std::string_view origin) {
  Registry registry;
  std::size_t number = 0;
  while (!lines.empty()) {
    ++number;
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
      continue;
    }
    try {
      Account account = parse_line(line);
      registry.accounts_.insert_or_assign(account.device, std::move(account));
    } catch (const host::Failure& failure) {
      throw host::Failure("{}, line {}: {}", origin, number, failure.what());
    }
  }
  try {
    check_users(registry.accounts_);
  } catch (const host::Failure& failure) {
    throw host::Failure("{}: {}", origin, failure.what());
  }
  return registry;
}

Registry Registry::load(const std::filesystem::path& file) {
  return parse(host::read_text_file(file, kMaxFile), file.string());
}

const Account* Registry::find(const std::string& device) const {
  const auto found = accounts_.find(device);
  return found == accounts_.end() ? nullptr : &found->second;
}

}  // namespace ferry::hub
