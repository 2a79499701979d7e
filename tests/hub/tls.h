// Certificates for tests, made by the openssl program, and other people's clients.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace ferry::hub {

struct Ran {
  int code = -1;
  std::string output;  // stdout and stderr
};
// Waits for its end, 30 s at most.
[[nodiscard]] Ran run_program(const std::vector<std::string>& command);

struct Certificate {
  std::filesystem::path certificate, key;  // PEM
};

// One that signs others.
class Authority {
 public:
  Authority(const std::filesystem::path& folder, const std::string& name);
  [[nodiscard]] std::filesystem::path certificate() const { return own_.certificate; }
  // For 127.0.0.1.
  [[nodiscard]] Certificate issue(const std::string& name) const;

 private:
  std::filesystem::path folder_;
  Certificate own_;
};

}  // namespace ferry::hub
