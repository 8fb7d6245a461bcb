// What a component asks of its host, and what of it the host does not have.
#pragma once

#include <string>
#include <vector>

#include "component/linked.h"
#include "component/plan.h"
#include "util/error.h"

namespace weft::component {

// One thing the host does not have. `items` of an interface are functions and resources.
struct Lack {
  enum class Kind : std::uint8_t {
    interface,  // the whole interface
    items,      // some of its items
    mismatch,   // a function, offered with another type
  };
  Kind kind = Kind::interface;
  std::string name;                // of the interface or function
  std::vector<std::string> items;  // Kind::items only
  std::string detail;              // Kind::mismatch only: both types
};

// The host's side of a plan: `funcs` by host function, `resources` by abi::ResourceIndex (null for those that the
// component defines, and for lacking ones).
struct BoundImports {
  std::vector<HostBinding> funcs;
  std::vector<const HostResourceType*> resources;
  std::vector<Lack> lacks;  // each interface once, in the order of the imports
};

BoundImports bind_imports(const LinkPlan& plan, const HostLinker& linker);

// Takes those out of `lacks` that a component can start without, since only calls need them: interfaces that weft does
// not have yet, and items of one. Not those that nobody knows, which somebody forgot to compose.
std::vector<Lack> take_not_yet(std::vector<Lack>& lacks);

// An error, as error_of, when anything of the plan is lacking. `imports`: what to do about take_not_yet().
Result<void> check_host(const LinkPlan& plan, const HostLinker& linker, NotYet imports = NotYet::refuse);

// "needs wasi:nn/graph@0.2.0 (not yet)": one line, or three for a mismatch.
std::string to_string(const Lack& lack);

// A line each, and one for all interfaces of a package.
std::vector<std::string> lines_of(const std::vector<Lack>& lacks);

// All of them as one error, with these lines. REQUIRES: there are some.
// Errc::invalid if a type does not match, else Errc::unsupported.
Error error_of(const std::vector<Lack>& lacks);

}  // namespace weft::component
