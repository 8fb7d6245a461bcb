#include "wit_source/parse.h"

#include <string>
#include <utility>

#include "wit_source/body_parser.h"

namespace weft::wit_source {
namespace {

class Parser final : BodyParser {
 public:
  Parser(std::string_view text, std::uint32_t file) : BodyParser(text, file) {}

  Result<std::vector<Part>> parse() {
    CHECK_OK(advance());
    std::vector<Part> parts(1);
    parts.front().at = here();
    bool has_package = false;
    while (!at_end()) {
      CHECK_OK(attributes());
      if (is_word("package")) {
        TRY(Part part, package_name());
        if (is_mark("{")) {
          CHECK_OK(advance());
          while (!is_mark("}")) {
            CHECK_OK(attributes());
            CHECK_OK(part_item(part));
          }
          CHECK_OK(advance());
          parts.push_back(std::move(part));
          continue;
        }
        CHECK_OK(expect(";"));
        if (has_package) return fault("a second `package` in one file");
        has_package = true;
        parts.front().package = std::move(part.package);
        parts.front().version = std::move(part.version);
        continue;
      }
      CHECK_OK(part_item(parts.front()));
    }
    return parts;
  }

 private:
  // `package wasi:io@0.2.0`
  Result<Part> package_name() {
    Part part;
    part.at = here();
    CHECK_OK(advance());
    TRY(part.package, name());
    if (!is_mark(":")) return expected("`:` and the name of a package, as in `package acme:shop;`");
    while (is_mark(":")) {
      CHECK_OK(advance());
      TRY(const std::string next, name());
      part.package += ":" + next;
    }
    if (is_mark("@")) {
      TRY(part.version, version());
    }
    return part;
  }

  Result<void> part_item(Part& part) {
    if (is_word("interface")) {
      Interface made;
      CHECK_OK(advance());
      made.at = here();
      TRY(made.name, name());
      CHECK_OK(body(made.body));
      part.interfaces.push_back(std::move(made));
      return {};
    }
    if (is_word("world")) return world(part);
    if (is_word("use")) {
      CHECK_OK(advance());
      TopUse use;
      TRY(use.path, path());
      TRY(const bool renamed, take_word("as"));
      use.alias = use.path.name;
      if (renamed) {
        TRY(use.alias, name());
      }
      part.uses.push_back(std::move(use));
      return expect(";");
    }
    return expected("`interface`, `world`, `use` or `package`");
  }

  Result<void> world(Part& part) {
    CHECK_OK(advance());
    World made;
    made.at = here();
    TRY(made.name, name());
    CHECK_OK(expect("{"));
    while (!is_mark("}")) {
      TRY(const Gate gate, attributes());
      TRY(const bool taken, type_item(made.body, gate));
      if (taken) continue;
      if (is_word("include")) {
        CHECK_OK(include(made));
      } else if (is_word("import") || is_word("export")) {
        CHECK_OK(world_item(made, gate));
      } else {
        return expected("`import`, `export`, `include`, `use` or a type");
      }
    }
    part.worlds.push_back(std::move(made));
    return advance();
  }

  Result<void> include(World& world) {
    Include made{.world = {}, .renamed = {}, .at = here()};
    CHECK_OK(advance());
    TRY(made.world, path());
    TRY(const bool renames, take_word("with"));
    if (renames) {
      CHECK_OK(listed("{", "}", [&]() -> Result<void> {
        TRY(std::string from, name());
        if (!is_word("as")) return expected("`as`");
        CHECK_OK(advance());
        TRY(std::string to, name());
        made.renamed.emplace_back(std::move(from), std::move(to));
        return {};
      }));
    } else {
      CHECK_OK(expect(";"));
    }
    world.includes.push_back(std::move(made));
    return {};
  }

  // `import wasi:io/poll@0.2.0;`, `export run: func();`, `import names: interface { … }`, `import one: acme:a/b;`
  Result<void> world_item(World& world, const Gate& gate) {
    WorldItem made{.is_import = is_word("import"), .is_unstable = gate.is_unstable, .at = here(), .what = {}};
    CHECK_OK(advance());
    TRY(Path path, first_of_item(made));
    if (made.name.empty()) {
      made.what = std::move(path);
      CHECK_OK(expect(";"));
    } else if (is_word("interface")) {
      CHECK_OK(advance());
      Body inner;
      CHECK_OK(body(inner));
      made.what = std::move(inner);
    } else if (is_word("func") || is_word("async")) {
      Func func;
      func.name = made.name;
      func.at = made.at;
      func.is_unstable = gate.is_unstable;
      CHECK_OK(function(func));
      made.what = std::move(func);
      CHECK_OK(expect(";"));
    } else {
      made.what = std::move(instance_of_);
      CHECK_OK(expect(";"));
    }
    world.items.push_back(std::move(made));
    return {};
  }
  // A path; or a label with its `:`, which is then the name of the item. `a:b/c` and `a: b` begin alike.
  Result<Path> first_of_item(WorldItem& item) {
    Path path;
    path.at = here();
    TRY(path.name, name());
    if (!is_mark(":")) return path;
    CHECK_OK(advance());
    if (is_word("func") || is_word("async") || is_word("interface")) {
      item.name = std::move(path.name);
      return Path();
    }
    TRY(std::string second, name());
    if (is_mark("/") || is_mark(":")) {
      // `ns:package/…`, unless the label is followed by a path itself, which has one more `:`.
      Path behind;
      behind.at = path.at;
      behind.name = std::move(second);
      if (is_mark(":")) {
        item.name = std::move(path.name);
        CHECK_OK(path_behind(behind));
        instance_of_ = std::move(behind);
        return Path();
      }
      path.package = path.name + ":" + behind.name;
      CHECK_OK(expect("/"));
      TRY(path.name, name());
      if (is_mark("@")) {
        TRY(path.version, version());
      }
      return path;
    }
    item.name = std::move(path.name);
    instance_of_ = Path{.package = {}, .name = std::move(second), .version = {}, .at = path.at};
    return Path();
  }

  Path instance_of_;  // what an item with a label is, where first_of_item() found that out
};

}  // namespace

Result<std::vector<Part>> parse(std::string_view text, std::uint32_t file) {
  return Parser(text, file).parse();
}

}  // namespace weft::wit_source
