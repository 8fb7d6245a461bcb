// A link plan as bytes, so that a start from the code cache needs neither decoding nor validation nor planning.
//
// Layout: magic, version, checksum of what follows, then the plan in LEB128 numbers and counted lists. Another version
// of weft refuses it and makes the plan anew: the format is for one program's own cache, not for exchange.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "component/plan.h"

namespace weft::component {

// Changes whenever the bytes of a plan mean something else: its structs, the order of enumerators, or what a plan
// made by planning looks like.
inline constexpr std::uint32_t plan_version = 5;

// Errc::limit if it would have more than max_plan_bytes.
inline constexpr std::size_t max_plan_bytes = std::size_t{64} << 20;
Result<std::vector<std::byte>> serialize(const LinkPlan& plan);

// The plan of the component `bytes`. Errc::invalid if it is damaged, of another version, or of a component of another
// size; the caller vouches that it was made of these very bytes, as it vouches for the compiled code beside it. Every
// index is checked, and that instances can be made in the order given, so a wrong plan leads to an error or to a trap.
Result<std::unique_ptr<LinkPlan>> deserialize_plan(std::span<const std::byte> serialized, ast::Bytes bytes);

// Checks what holds of every plan: indices are in bounds, things are made before they are used, memories are there
// where values need them. Errc::invalid with the first rule broken.
Result<void> check_plan(const LinkPlan& plan);

}  // namespace weft::component
