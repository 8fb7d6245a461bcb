// The keys of a store as a stream, a page of the store at a time, and how the listing ended.
#pragma once

#include <memory>
#include <tuple>

#include "bind/ends.h"
#include "bind/items.h"
#include "key_value/errors.h"

namespace weft::key_value {

using ListingResult = std::expected<void, SpinError>;
using KeyStream = std::tuple<bind::Stream<std::string>, bind::Future<ListingResult>>;

// Each key once, as for all_keys(), and the same limit: a listing goes on in the next store when the store is changed
// for another. The next page is asked for when the guest has taken the one before; one that it does not wait for ends
// nobody's call. `charge` is what the listing takes so far. On `loop`.
KeyStream list_keys(Loop& loop, std::shared_ptr<provider::KeyValueStore> store, std::shared_ptr<const Teller> teller,
                    CallBudget::Charge charge);

}  // namespace weft::key_value
