// A list of items: `GET /api/items` answers it, `POST /api/items` adds to it once a webhook has taken the news.
#include "weft_config.hpp"
#include "weft_fetch.hpp"
#include "weft_http.hpp"
#include "weft_json.hpp"
#include "weft_key_value.hpp"

namespace {

using weft::Json;
using weft::Request;
using weft::Response;

// One JSON array in the store.
constexpr const char* items_key = "items";
constexpr std::size_t max_item_bytes = 64 << 10;

Response problem(std::uint16_t status, const std::string& reason) {
  return weft::json_response(status, {{"error", reason}});
}

Response list_items() {
  const auto store = weft::Store::open();
  if (!store) return problem(500, store.error().message);
  auto items = store->get(items_key);
  if (!items) return problem(500, items.error().message);
  return {.headers = {{"content-type", "application/json"}}, .body = items->value_or("[]")};
}

// The webhook's answer, if it was a success.
weft::Result<Response> tell_webhook(const Json& item) {
  const auto url = weft::config("webhook_url");
  if (!url) return std::unexpected(url.error());
  if (!*url) return weft::fail("the configuration has no webhook_url");
  auto answer = weft::fetch({.url = **url,
                             .method = "POST",
                             .headers = {{"content-type", "application/json"}},
                             .body = weft::to_text(item),
                             .timeout = std::chrono::seconds(5)});
  if (answer && answer->status / 100 != 2) return weft::fail("it answered " + std::to_string(answer->status));
  return answer;
}

Response add_item(Request& request) {
  const auto body = request.body(max_item_bytes);
  if (!body) return problem(413, "an item may have " + std::to_string(max_item_bytes) + " bytes");
  const auto item = weft::parse_json(*body);
  if (!item) return problem(400, item.error().message);
  if (!item->is_object()) return problem(400, "an item is a JSON object");

  auto answer = tell_webhook(*item);
  if (!answer) return problem(502, "the webhook failed: " + answer.error().message);

  auto store = weft::Store::open();
  if (!store) return problem(500, store.error().message);
  // Of several requests at once none is lost.
  const auto added =
      store->update(items_key, [&](const std::optional<std::string>& before) -> weft::Result<std::string> {
        auto items = weft::parse_json(before.value_or("[]"));
        if (!items) return std::unexpected(items.error());
        items->push_back(*item);
        return weft::to_text(*items);
      });
  if (!added) return problem(500, added.error().message);
  return {.status = answer->status, .headers = {{"content-type", "text/plain"}}, .body = std::move(answer->body)};
}

Response handle(Request& request) {
  if (request.path() == "/api/items") {
    if (request.method() == "GET") return list_items();
    if (request.method() == "POST") return add_item(request);
  }
  return {.status = 404, .headers = {{"content-type", "text/plain"}}, .body = "Not Found"};
}

}  // namespace

WEFT_HTTP_HANDLER(handle)
