#include "provider/linked_key_value.h"

#include <charconv>
#include <utility>

#include "provider/copy_key_value.h"
#include "util/timer.h"

namespace weft::provider {
namespace {

// Keys that may be left for the time when calls wait: about as long as one batch takes.
constexpr std::size_t few_keys = max_copied_keys;
// Rounds of copying what changed meanwhile. After the last one, whatever is left is copied while calls wait.
constexpr int max_rounds = 20;
// How long calls under way have to end once the gate is closed; calls that come wait for as long.
constexpr std::chrono::seconds gate_timeout{5};

}  // namespace

// A call that is inside, until this goes.
class LinkedKeyValue::Use {
 public:
  Use(LinkedKeyValue& link, std::shared_ptr<KeyValueStore> store, std::uint64_t generation, Keys keys)
      : link_(&link), store_(std::move(store)), generation_(generation), keys_(std::move(keys)) {}
  Use(Use&& other) noexcept
      : link_(std::exchange(other.link_, nullptr)),
        store_(std::move(other.store_)),
        generation_(other.generation_),
        keys_(std::move(other.keys_)) {}
  Use& operator=(Use&&) = delete;
  ~Use() {
    if (link_ != nullptr) link_->leave(keys_);
  }
  KeyValueStore* operator->() const { return store_.get(); }
  std::uint64_t generation() const { return generation_; }

 private:
  LinkedKeyValue* link_;
  std::shared_ptr<KeyValueStore> store_;
  std::uint64_t generation_;
  Keys keys_;
};

std::shared_ptr<KeyValueStore> LinkedKeyValue::store() const {
  const std::lock_guard lock(mutex_);
  return store_;
}

std::uint64_t LinkedKeyValue::generation() const {
  const std::lock_guard lock(mutex_);
  return generation_;
}

awaitable<LinkedKeyValue::Use> LinkedKeyValue::enter(Keys keys) {
  for (;;) {
    std::shared_ptr<Gate> gate;
    {
      const std::unique_lock lock(mutex_);
      if (!closed_) {
        ++inside_;
        co_return Use(*this, store_, generation_, std::move(keys));
      }
    }
    const Executor executor = co_await boost::asio::this_coro::executor;
    {
      const std::lock_guard lock(mutex_);
      if (!closed_) continue;
      gate = std::make_shared<Gate>(executor.context());
      waiting_.push_back(gate);
    }
    co_await gate->wait();
  }
}

void LinkedKeyValue::leave(const Keys& keys) {
  std::shared_ptr<Gate> emptied;
  {
    const std::lock_guard lock(mutex_);
    // Noted when the call has ended: what is copied afterwards is what it made.
    if (moving_) changed_.insert(keys.begin(), keys.end());
    if (--inside_ == 0) emptied = std::exchange(emptied_, nullptr);
  }
  if (emptied == nullptr) return;
  emptied->set({});
  deliver({std::move(emptied)});
}

std::set<std::string> LinkedKeyValue::take_changed() {
  const std::lock_guard lock(mutex_);
  return std::exchange(changed_, {});
}

void LinkedKeyValue::open_gate() {
  std::vector<std::shared_ptr<Gate>> waiting;
  {
    const std::lock_guard lock(mutex_);
    closed_ = false;
    waiting = std::exchange(waiting_, {});
  }
  std::vector<std::shared_ptr<PendingAnswer>> answers;
  for (auto& gate : waiting) {
    gate->set({});
    answers.push_back(std::move(gate));
  }
  deliver(std::move(answers));
}

awaitable<Result<void>> LinkedKeyValue::close_gate() {
  const Executor executor = co_await boost::asio::this_coro::executor;
  const auto emptied = std::make_shared<Gate>(executor.context());
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    if (inside_ == 0) co_return Result<void>();
    emptied_ = emptied;
  }
  // Whoever takes it from there answers it, the last call or the end of the time.
  Timer timer(executor, gate_timeout);
  const auto late = std::make_shared<bool>(false);
  timer.async_wait([this, emptied, late](boost::system::error_code error) {
    if (error) return;
    {
      const std::lock_guard lock(mutex_);
      if (emptied_ != emptied) return;
      emptied_ = nullptr;
    }
    *late = true;
    emptied->set({});
    deliver({emptied});
  });
  co_await emptied->wait();
  if (!*late) co_return Result<void>();
  open_gate();
  co_return fail(Errc::timeout, "calls of the old store did not end in time");
}

awaitable<Result<std::size_t>> LinkedKeyValue::move_to(std::shared_ptr<KeyValueStore> next, Existing existing,
                                                       std::function<Result<void>()> commit) {
  {
    const std::lock_guard lock(mutex_);
    if (moving_) co_return fail(Errc::unavailable, "another move is under way");
    moving_ = true;
    changed_.clear();
  }
  auto done = co_await copy_and_change(std::move(next), existing, std::move(commit));
  const std::lock_guard lock(mutex_);
  moving_ = false;
  changed_.clear();
  co_return done;
}

awaitable<Result<std::size_t>> LinkedKeyValue::copy_and_change(std::shared_ptr<KeyValueStore> next, Existing existing,
                                                               std::function<Result<void>()> commit) {
  const std::shared_ptr<KeyValueStore> from = store();
  CO_CHECK_OK(co_await next->check());
  if (existing == Existing::replace) {
    CO_CHECK_OK(co_await remove_all(*next));
  } else if (existing == Existing::refuse) {
    CO_TRY(const KeyPage page, co_await next->list_keys(std::nullopt));
    if (!page.keys.empty())
      co_return fail(
          Errc::invalid,
          "the new store has keys already: --replace removes them first, --merge keeps those that are not copied");
  }
  CO_TRY(std::size_t copied, co_await copy_all(*from, *next));
  for (int round = 0; round < max_rounds; ++round) {
    const auto changed = take_changed();
    copied += changed.size();
    CO_CHECK_OK(co_await copy_keys(*from, *next, changed));
    if (changed.size() <= few_keys) break;
  }
  CO_CHECK_OK(co_await close_gate());
  const auto changed = take_changed();
  auto done = co_await copy_keys(*from, *next, changed);
  if (done && commit) done = commit();
  if (done) {
    const std::lock_guard lock(mutex_);
    store_ = std::move(next);
    ++generation_;
  }
  open_gate();
  if (!done) co_return std::unexpected(std::move(done).error());
  co_return copied + changed.size();
}

awaitable<Result<std::optional<Bytes>>> LinkedKeyValue::get(std::string key) {
  const Use store = co_await enter();
  co_return co_await store->get(std::move(key));
}

awaitable<Result<void>> LinkedKeyValue::set(std::string key, Bytes value) {
  const Use store = co_await enter({key});
  co_return co_await store->set(std::move(key), std::move(value));
}

awaitable<Result<void>> LinkedKeyValue::remove(std::string key) {
  const Use store = co_await enter({key});
  co_return co_await store->remove(std::move(key));
}

awaitable<Result<bool>> LinkedKeyValue::exists(std::string key) {
  const Use store = co_await enter();
  co_return co_await store->exists(std::move(key));
}

awaitable<Result<KeyPage>> LinkedKeyValue::list_keys(std::optional<std::string> cursor) {
  const Use store = co_await enter();
  // A cursor is that of the store, after the generation it belongs to.
  const std::string mark = std::to_string(store.generation()) + "/";
  if (cursor && !cursor->starts_with(mark)) co_return fail(Errc::invalid, "not a cursor of this store");
  if (cursor) cursor->erase(0, mark.size());
  CO_TRY(KeyPage page, co_await store->list_keys(std::move(cursor)));
  if (page.next) page.next->insert(0, mark);
  co_return page;
}

awaitable<Result<FoundValues>> LinkedKeyValue::get_many(std::vector<std::string> keys) {
  const Use store = co_await enter();
  co_return co_await store->get_many(std::move(keys));
}

awaitable<Result<void>> LinkedKeyValue::set_many(KeyValues values) {
  Keys keys;
  for (const auto& [key, value] : values) keys.push_back(key);
  const Use store = co_await enter(std::move(keys));
  co_return co_await store->set_many(std::move(values));
}

awaitable<Result<void>> LinkedKeyValue::remove_many(std::vector<std::string> keys) {
  const Use store = co_await enter(keys);
  co_return co_await store->remove_many(std::move(keys));
}

awaitable<Result<std::int64_t>> LinkedKeyValue::increment(std::string key, std::int64_t delta) {
  const Use store = co_await enter({key});
  co_return co_await store->increment(std::move(key), delta);
}

awaitable<Result<bool>> LinkedKeyValue::swap(std::string key, Expected expected, Bytes value) {
  const Use store = co_await enter({key});
  co_return co_await store->swap(std::move(key), std::move(expected), std::move(value));
}

awaitable<Result<void>> LinkedKeyValue::check() {
  const Use store = co_await enter();
  co_return co_await store->check();
}

}  // namespace weft::provider
