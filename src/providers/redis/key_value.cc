#include "providers/redis/key_value.h"

#include <algorithm>
#include <cctype>

#include "provider/memory_key_value.h"

namespace weft::provider::redis {
namespace {

using Kind = Reply::Kind;

// A cursor of SCAN, after a mark that tells it from other stores' cursors.
constexpr char cursor_mark = '~';

// How often an increment is tried while others change the value.
constexpr int max_attempts = 8;

// Compares and sets at once: a script runs alone.
constexpr const char* swap_script =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) return 1 end return 0";

std::string text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};  // any object may be read as bytes
}

Bytes bytes_of(std::string_view text) {
  const auto* at = reinterpret_cast<const std::byte*>(text.data());
  return {at, at + text.size()};
}

// An error of the server, as one of ours.
Error error_of(const Reply& reply) {
  const std::string_view text = reply.text;
  const bool value = text.starts_with("WRONGTYPE") || text.contains("not an integer") || text.contains("overflow");
  return Error(value ? Errc::invalid : Errc::io, "Redis: " + reply.text);
}

Result<Reply> expect(Result<Reply> reply, std::initializer_list<Kind> kinds) {
  if (!reply) return reply;
  if (reply->kind == Kind::error) return std::unexpected(error_of(*reply));
  if (std::ranges::find(kinds, reply->kind) != kinds.end()) return reply;
  return fail(Errc::io, "Redis: an answer of another kind than its command has");
}

std::optional<Bytes> value_of(const Reply& reply) {
  if (reply.kind != Kind::string) return std::nullopt;
  return bytes_of(reply.text);
}

}  // namespace

awaitable<Result<std::optional<Bytes>>> RedisKeyValue::get(std::string key) {
  CO_TRY(const Reply reply,
         expect(co_await client_->command({"GET", std::move(key)}, Repeat::harmless), {Kind::string, Kind::nil}));
  co_return value_of(reply);
}

awaitable<Result<void>> RedisKeyValue::set(std::string key, Bytes value) {
  CO_CHECK_OK(
      expect(co_await client_->command({"SET", std::move(key), text_of(value)}, Repeat::never), {Kind::status}));
  co_return Result<void>();
}

awaitable<Result<void>> RedisKeyValue::remove(std::string key) {
  CO_CHECK_OK(expect(co_await client_->command({"DEL", std::move(key)}, Repeat::never), {Kind::integer}));
  co_return Result<void>();
}

awaitable<Result<bool>> RedisKeyValue::exists(std::string key) {
  CO_TRY(const Reply reply,
         expect(co_await client_->command({"EXISTS", std::move(key)}, Repeat::harmless), {Kind::integer}));
  co_return reply.integer != 0;
}

awaitable<Result<KeyPage>> RedisKeyValue::list_keys(std::optional<std::string> cursor) {
  if (cursor && (!cursor->starts_with(cursor_mark) || cursor->size() < 2 || cursor->size() > 21 ||
                 !std::ranges::all_of(cursor->substr(1), [](unsigned char c) { return std::isdigit(c) != 0; }))) {
    co_return fail(Errc::invalid, "not a cursor of this store");
  }
  KeyPage page;
  std::string at = cursor ? cursor->substr(1) : "0";
  // A step of SCAN may find nothing.
  do {
    CO_TRY(Reply reply,
           expect(co_await client_->command({"SCAN", at, "COUNT", std::to_string(max_page_keys)}, Repeat::harmless),
                  {Kind::array}));
    if (reply.elements.size() != 2 || reply.elements[1]->kind != Kind::array)
      co_return fail(Errc::io, "Redis: an answer of another kind than SCAN has");
    at = std::move(reply.elements[0]->text);
    for (const auto& key : reply.elements[1]->elements) page.keys.push_back(std::move(key->text));
  } while (at != "0" && page.keys.empty());
  if (at != "0") page.next = cursor_mark + at;
  co_return page;
}

awaitable<Result<FoundValues>> RedisKeyValue::get_many(std::vector<std::string> keys) {
  if (keys.empty()) co_return FoundValues();
  std::vector<std::string> command{"MGET"};
  command.insert(command.end(), keys.begin(), keys.end());
  CO_TRY(const Reply reply, expect(co_await client_->command(std::move(command), Repeat::harmless), {Kind::array}));
  if (reply.elements.size() != keys.size()) co_return fail(Errc::io, "Redis: MGET answered another number of values");
  FoundValues found;
  ResultBudget budget;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    CO_CHECK_OK(budget.add(keys[i].size() + key_overhead_bytes + reply.elements[i]->text.size()));
    found.emplace_back(std::move(keys[i]), value_of(*reply.elements[i]));
  }
  co_return found;
}

awaitable<Result<void>> RedisKeyValue::set_many(KeyValues values) {
  if (values.empty()) co_return Result<void>();
  std::vector<std::string> command{"MSET"};
  for (auto& [key, value] : values) {
    command.push_back(std::move(key));
    command.push_back(text_of(value));
  }
  CO_CHECK_OK(expect(co_await client_->command(std::move(command), Repeat::never), {Kind::status}));
  co_return Result<void>();
}

awaitable<Result<void>> RedisKeyValue::remove_many(std::vector<std::string> keys) {
  if (keys.empty()) co_return Result<void>();
  keys.insert(keys.begin(), "DEL");
  CO_CHECK_OK(expect(co_await client_->command(std::move(keys), Repeat::never), {Kind::integer}));
  co_return Result<void>();
}

awaitable<Result<std::int64_t>> RedisKeyValue::increment(std::string key, std::int64_t delta) {
  for (int attempt = 1;; ++attempt) {
    auto reply =
        expect(co_await client_->command({"INCRBY", key, std::to_string(delta)}, Repeat::never), {Kind::integer});
    if (reply) co_return reply->integer;
    if (attempt == max_attempts || !reply.error().message().contains("not an integer"))
      co_return std::unexpected(std::move(reply).error());
    // A counter of another store, copied here: it becomes one of Redis, unless somebody else makes it one meanwhile.
    CO_TRY(auto value, co_await get(key));
    if (!value) continue;
    const auto number = counter_value(*value);
    if (!number) co_return std::unexpected(std::move(reply).error());
    Bytes text = bytes_of(std::to_string(*number));
    if (text != *value) CO_CHECK_OK(co_await swap(key, *std::move(value), std::move(text)));
  }
}

awaitable<Result<bool>> RedisKeyValue::swap(std::string key, Expected expected, Bytes value) {
  std::vector<std::string> command;
  if (const Bytes* wanted = std::get_if<Bytes>(&expected)) {
    command = {"EVAL", swap_script, "1", std::move(key), text_of(*wanted), text_of(value)};
  } else {
    command = {"SET", std::move(key), text_of(value)};
    if (std::holds_alternative<Nothing>(expected)) command.emplace_back("NX");
  }
  CO_TRY(const Reply reply, expect(co_await client_->command(std::move(command), Repeat::never),
                                   {Kind::integer, Kind::status, Kind::nil}));
  co_return reply.kind == Kind::status || reply.integer == 1;
}

awaitable<Result<void>> RedisKeyValue::check() {
  CO_CHECK_OK(expect(co_await client_->command({"PING"}, Repeat::harmless), {Kind::status}));
  co_return Result<void>();
}

}  // namespace weft::provider::redis
