// One FTP server, by libcurl, as `ferry publish` needs it: sizes, uploads, renames. One connection, kept as long as it
// lasts. Everything throws host::Failure, with the server's own words.
#pragma once

#include <cstdint>
#include <curl/curl.h>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ferry::tool {

struct FtpTargetOptions {
  bool tls = false;         // AUTH TLS on ftp://, and nothing without it (ftps:// is TLS from the first byte)
  std::string authorities;  // a file of certificates to trust instead of the system's
  std::optional<std::string> password;  // where the URL holds none
  // Told of the bytes sent of the file that is under way; false gives up.
  std::function<bool(std::uint64_t sent)> progress = [](std::uint64_t) { return true; };
};

class FtpTarget {
 public:
  // `url` is ftp://[user[:password]@]host[:port]/folder, or ftps://. Without a password there, and in the options, the
  // user's .netrc is asked.
  FtpTarget(const std::string& url, FtpTargetOptions options);

  // Without user and password: for people and logs.
  [[nodiscard]] const std::string& name() const { return name_; }

  // Paths are relative to the URL's folder. Nothing where the file is not there.
  struct Size {
    std::optional<std::uint64_t> bytes;  // nothing where the server does not tell
  };
  [[nodiscard]] std::optional<Size> size(const std::filesystem::path& file);
  // Folders on the way are made. Checks the size afterwards, where the server tells it.
  void upload(const std::filesystem::path& local, const std::filesystem::path& file);
  // Within one folder; what has the new name is replaced.
  void rename(const std::filesystem::path& file, const std::string& new_name);
  void remove(const std::filesystem::path& file);

 private:
  [[nodiscard]] bool set_login(CURLU* url);  // false: it is left to .netrc
  void reset_request();
  void perform(const std::string& what);
  void send_commands(const std::filesystem::path& folder, const std::vector<std::string>& commands,
                     const std::string& what);
  [[nodiscard]] std::string url_of(const std::filesystem::path& file) const;
  [[nodiscard]] std::string explain(CURLcode code, const std::string& what) const;

  static std::size_t take_reply(const char* data, std::size_t size, std::size_t count, void* self);
  static int take_progress(void* self, curl_off_t, curl_off_t, curl_off_t total, curl_off_t sent);

  FtpTargetOptions options_;
  std::string base_;  // ends with '/'
  std::string name_;
  std::string refusal_;  // the replies 4xx and 5xx of the request
  bool given_up_ = false;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl_;
};

}  // namespace ferry::tool
