#include "tools/ferry/ftp_target.h"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>

#include "host/failure.h"

namespace ferry::tool {
namespace {

namespace fs = std::filesystem;

constexpr long kConnectSeconds = 20;
constexpr long kReplySeconds = 60;
constexpr long kStallSeconds = 60;

using UrlPointer = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;
using Commands = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;
using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

std::string part(CURLU* url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, flags) != CURLUE_OK) {
    return "";
  }
  std::string copy = text;
  curl_free(text);
  return copy;
}

UrlPointer parse(const std::string& text) {
  UrlPointer url(curl_url(), &curl_url_cleanup);
  const bool parsed = curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) == CURLUE_OK;
  const std::string scheme = parsed ? part(url.get(), CURLUPART_SCHEME) : "";
  if (scheme != "ftp" && scheme != "ftps") {
    // The text may hold a password: it is not repeated.
    throw host::Failure("a target is not like ftp://user@host/folder or ftps://user@host/folder");
  }
  return url;
}

// "folder/name" with what URLs reserve escaped.
std::string escape(CURL* curl, const fs::path& file) {
  std::string text;
  for (const fs::path& name : file) {
    char* escaped = curl_easy_escape(curl, name.c_str(), 0);
    text += (text.empty() ? "" : "/") + std::string(escaped);
    curl_free(escaped);
  }
  return text;
}

std::size_t drop(const char*, std::size_t size, std::size_t count, void*) {
  return size * count;
}

std::size_t read_file(char* data, std::size_t size, std::size_t count, void* file) {
  const std::size_t got = std::fread(data, size, count, static_cast<std::FILE*>(file));
  return got == 0 && std::ferror(static_cast<std::FILE*>(file)) != 0 ? std::size_t{CURL_READFUNC_ABORT} : got;
}

}  // namespace

FtpTarget::FtpTarget(const std::string& text, FtpTargetOptions options)
    : options_(std::move(options)), curl_(curl_easy_init(), &curl_easy_cleanup) {
  const UrlPointer url = parse(text);
  reset_request();
  const bool has_login = set_login(url.get());
  curl_url_set(url.get(), CURLUPART_PASSWORD, nullptr, 0);
  curl_url_set(url.get(), CURLUPART_OPTIONS, nullptr, 0);
  const std::string with_user = part(url.get(), CURLUPART_URL);
  curl_url_set(url.get(), CURLUPART_USER, nullptr, 0);
  name_ = part(url.get(), CURLUPART_URL);
  // libcurl looks into .netrc for the user of a URL, but not for one that it was given otherwise.
  base_ = has_login ? name_ : with_user;
  base_ += base_.ends_with('/') ? "" : "/";
}

bool FtpTarget::set_login(CURLU* url) {
  const std::string user = part(url, CURLUPART_USER, CURLU_URLDECODE);
  std::string password = part(url, CURLUPART_PASSWORD, CURLU_URLDECODE);
  if (password.empty()) {
    password = options_.password.value_or("");
  }
  if (user.empty() || password.empty()) {
    curl_easy_setopt(curl_.get(), CURLOPT_NETRC, long{CURL_NETRC_OPTIONAL});
    return false;
  }
  curl_easy_setopt(curl_.get(), CURLOPT_USERNAME, user.c_str());
  curl_easy_setopt(curl_.get(), CURLOPT_PASSWORD, password.c_str());
  return true;
}

// What one request may have set and the next one must not find. The login stays.
void FtpTarget::reset_request() {
  CURL* curl = curl_.get();
  refusal_.clear();
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, kReplySeconds);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, kStallSeconds);
  curl_easy_setopt(curl, CURLOPT_USE_SSL, long{options_.tls ? CURLUSESSL_ALL : CURLUSESSL_NONE});
  if (!options_.authorities.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, options_.authorities.c_str());
  }
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 0L);
  curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  curl_easy_setopt(curl, CURLOPT_POSTQUOTE, nullptr);
  curl_easy_setopt(curl, CURLOPT_FTP_CREATE_MISSING_DIRS, long{CURLFTP_CREATE_DIR_NONE});
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &drop);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &FtpTarget::take_reply);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &FtpTarget::take_progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, this);
}

std::string FtpTarget::url_of(const fs::path& file) const {
  return base_ + escape(curl_.get(), file);
}

std::optional<FtpTarget::Size> FtpTarget::size(const fs::path& file) {
  reset_request();
  curl_easy_setopt(curl_.get(), CURLOPT_URL, url_of(file).c_str());
  const CURLcode code = curl_easy_perform(curl_.get());
  if (code == CURLE_REMOTE_FILE_NOT_FOUND || code == CURLE_REMOTE_ACCESS_DENIED) {
    return std::nullopt;
  }
  if (code != CURLE_OK) {
    throw host::Failure("{}", explain(code, file));
  }
  curl_off_t bytes = -1;
  curl_easy_getinfo(curl_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &bytes);
  return bytes < 0 ? Size{} : Size{static_cast<std::uint64_t>(bytes)};
}

void FtpTarget::upload(const fs::path& local, const fs::path& file) {
  const File stream(std::fopen(local.c_str(), "rb"), &std::fclose);
  if (!stream) {
    throw host::Failure("{} cannot be read: {}", local.string(), std::strerror(errno));
  }
  const std::uintmax_t bytes = fs::file_size(local);
  reset_request();
  curl_easy_setopt(curl_.get(), CURLOPT_NOBODY, 0L);
  curl_easy_setopt(curl_.get(), CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl_.get(), CURLOPT_URL, url_of(file).c_str());
  curl_easy_setopt(curl_.get(), CURLOPT_FTP_CREATE_MISSING_DIRS, long{CURLFTP_CREATE_DIR_RETRY});
  curl_easy_setopt(curl_.get(), CURLOPT_READFUNCTION, &read_file);
  curl_easy_setopt(curl_.get(), CURLOPT_READDATA, stream.get());
  curl_easy_setopt(curl_.get(), CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(bytes));
  perform(file);
  const std::optional<Size> there = size(file);
  if (!there || (there->bytes && *there->bytes != bytes)) {
    throw host::Failure("{}: {} did not arrive whole, although the server said so", name_, file.string());
  }
}

void FtpTarget::rename(const fs::path& file, const std::string& new_name) {
  send_commands(file.parent_path(), {"RNFR " + file.filename().string(), "RNTO " + new_name},
                (file.parent_path() / new_name).string());
}

void FtpTarget::remove(const fs::path& file) {
  send_commands(file.parent_path(), {"DELE " + file.filename().string()}, file);
}

void FtpTarget::send_commands(const fs::path& folder, const std::vector<std::string>& commands,
                              const std::string& what) {
  reset_request();
  Commands list(nullptr, &curl_slist_free_all);
  for (const std::string& command : commands) {
    list.reset(curl_slist_append(list.release(), command.c_str()));
  }
  const std::string path = escape(curl_.get(), folder);
  curl_easy_setopt(curl_.get(), CURLOPT_URL, (base_ + path + (path.empty() ? "" : "/")).c_str());
  curl_easy_setopt(curl_.get(), CURLOPT_POSTQUOTE, list.get());
  perform(what);
}

void FtpTarget::perform(const std::string& what) {
  if (const CURLcode code = curl_easy_perform(curl_.get()); code != CURLE_OK) {
    throw host::Failure("{}", explain(code, what));
  }
}

std::string FtpTarget::explain(CURLcode code, const std::string& what) const {
  if (given_up_) {
    return fmt::format("{}: interrupted", name_);
  }
  if (code == CURLE_LOGIN_DENIED) {
    return fmt::format("{}: the server refuses user or password{}{}", name_, refusal_.empty() ? "" : ": ", refusal_);
  }
  if (code == CURLE_USE_SSL_FAILED) {
    return fmt::format("{}: the server offers no TLS: {}", name_, refusal_);
  }
  const std::string reason = refusal_.empty() ? curl_easy_strerror(code) : "the server says " + refusal_;
  return fmt::format("{}: {}: {}", name_, what, reason);
}

std::size_t FtpTarget::take_reply(const char* data, std::size_t size, std::size_t count, void* self) {
  std::string line(data, size * count);
  while (line.ends_with('\n') || line.ends_with('\r')) {
    line.pop_back();
  }
  // Several: of a folder that is not there and may not be made, say. Which of them is the reason only a reader can
  // tell.
  std::string& refusal = static_cast<FtpTarget*>(self)->refusal_;
  const bool is_refusal = line.size() > 3 && (line[0] == '4' || line[0] == '5') && line[3] == ' ';
  if (is_refusal && refusal.find(line) == std::string::npos) {
    refusal += (refusal.empty() ? "" : " / ") + line;
  }
  return size * count;
}

int FtpTarget::take_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t sent) {
  auto* target = static_cast<FtpTarget*>(self);
  target->given_up_ = target->given_up_ || !target->options_.progress(static_cast<std::uint64_t>(sent));
  return target->given_up_ ? 1 : 0;
}

}  // namespace ferry::tool
