#include "tools/ferry/demo/hub_view.h"

#include <curl/curl.h>
#include <memory>

#include "host/failure.h"

namespace ferry::tool {
namespace {

constexpr long kSeconds = 10;

std::size_t append(const char* data, std::size_t size, std::size_t count, void* text) {
  static_cast<std::string*>(text)->append(data, size * count);
  return size * count;
}

}  // namespace

Json HubView::latest_readings(const std::string& device) const {
  const Json answer = get("/api/v1/devices/" + device);
  return answer.contains("latest") ? answer["latest"] : Json::array();
}

bool HubView::is_online(const std::string& device) const {
  return get("/api/v1/devices/" + device).value("online", false);
}

Json HubView::sealed(const std::string& device) const {
  return get("/api/v1/devices/" + device).value("sealed", Json(nullptr));
}

Json HubView::get(const std::string& path) const {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), &curl_easy_cleanup);
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(
      curl_slist_append(nullptr, ("Authorization: Bearer " + token_).c_str()), &curl_slist_free_all);
  std::string body;
  curl_easy_setopt(curl.get(), CURLOPT_URL, ("http://" + address_ + path).c_str());
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl.get(), CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, kSeconds);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &append);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &body);
  if (const CURLcode code = curl_easy_perform(curl.get()); code != CURLE_OK) {
    throw host::Failure("the business server's API does not answer: {}", curl_easy_strerror(code));
  }
  Json answer = Json::parse(body, nullptr, false);
  if (!answer.is_object()) {
    throw host::Failure("the business server's API answers no JSON: {}", body);
  }
  return answer;
}

}  // namespace ferry::tool
