#include "abi/testing/property.h"

#include <stdexcept>

#include "abi/lift.h"
#include "abi/lower.h"
#include "abi/testing/guest.h"
#include "abi/transfer.h"
#include "abi/type_table.h"

namespace weft::abi::testing {
namespace {

constexpr std::uint32_t kMemory = 4096;
constexpr std::uint64_t kBudget = 256 << 10;
constexpr int kMaxDepth = 4;
constexpr int kMaxNodes = 40;

class Input {
 public:
  explicit Input(std::span<const std::uint8_t> data) : data_(data) {}

  std::uint8_t byte() {
    if (data_.empty()) return 0;
    const std::uint8_t first = data_[0];
    data_ = data_.subspan(1);
    return first;
  }
  std::uint32_t below(std::uint32_t n) { return byte() % n; }
  std::uint32_t word() {
    const std::uint32_t high = byte();
    return high << 8 | byte();
  }
  bool empty() const { return data_.empty(); }

 private:
  std::span<const std::uint8_t> data_;
};

class Types {
 public:
  Types(TypeTable& types, Input& in) : types_(types), in_(in) {}

  TypeRef any(int depth = 0) {
    const std::uint32_t leaf = in_.below(16);
    if (depth >= kMaxDepth || ++nodes_ > kMaxNodes || leaf < 6) return scalar();
    switch (leaf) {
      case 6:
        return types_.fixed_list(any(depth + 1), 1 + in_.below(5));
      case 7:
      case 8:
        return types_.record(fields(depth));
      case 9:
        return types_.variant(cases(depth));
      case 10:
        return types_.option(any(depth + 1));
      case 11:
        return types_.result(maybe(depth), maybe(depth));
      case 12:
        return types_.map(scalar(), any(depth + 1));
      case 13:
        return types_.enumeration(labels(1 + in_.word() % 300));
      case 14:
        return in_.below(2) == 0   ? types_.flags(labels(1 + in_.below(32)))
               : in_.below(2) == 0 ? types_.own(ResourceIndex{in_.below(2)})
                                   : types_.borrow(ResourceIndex{in_.below(2)});
      default:
        return types_.list(any(depth + 1));
    }
  }

 private:
  TypeRef scalar() {
    return types_.primitive(static_cast<Kind>(in_.below(static_cast<std::uint32_t>(Kind::string) + 1)));
  }
  TypeRef maybe(int depth) { return in_.below(2) == 0 ? nullptr : any(depth + 1); }
  std::vector<Field> fields(int depth) {
    std::vector<Field> fields(1 + in_.below(6));
    for (std::size_t i = 0; i < fields.size(); ++i) fields[i] = {std::to_string(i), any(depth + 1)};
    return fields;
  }
  std::vector<Case> cases(int depth) {
    std::vector<Case> cases(1 + in_.below(5));
    for (std::size_t i = 0; i < cases.size(); ++i) cases[i] = {std::to_string(i), maybe(depth)};
    return cases;
  }
  static std::vector<std::string> labels(std::uint32_t count) {
    std::vector<std::string> labels(count);
    for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = std::to_string(i);
    return labels;
  }

  TypeTable& types_;
  Input& in_;
  int nodes_ = 0;
};

void require(bool holds, const char* property) {
  if (!holds) throw std::logic_error(property);
}

// The guest that a value comes from; made anew for each pass, since lifting takes handles away.
struct Source {
  Source(StringEncoding encoding, std::span<const std::byte> memory) : guest(encoding, kMemory) {
    std::ranges::copy(memory, guest.at(0));
    for (std::uint32_t i = 0; i < 4; ++i) lower_own(guest.inst.handles, ResourceIndex{i / 2}, 100 + i);
    cx = guest.lift();
    cx.budget = kBudget;
  }
  Guest guest;
  LiftContext cx;
};

struct Target {
  explicit Target(StringEncoding encoding) : guest(encoding, kMemory) { guest.impls[1] = guest.impls[0]; }
  Value lift_again(TypeRef type, std::span<const CoreValue> lowered) {
    LiftContext cx = guest.lift();
    CoreValueIter values(lowered);
    return lift_flat_values(cx, kMaxFlatParams, values, type);
  }
  Guest guest;
  std::array<CoreValue, kMaxFlatParams + 1> core;
};

}  // namespace

Outcome check_lift_lower(std::span<const std::uint8_t> data) {
  Input in(data);
  TypeTable types;
  const TypeRef type = Types(types, in).any();
  if (!TypeTable::check(type)) return Outcome::trapped;
  const auto from = static_cast<StringEncoding>(in.below(3));
  const auto to = static_cast<StringEncoding>(in.below(3));
  const bool raw = in.below(4) == 0;
  std::vector<CoreValue> core(std::min(type->flat.count(), kMaxFlatParams));
  for (CoreValue& value : core) value.set_i64(raw ? in.word() * 0x1'0001'0001u : in.word() % 256 * (in.below(4) + 1));
  std::vector<std::byte> memory(kMemory, std::byte{0});
  // Small little-endian words are pointers and lengths inside of the memory.
  for (std::size_t i = 0; i + 4 <= memory.size() && !in.empty(); i += 4) {
    write_as(&memory[i], raw ? in.word() << 16 | in.word() : in.below(3) == 0 ? in.word() % 1024 : in.below(8) * 4);
  }
  const auto transfer = [&](Source& source, Target& target) {
    source.cx.budget = kMaxTransferBytes;  // lifting has its own, smaller one
    LowerContext cx = target.guest.lower();
    CoreValueIter values(core);
    const std::uint32_t n =
        transfer_flat_values(source.cx, kMaxFlatParams, values, type, cx, kMaxFlatParams, target.core, type);
    return std::span<const CoreValue>(target.core).first(n);
  };

  try {
    Source source(from, memory);
    Target target(to);
    target.guest.hostile = [&](Guest::Call call) {
      if (in.below(4) == 0) target.guest.move();
      const std::uint32_t answer = in.word() % (kMemory + 64);
      return in.below(8) == 0 ? answer : answer & ~(call.align - 1);
    };
    transfer(source, target);
  } catch (const Trap&) {
  }

  std::optional<Value> value;
  bool over_budget = false;
  try {
    Source source(from, memory);
    CoreValueIter values(core);
    value = lift_flat_values(source.cx, kMaxFlatParams, values, type);
  } catch (const Trap& trap) {
    over_budget = trap.message().starts_with("a call passes more");
  }
  if (over_budget) return Outcome::over_budget;

  Target moved(to);
  std::span<const CoreValue> moved_core;
  bool transferred = true;
  try {
    Source source(from, memory);
    moved_core = transfer(source, moved);
  } catch (const Trap&) {
    transferred = false;
  }
  require(transferred == value.has_value(), "transfer traps exactly if lifting does");
  if (!value) return Outcome::trapped;
  require(moved.lift_again(type, moved_core) == *value, "a transferred value is the same");

  Target lowered(to);
  LowerContext cx = lowered.guest.lower();
  const std::uint32_t n = lower_flat_values(cx, kMaxFlatParams, *value, type, lowered.core);
  require(lowered.lift_again(type, std::span(lowered.core).first(n)) == *value, "a lowered value is the same");
  static_cast<void>(to_string(*value, type));
  return Outcome::passed;
}

}  // namespace weft::abi::testing
