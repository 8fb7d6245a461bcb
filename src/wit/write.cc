#include <algorithm>

#include "wit/document.h"
#include "wit/names.h"

namespace weft::wit {
namespace {

// Writes lines at a level of indentation.
class Writer {
 public:
  std::string take() { return std::move(out_); }

  void line(std::string_view text) {
    if (!text.empty()) out_.append(indent_ * 2, ' ');
    out_ += text;
    out_ += '\n';
  }
  void lines(std::string_view text) {
    while (true) {
      const auto end = text.find('\n');
      line(text.substr(0, end));
      if (end == std::string_view::npos) return;
      text.remove_prefix(end + 1);
    }
  }
  void docs(std::string_view text) {
    while (text.ends_with('\n')) text.remove_suffix(1);
    if (text.empty()) return;
    std::string commented = "///";
    for (const char c : "\n" + std::string(text)) {
      if (c == '\n' && commented.size() > 3)
        commented += "\n///";
      else if (c == '\n')
        continue;
      else if (commented.ends_with("///"))
        commented += std::string(" ") + c;
      else
        commented += c;
    }
    lines(commented);
  }
  void open(const std::string& head) {
    line(head + " {");
    ++indent_;
  }
  void close() {
    --indent_;
    line("}");
  }

  void item(const Item& item) {
    docs(item.docs);
    if (!item.attribute.empty()) line(item.attribute);
    if (!item.is_resource || item.members.empty()) return lines(item.text + (item.is_resource ? ";" : ""));
    open(item.text);
    for (const Item& member : item.members) this->item(member);
    close();
  }

  // `package`: the one it stands in, whose interfaces are named without it.
  void block(const Block& block, const std::string& package) {
    for (const auto& uses : block.uses()) {
      const std::string& path = uses.front().path;
      std::string text = "use " + path_of(path, package) + ".{";
      const char* separator = "";
      for (const Use& use : uses) {
        text += separator + escaped(use.name) + (use.alias.empty() ? "" : " as " + escaped(use.alias));
        separator = ", ";
      }
      line(text + "};");
    }
    for (const Item& each : block.items()) {
      if (!is_export(each)) item(each);
    }
  }

  void world(const World& world, const std::string& package) {
    docs(world.block.docs);
    open("world " + escaped(InterfaceName(world.name).interface));
    const auto items = [&](bool imports) {
      for (const WorldItem& each : world.items) {
        if (each.is_import != imports) continue;
        const std::string verb = imports ? "import " : "export ";
        docs(each.block.docs);
        if (!each.attribute.empty()) line(each.attribute);
        if (each.name.find(':') != std::string::npos) {
          line(verb + path_of(each.name, package) + ";");
        } else if (!each.interface.empty()) {
          line(verb + escaped(each.name) + ": " + path_of(each.interface, package) + ";");
        } else {
          open(verb + escaped(each.name) + ": interface");
          block(each.block, package);
          close();
        }
      }
    };
    items(true);
    block(world.block, package);
    items(false);
    for (const Item& each : world.block.items()) {
      if (is_export(each)) item(each);
    }
    close();
  }

 private:
  // An interface's name, seen from a package: its own are named without it.
  static std::string path_of(const std::string& interface, const std::string& package) {
    const InterfaceName name(interface);
    return name.package_text() == package ? escaped(name.interface) : escaped_interface(interface);
  }
  // Of a world: what it exports stands last.
  static bool is_export(const Item& item) { return item.text.starts_with("export "); }

  std::string out_;
  std::size_t indent_ = 0;
};

// What one package has.
struct Package {
  std::string name;
  std::vector<const Interface*> interfaces;
  std::vector<const World*> worlds;
};

// In the order in which they first appear, worlds first.
std::vector<Package> packages_of(const Document& document) {
  std::vector<Package> packages;
  std::unordered_map<std::string, std::size_t> by_name;
  const auto package = [&](const std::string& name) -> Package& {
    const auto [place, is_new] = by_name.emplace(InterfaceName(name).package_text(), packages.size());
    if (is_new) packages.push_back({place->first, {}, {}});
    return packages[place->second];
  };
  for (const World& world : document.worlds) package(world.name).worlds.push_back(&world);
  for (const Interface& interface : document.interfaces) package(interface.name).interfaces.push_back(&interface);
  return packages;
}

void write_package(Writer& writer, const Package& package) {
  for (const Interface* interface : package.interfaces) {
    writer.docs(interface->block.docs);
    writer.open("interface " + escaped(InterfaceName(interface->name).interface));
    writer.block(interface->block, package.name);
    writer.close();
  }
  for (const World* world : package.worlds) writer.world(*world, package.name);
}

}  // namespace

std::string write(const Document& document) {
  Writer writer;
  if (document.truncated) writer.line("// Not all of it: the whole would be too long.");
  writer.docs(document.docs);
  bool is_first = true;
  for (const Package& package : packages_of(document)) {
    if (is_first) {
      writer.line("package " + package.name + ";");
      writer.line("");
      write_package(writer, package);
    } else {
      writer.line("");
      writer.open("package " + package.name);
      write_package(writer, package);
      writer.close();
    }
    is_first = false;
  }
  return writer.take();
}

}  // namespace weft::wit
