// A component of a manifest with what its `dependencies` and its trigger's `middleware` name, as one binary.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "component/composition.h"
#include "manifest/app.h"
#include "util/error.h"

namespace weft::compose {

struct Binary {
  component::ast::Bytes bytes;
  std::string name;  // for messages: the file or the URL
};

// Reads what a source names. `subject` is what comes from there, for messages: "the dependency acme:math of hello".
using ReadSource = std::function<Result<Binary>(const manifest::Source& source, const std::string& subject)>;

// A component ready to be loaded.
class Composed {
 public:
  const std::string& name() const { return name_; }
  // Of the composition, or of the component itself if it is composed of nothing else.
  const component::ast::Bytes& bytes() const { return bytes_; }
  bool is_composition() const { return !parts_.empty(); }
  // What each import that another component serves is served by, a line each, for people.
  std::vector<std::string> links() const;

  // `error`, with which it could not be loaded, as what the manifest says: a part that is no component, or types that
  // differ, with file, line, key and both types. Else the same error.
  Error explain(Error error) const;

 private:
  friend class Composer;
  struct Part {
    Binary binary;
    std::vector<std::string> imports, exports;
  };
  // What a link or a part was made for.
  struct Place {
    std::string file;
    manifest::Location at;
    std::string key;
  };
  Error error_at(const Place& place, std::string message, std::string remedy) const;
  Error explain_link(const component::LinkFault& fault) const;

  std::string name_;
  component::ast::Bytes bytes_;
  std::vector<Part> parts_;  // empty: it is no composition
  component::Wiring wiring_;
  std::vector<Place> link_places_;  // by link
};

// REQUIRES: the manifest was accepted, so that a `component` of a dependency exists and has no grants of its own.
// `middleware` is outermost first. Errors name file, line and key, or the source that cannot be read.
Result<Composed> compose(const manifest::App& app, const manifest::Component& component,
                         std::span<const manifest::Dependency> middleware, const ReadSource& read);

}  // namespace weft::compose
