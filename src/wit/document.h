// WIT text as a tree of blocks, before it is written.
//
// Everything in it is finished text but for indentation and order: names are escaped, types are written out. Names come
// from validated components, so they are labels and interface names; documentation is free text.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace weft::wit {

// `use path.{name as alias}`.
struct Use {
  std::string path;  // "wasi:io/poll@0.2.0"
  std::string name;
  std::string alias;  // empty: the name itself
};

// A type, function or comment; a resource has members.
struct Item {
  std::string name;  // what tells it from others of its block: "pollable", "[method]pollable.block"
  std::string docs = {};
  std::string attribute = {};  // "@external-id(…)", or empty
  std::string text;            // "record datetime {\n  seconds: u64,\n}"; without indentation
  bool is_resource = false;
  std::vector<Item> members = {};  // of a resource
};

// The content of an interface or world. What is added a second time, under the same name, is left out.
class Block {
 public:
  std::string docs;

  void add(Item item);
  // To the resource `name`; false if there is none.
  bool add_member(const std::string& name, Item member);
  void add_use(Use use);

  // Whether an item or a use has this name.
  bool has_name(const std::string& name) const { return items_by_name_.contains(name) || used_names_.contains(name); }
  // The name under which `name` of `path` is used, or an empty text.
  std::string used_as(const std::string& path, const std::string& name) const;
  // All of `other` that is not here yet.
  void merge(Block other);

  const std::vector<Item>& items() const { return items_; }
  // Those of one path together.
  std::vector<std::vector<Use>> uses() const;

 private:
  std::vector<Item> items_;
  std::unordered_map<std::string, std::size_t> items_by_name_;
  std::unordered_set<std::string> members_;  // of all resources
  std::vector<Use> uses_;
  std::unordered_map<std::string, std::string> aliases_;  // "path.{name" → name here
  std::unordered_set<std::string> used_names_;
};

struct Interface {
  std::string name;  // "wasi:io/poll@0.2.0"
  Block block;
};

// `import` or `export` of a world: of an interface by name, or with its content.
struct WorldItem {
  bool is_import = true;
  std::string name;       // "wasi:io/poll@0.2.0", or a label
  std::string interface;  // with a label: the interface it is of; empty: `block` is the content
  std::string attribute;
  Block block;
};

struct World {
  std::string name;  // "root:component/root"
  Block block;       // types and functions
  std::vector<WorldItem> items;
};

struct Document {
  std::string docs;  // of the package of the first world or interface
  std::vector<World> worlds;
  std::vector<Interface> interfaces;
  bool truncated = false;  // something was left out because the whole is too large

  // The interface `name`, made if it is new.
  Interface& interface(const std::string& name);

 private:
  std::unordered_map<std::string, std::size_t> interfaces_by_name_;
};

// The text of `document`: one `package` block for each package but the first world's, which is the file's own.
std::string write(const Document& document);

}  // namespace weft::wit
