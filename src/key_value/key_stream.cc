#include "key_value/key_stream.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <unordered_set>
#include <utility>

namespace weft::key_value {
namespace {

using provider::KeyPage;

class Listing final : public bind::ItemSource<std::string> {
 public:
  using Ref = boost::intrusive_ptr<Listing>;
  using Outcome = bind::Settable<ListingResult>::Ref;
  Listing(Loop& loop, std::shared_ptr<provider::KeyValueStore> store, std::shared_ptr<const Teller> teller,
          CallBudget::Charge charge, Outcome outcome)
      : loop_(loop),
        store_(std::move(store)),
        teller_(std::move(teller)),
        charge_(std::move(charge)),
        outcome_(std::move(outcome)) {}

  // Once.
  void begin() {
    if (auto room = charge_.add(call_overhead_bytes); !room) return end(refused(room.error()));
    ask();
  }

  bool ready() const override { return ended_ || !waiting_.empty(); }
  std::optional<std::string> next() override {
    if (waiting_.empty()) return std::nullopt;
    const std::string* key = waiting_.front();
    waiting_.pop_front();
    if (waiting_.empty() && !ended_) ask();
    return *key;
  }
  void cancel() override {
    waiting_.clear();
    end({});
  }

 private:
  // Asks for the next page. Posted: a store may answer within the call, and the guest's end must not be told of keys
  // while it takes some.
  void ask() {
    boost::asio::post(loop_, [self = Ref(this)] {
      boost::asio::co_spawn(self->loop_, more(self), [self](const std::exception_ptr& failure) {
        if (failure != nullptr) self->end(std::unexpected(Other{"the store failed"}));
        self->changed();
      });
    });
  }

  // Until there is a key that the guest does not know, or no further one.
  static awaitable<void> more(Ref self) {
    while (!self->ready()) {
      auto page = co_await self->store_->list_keys(self->cursor_);
      if (self->ended_) co_return;
      // The cursor was this store's own: only another store behind the link does not know it.
      if (!page && page.error().code() == Errc::invalid && self->listings_++ < max_listings) {
        self->cursor_.reset();
        continue;
      }
      auto added = page ? self->add(*std::move(page)) : std::unexpected(std::move(page).error());
      if (!added)
        self->end(self->refused(added.error()));
      else if (!self->cursor_)
        self->end({});
    }
  }

  Result<void> add(KeyPage page) {
    make_text(page.keys);
    for (std::string& key : page.keys) {
      const std::size_t bytes = key.size() + provider::key_overhead_bytes;
      const auto [at, is_new] = known_.insert(std::move(key));
      if (!is_new) continue;
      CHECK_OK(budget_.add(bytes));
      CHECK_OK(charge_.add(bytes));
      waiting_.push_back(&*at);
    }
    cursor_ = std::move(page.next);
    return {};
  }

  ListingResult refused(const Error& error) const { return std::unexpected(Other{teller_->tell(error)}); }

  void end(ListingResult result) {
    if (std::exchange(ended_, true)) return;
    outcome_->set(std::move(result));
  }

  Loop& loop_;
  const std::shared_ptr<provider::KeyValueStore> store_;
  const std::shared_ptr<const Teller> teller_;
  CallBudget::Charge charge_;
  const Outcome outcome_;
  provider::ResultBudget budget_;
  int listings_ = 1;
  std::optional<std::string> cursor_;
  std::unordered_set<std::string> known_;   // all that were listed
  std::deque<const std::string*> waiting_;  // those of them that the guest has yet to take
  bool ended_ = false;                      // no more of them come
};

}  // namespace

KeyStream list_keys(Loop& loop, std::shared_ptr<provider::KeyValueStore> store, std::shared_ptr<const Teller> teller,
                    CallBudget::Charge charge) {
  const Listing::Outcome outcome(new bind::Settable<ListingResult>());
  const Listing::Ref listing(new Listing(loop, std::move(store), std::move(teller), std::move(charge), outcome));
  listing->begin();
  return {bind::Stream<std::string>(bind::ItemSource<std::string>::Ref(listing)), bind::Future<ListingResult>(outcome)};
}

}  // namespace weft::key_value
