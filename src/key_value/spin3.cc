// spin:key-value@3.0.0: as fermyon:spin/key-value@2.0.0, but no call holds the guest, and keys are a stream.
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include "bind/eventual.h"
#include "key_value/key_stream.h"
#include "key_value/registry.h"

namespace weft::key_value {

// A value that counts until the guest has it.
struct Value {
  provider::Bytes bytes;
  CallBudget::Charge charge;
};

}  // namespace weft::key_value

namespace weft::bind {

template <>
struct Abi<key_value::Value> {
  using Bytes = Abi<provider::Bytes>;
  static std::string wit() { return Bytes::wit(); }
  static bool check(TypeRef type, const ResourceTypes& resources) { return Bytes::check(type, resources); }
  static void lower(Lower& lower, auto to, key_value::Value value, TypeRef type) {
    Bytes::lower(lower, to, std::move(value.bytes), type);
  }
};

}  // namespace weft::bind

namespace weft::key_value {
namespace {

using bind::Borrow;
using bind::Eventual;
using bind::Host;
using bind::Own;
using provider::Bytes;
using Charge = CallBudget::Charge;

template <class T>
using StoreResult = std::expected<T, SpinError>;
template <class T>
using Later = Eventual<StoreResult<T>>;

class Store final : public host::Resource {
 public:
  static constexpr const char* resource_name = "store";
  explicit Store(OpenStore opened) : open(std::move(opened)) {}
  const OpenStore open;
};

KeyValueState& state_of(Host host) {
  auto& state = host.state<KeyValueState>();
  if (state.teller == nullptr) {
    state.teller = std::make_shared<Teller>(host.context());
    state.budget = std::make_shared<CallBudget>();
  }
  return state;
}

// What a guest has of a store's answer.
template <class T>
Result<T> keep(T answer, const Charge&) {
  return answer;
}
Result<std::optional<Value>> keep(std::optional<Bytes> answer, const Charge& call) {
  if (!answer) return std::nullopt;
  Charge charge = call.beside();
  CHECK_OK(charge.add(answer->size()));
  return Value{*std::move(answer), std::move(charge)};
}

template <class T, class R>
awaitable<StoreResult<T>> finish(std::shared_ptr<provider::KeyValueStore> store, std::shared_ptr<const Teller> teller,
                                 Charge charge, awaitable<Result<R>> call) {
  // Once it is made a call goes on to its end, whoever waits for it: what a store has begun it finishes.
  co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
  Result<R> answer = co_await std::move(call);
  store.reset();  // which the call referred to
  if constexpr (std::is_void_v<R>) {
    if (!answer) co_return std::unexpected(Other{teller->tell(answer.error())});
    co_return StoreResult<void>();
  } else {
    Result<T> kept = answer ? keep(*std::move(answer), charge) : std::unexpected(std::move(answer).error());
    if (!kept) co_return std::unexpected(Other{teller->tell(kept.error())});
    co_return *std::move(kept);
  }
}

// `bytes` are those of the call's arguments.
template <class T, class R>
Later<T> begin(Host host, const OpenStore& open, std::size_t bytes, Call<R> call) {
  KeyValueState& state = state_of(host);
  const auto refuse = [&](const Error& error) {
    return StoreResult<T>(std::unexpected(Other{state.teller->tell(error)}));
  };
  if (!call) return refuse(call.error());
  Charge charge(state.budget);
  if (auto room = charge.add(bytes + call_overhead_bytes); !room) return refuse(room.error());
  return finish<T>(open.store, state.teller, std::move(charge), *std::move(call));
}

StoreResult<Own<Store>> open(Host host, std::string label) {
  auto opened = open_store(host, label);
  if (opened) return std::make_unique<Store>(*std::move(opened));
  return std::unexpected(to_wit<SpinError>(opened.error()));
}

Later<std::optional<Value>> get_value(Host host, Borrow<Store> self, std::string key) {
  const std::size_t bytes = key.size();
  return begin<std::optional<Value>>(host, self->open, bytes, call_get(self->open, std::move(key)));
}

Later<void> set_value(Host host, Borrow<Store> self, std::string key, Bytes value) {
  const std::size_t bytes = key.size() + value.size();
  return begin<void>(host, self->open, bytes, call_set(self->open, std::move(key), std::move(value)));
}

Later<void> remove_value(Host host, Borrow<Store> self, std::string key) {
  const std::size_t bytes = key.size();
  return begin<void>(host, self->open, bytes, call_remove(self->open, std::move(key)));
}

Later<bool> exists_value(Host host, Borrow<Store> self, std::string key) {
  const std::size_t bytes = key.size();
  return begin<bool>(host, self->open, bytes, call_exists(self->open, std::move(key)));
}

KeyStream get_keys(Host host, Borrow<Store> self) {
  const KeyValueState& state = state_of(host);
  return list_keys(host.context().loop(), self->open.store, state.teller, Charge(state.budget));
}

}  // namespace

void add_spin3(bind::Registry& registry) {
  registry.interface("spin:key-value/key-value@3.0.0")
      .resource<Store>()
      .async_func<&open>("[static]store.open")
      .async_func<&get_value>("[method]store.get")
      .async_func<&set_value>("[method]store.set")
      .async_func<&remove_value>("[method]store.delete")
      .async_func<&exists_value>("[method]store.exists")
      .async_func<&get_keys>("[method]store.get-keys");
}

}  // namespace weft::key_value
