// Several components as one: which import of a part is which export of another, and what a part is denied.
//
// A composition is itself a component binary, in which the parts are nested and a custom section says the rest. So it
// is read, hashed, kept and run as any other component; what it says of its parts is in its digest. The last part is
// the one that others see: its exports are the composition's. Each part is an instance of its own, once. What no part
// gives comes from the host, and two parts that import an interface of the host mean the same one.
//
// Unlike the component that `wac plug` makes of the same parts, a composition has no types of its own for what it
// imports: they stay in the parts. Nobody but weft needs to read it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "component/ast.h"
#include "component/plan.h"
#include "component/types.h"
#include "util/error.h"

namespace weft::component {

// Components of one composition.
inline constexpr std::size_t max_parts = 200;
// The custom section that makes a component a composition.
inline constexpr std::string_view composition_section = "weft:composition";

// The import `import` of `part` is `export_name` of the part `from`, which stands before it.
struct Link {
  std::uint32_t part = 0;
  std::string import;
  std::uint32_t from = 0;
  std::string export_name;
};

// `part` is not given the host's `import`: its functions fail, or trap, as denial.h says. `reason` is for the log.
struct Denied {
  std::uint32_t part = 0;
  std::string import;
  std::string reason;
};

struct Wiring {
  std::vector<Link> links;
  std::vector<Denied> denied;
};

struct Composition {
  std::vector<const ast::Component*> parts;  // of the component it was read from
  Wiring wiring;
};

// The binary. REQUIRES: there is a part, and no more than max_parts.
std::vector<std::byte> write_composition(std::span<const ast::Bytes> parts, const Wiring& wiring);

// What `component` composes; nullopt if it is no composition. Errc::invalid if it claims to be one and is not.
Result<std::optional<Composition>> read_composition(const ast::Component& component);

// Why a link was refused. The types live as long as `arena`.
struct LinkFault {
  std::size_t link = 0;
  std::string function;  // whose types differ, if it is one of an interface
  std::optional<ExternType> wanted, given;
  std::shared_ptr<const void> arena;
};

// Validates every part, and that each link gives what is asked for. Errc::invalid; `fault`, which may be null, has the
// link if it is one.
Result<void> validate(const Composition& composition, LinkFault* fault = nullptr);

// ---- what read_composition() made of `component`: a composition, or the component itself ----

// The parts, or the component alone.
std::vector<const ast::Component*> parts_of(const ast::Component& component,
                                            const std::optional<Composition>& composition);
Result<void> validate(const ast::Component& component, const std::optional<Composition>& composition);
// The plan of what validate() accepted; see make_plan() of a component.
Result<std::unique_ptr<LinkPlan>> make_plan(const ast::Component& component,
                                            const std::optional<Composition>& composition,
                                            Bypass bypass = Bypass::where_exact);

}  // namespace weft::component
