#include "key_value/access.h"

#include <algorithm>

#include "host/authorize.h"
#include "util/utf8.h"

namespace weft::key_value {
namespace {

using provider::KeyPage;

// Text, and each once.
void make_fit(std::vector<std::string>& keys) {
  make_text(keys);
  std::ranges::sort(keys);
  keys.erase(std::ranges::unique(keys).begin(), keys.end());
}

template <class T>
Result<T> wait(bind::Host host, const OpenStore& open, Call<T> call) {
  if (!call) return std::unexpected(std::move(call).error());
  return open.await(host, *std::move(call));
}

std::string tell_of(const host::RequestContext* context, const Error& error) {
  if (error.code() == Errc::limit || error.code() == Errc::invalid) return error.message();
  if (context != nullptr && context->log) context->log("key-value: " + error.message());
  return error.code() == Errc::unavailable ? "the store cannot be reached now" : "the store failed";
}

}  // namespace

std::shared_ptr<const void> OpenCount::take(const std::shared_ptr<OpenCount>& count) {
  if (count->open_ >= count->limit_) return nullptr;
  ++count->open_;
  return std::shared_ptr<const void>(count.get(), [count](const void*) { --count->open_; });
}

std::expected<OpenStore, OpenFault> open_store(bind::Host host, std::string_view label) {
  const host::Target target{.scheme = {}, .host = label};
  if (!host::authorize(host.context(), host::Capability::key_value, target).allowed)
    return std::unexpected(OpenFault::access_denied);
  auto& state = host.state<KeyValueState>();
  if (state.links == nullptr) return std::unexpected(OpenFault::no_such_store);
  const auto linked = state.links->find(label);
  if (linked == state.links->end()) return std::unexpected(OpenFault::no_such_store);
  auto place = OpenCount::take(state.stores);
  if (place == nullptr) return std::unexpected(OpenFault::table_full);
  return OpenStore{linked->second, std::move(place)};
}

std::string Teller::tell(const Error& error) const {
  return tell_of(context_, error);
}

std::string tell(bind::Host host, const Error& error) {
  return tell_of(&host.context(), error);
}

void make_text(std::vector<std::string>& keys) {
  std::erase_if(keys, [](const std::string& key) { return !is_utf8(key); });
}

Call<std::optional<provider::Bytes>> call_get(const OpenStore& open, std::string key) {
  CHECK_OK(provider::check_key(key));
  return open.store->get(std::move(key));
}

Call<void> call_set(const OpenStore& open, std::string key, provider::Bytes value) {
  CHECK_OK(provider::check_key(key));
  CHECK_OK(provider::check_value(value.size()));
  return open.store->set(std::move(key), std::move(value));
}

Call<void> call_remove(const OpenStore& open, std::string key) {
  CHECK_OK(provider::check_key(key));
  return open.store->remove(std::move(key));
}

Call<bool> call_exists(const OpenStore& open, std::string key) {
  CHECK_OK(provider::check_key(key));
  return open.store->exists(std::move(key));
}

Result<std::optional<provider::Bytes>> get(bind::Host host, const OpenStore& open, std::string key) {
  return wait(host, open, call_get(open, std::move(key)));
}

Result<void> set(bind::Host host, const OpenStore& open, std::string key, provider::Bytes value) {
  return wait(host, open, call_set(open, std::move(key), std::move(value)));
}

Result<void> remove(bind::Host host, const OpenStore& open, std::string key) {
  return wait(host, open, call_remove(open, std::move(key)));
}

Result<bool> exists(bind::Host host, const OpenStore& open, std::string key) {
  return wait(host, open, call_exists(open, std::move(key)));
}

Result<KeyPage> some_keys(bind::Host host, const OpenStore& open, std::optional<std::string> cursor) {
  KeyPage all{.keys = {}, .next = std::move(cursor)};
  std::size_t bytes = 0;
  do {
    TRY(KeyPage page, open.await(host, open.store->list_keys(std::move(all.next))));
    for (std::string& key : page.keys) {
      bytes += key.size() + provider::key_overhead_bytes;
      all.keys.push_back(std::move(key));
    }
    all.next = std::move(page.next);
  } while (all.next && bytes < max_listed_bytes);
  make_fit(all.keys);
  return all;
}

Result<std::vector<std::string>> all_keys(bind::Host host, const OpenStore& open) {
  for (int attempt = 1;; ++attempt) {
    std::vector<std::string> keys;
    std::optional<std::string> cursor;
    provider::ResultBudget budget;
    bool changed = false;
    do {
      auto page = open.await(host, open.store->list_keys(std::move(cursor)));
      // The cursor was this store's own: only another store behind the link does not know it.
      changed = !page && page.error().code() == Errc::invalid && attempt < max_listings;
      if (changed) break;
      if (!page) return std::unexpected(std::move(page).error());
      for (std::string& key : page->keys) {
        CHECK_OK(budget.add(key.size() + provider::key_overhead_bytes));
        keys.push_back(std::move(key));
      }
      cursor = std::move(page->next);
    } while (cursor);
    if (changed) continue;
    make_fit(keys);
    return keys;
  }
}

}  // namespace weft::key_value
