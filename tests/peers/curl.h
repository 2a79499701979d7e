// libcurl as a client, in this process: what it got, and what it says.
#pragma once

#include <curl/curl.h>
#include <memory>
#include <string>
#include <string_view>

namespace ferry::peers {

class Curl {
 public:
  Curl() : handle_(curl_easy_init(), &curl_easy_cleanup) {
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TIMEOUT, 60L);
  }

  template <typename Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(handle_.get(), option, value);
  }

  // What comes is appended to `body`.
  CURLcode get(const std::string& url) {
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_UPLOAD, 0L);
    set(CURLOPT_WRITEFUNCTION, &Curl::take);
    set(CURLOPT_WRITEDATA, this);
    return curl_easy_perform(handle_.get());
  }
  CURLcode put(const std::string& url, std::string_view content) {
    unsent_ = content;
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_READFUNCTION, &Curl::give);
    set(CURLOPT_READDATA, this);
    set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(content.size()));
    return curl_easy_perform(handle_.get());
  }
  // Continues at the end of `body` until all is there or the server gives nothing new; so often at most.
  CURLcode get_all(const std::string& url, std::size_t size, int attempts) {
    CURLcode code = CURLE_OK;
    for (int attempt = 0; attempt < attempts && body.size() < size; ++attempt) {
      set(CURLOPT_RESUME_FROM_LARGE, static_cast<curl_off_t>(body.size()));
      code = get(url);
    }
    set(CURLOPT_RESUME_FROM_LARGE, curl_off_t{0});
    return code;
  }
  [[nodiscard]] long reply() const {
    long code = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &code);
    return code;
  }

  std::string body;

 private:
  static std::size_t take(const char* data, std::size_t size, std::size_t count, void* self) {
    static_cast<Curl*>(self)->body.append(data, size * count);
    return size * count;
  }
  static std::size_t give(char* data, std::size_t size, std::size_t count, void* self) {
    auto& unsent = static_cast<Curl*>(self)->unsent_;
    const std::size_t taken = unsent.copy(data, size * count);
    unsent.remove_prefix(taken);
    return taken;
  }

  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle_;
  std::string_view unsent_;
};

}  // namespace ferry::peers
