#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wit/collect.h"
#include "wit/names.h"
#include "wit/testing.h"

namespace weft::wit {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string wit_of(std::string_view text, const Docs& docs = {}) {
  return write(collect(*ValidComponent(text).valid.type, docs));
}

Docs docs(std::string json) {
  json.insert(json.begin(), '\1');
  return Docs(std::as_bytes(std::span(json)));
}

TEST(Wit, AWorldNamesItsInterfacesAndEachIsWrittenInItsPackage) {
  EXPECT_EQ(wit_of(R"((component
    (import "a:b/types@1.0.0" (instance
      (type $r' (record (field "x" u32) (field "y" (option string)))) (export "point" (type $r (eq $r')))
      (export "origin" (func (result $r)))))
    (import "log" (func (param "line" string)))))"),
            R"(package root:component;

world root {
  import a:b/types@1.0.0;
  import log: func(line: string);
}

package a:b@1.0.0 {
  interface types {
    record point {
      x: u32,
      y: option<string>,
    }
    origin: func() -> point;
  }
}
)");
}

TEST(Wit, EveryKindOfTypeHasItsNotation) {
  const std::string text = wit_of(R"((component (import "a:b/c" (instance
    (export "res" (type $r (sub resource)))
    (type $e' (enum "one" "two")) (export "e" (type $e (eq $e')))
    (type $f' (flags "read" "write")) (export "f" (type $f (eq $f')))
    (type $v' (variant (case "none") (case "some" $e))) (export "v" (type $v (eq $v')))
    (type $bytes' (list u8)) (export "bytes" (type $bytes (eq $bytes')))
    (type $t (tuple bool char)) (type $o (own $r)) (type $b (borrow $r)) (type $ob (option $b))
    (type $r0 (result)) (type $r1 (result u8)) (type $r2 (result (error string))) (type $r3 (result u8 (error $e)))
    (type $s0 (stream)) (type $s1 (stream u8)) (type $u (future $v)) (type $m (map string u32))
    (export "f1" (func (param "t" $t) (param "o" $o) (param "b" $ob) (result $bytes)))
    (export "f2" (func (param "a" $r0) (param "b" $r1) (param "c" $r2) (param "d" $r3)))
    (export "f3" (func async (param "a" $s0) (param "b" $s1) (param "c" $u) (param "d" $m)))
  ))))");
  for (const char* part :
       {"resource res;", "enum e {\n      one,\n      two,\n    }", "flags f {\n      read,\n      write,\n    }",
        "variant v {\n      none,\n      some(e),\n    }", "type bytes = list<u8>;",
        "f1: func(t: tuple<bool, char>, o: res, b: option<borrow<res>>) -> bytes;",
        "f2: func(a: result, b: result<u8>, c: result<_, string>, d: result<u8, e>);",
        "f3: async func(a: stream, b: stream<u8>, c: future<v>, d: map<string, u32>);"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST(Wit, FunctionsOfAResourceStandInIt) {
  const std::string text = wit_of(R"((component (import "a:b/c" (instance
    (export "file" (type $f (sub resource)))
    (export "[constructor]file" (func (param "path" string) (result (own $f))))
    (export "[method]file.read" (func (param "self" (borrow $f)) (param "n" u32) (result string)))
    (export "[static]file.exists" (func (param "path" string) (result bool)))
    (export "[static]file.open" (func async (param "path" string) (result bool)))))))");
  EXPECT_THAT(text, HasSubstr(R"(    resource file {
      constructor(path: string);
      read: func(n: u32) -> string;
      exists: static func(path: string) -> bool;
      open: static async func(path: string) -> bool;
    })"));
}

constexpr const char* uses_another = R"((component
    (import "a:b/errors@1.0.0" (instance $errors
      (export "error" (type (sub resource)))
      (type $code' (enum "bad")) (export "code" (type (eq $code')))))
    (alias export $errors "error" (type $error))
    (alias export $errors "code" (type $code))
    (import "a:b/files@1.0.0" (instance
      (export "error" (type $e (eq $error)))
      (export "reason" (type $c (eq $code)))
      (export "open" (func (result (result (error (own $e))))))
      (export "last" (func (result $c)))))))";

TEST(Wit, ATypeOfAnotherInterfaceIsUsedUnderItsName) {
  EXPECT_THAT(wit_of(uses_another), HasSubstr(R"(  interface files {
    use errors.{error, code as reason};
    open: func() -> result<_, error>;
    last: func() -> reason;
  })"));
}

TEST(Wit, ATypeUsedWithoutANameIsUsedAllTheSame) {
  const std::string text = wit_of(R"((component
    (import "a:b/c" (instance $c (export "thing" (type (sub resource)))))
    (alias export $c "thing" (type $thing))
    (import "run" (func (param "it" (own $thing))))))");
  EXPECT_THAT(text, HasSubstr("use a:b/c.{thing};\n  import run: func(it: thing);"));
}

TEST(Wit, AnInterfaceThatIsImportedAndExportedIsWrittenOnceWithAllOfIt) {
  const std::string text = wit_of(R"((component
    (import "a:b/c" (instance $i (export "f" (func)) ))
    (component $C (import "f" (func $f)) (import "g" (func $g)) (export "f" (func $f)) (export "g" (func $g)))
    (import "g" (func $g))
    (alias export $i "f" (func $f))
    (instance $o (export "f" (func $f)) (export "g" (func $g)))
    (export "a:b/c" (instance $o))))");
  EXPECT_THAT(text, HasSubstr("  import a:b/c;\n"));
  EXPECT_THAT(text, HasSubstr("  export a:b/c;\n"));
  EXPECT_THAT(text, HasSubstr("  interface c {\n    f: func();\n    g: func();\n  }"));
}

TEST(Wit, LabelsThatAreKeywordsAreEscaped) {
  const std::string text = wit_of(R"((component (import "a:list/type" (instance
    (type $r' (record (field "record" u8) (field "plain" u8))) (export "use" (type $r (eq $r')))
    (export "func" (func (param "from" $r)))))))");
  EXPECT_THAT(text, HasSubstr("import a:%list/%type;"));
  EXPECT_THAT(text, HasSubstr("package a:%list {\n  interface %type {"));
  EXPECT_THAT(text, HasSubstr("record %use {\n      %record: u8,\n      plain: u8,"));
  EXPECT_THAT(text, HasSubstr("%func: func(%from: %use);"));
}

TEST(Wit, AnExternalIdIsEscaped) {
  EXPECT_EQ(write([] {
              Document document;
              World world{.name = "a:b/w", .block = {}, .items = {}};
              world.block.add({.name = "f", .attribute = "@external-id(\"x\")", .text = "import f: func();"});
              document.worlds.push_back(std::move(world));
              return document;
            }()),
            "package a:b;\n\nworld w {\n  @external-id(\"x\")\n  import f: func();\n}\n");
}

TEST(Wit, WhatWitHasNoWordsForIsAComment) {
  const std::string text = wit_of(R"((component
    (import "m" (core module (export "f" (func))))
    (import "c" (component (export "f" (func))))
    (type $t' (record (field "x" u8)))
    (export "t" (type $t'))))");
  EXPECT_THAT(text, HasSubstr("// m: module (WIT cannot say it)"));
  EXPECT_THAT(text, HasSubstr("// c: component (WIT cannot say it)"));
  EXPECT_THAT(text, HasSubstr("// exported, which WIT cannot say of a type:\n  record t {"));
}

constexpr const char* package = R"((component
    (type $i (component (export "a:b/c@1.0.0" (instance
      (type $r' (record (field "x" u8))) (export "r" (type $r (eq $r')))
      (export "f" (func (param "r" $r)))))))
    (export "c" (type $i))
    (type $w (component (export "a:b/w@1.0.0" (component (import "a:b/c@1.0.0" (instance (export "f" (func (param "r" u8)))))
      (export "run" (func))))))
    (export "w" (type $w))))";

TEST(Wit, APackageHasItsWorldsAndInterfacesWithTheirDocumentation) {
  const std::string text =
      wit_of(package, docs(R"({"docs":"All of it.","interfaces":{"c":{"docs":"Does c.\nWell.","funcs":
    {"f":{"docs":"Calls f."}},"types":{"r":{"docs":"A record.","items":{"x":"Its x."}}}}},"worlds":{"w":{"docs":"Runs.","funcs":{"run":"Runs it."}}}})"));
  EXPECT_EQ(text, R"(/// All of it.
package a:b@1.0.0;

/// Does c.
/// Well.
interface c {
  /// A record.
  record r {
    /// Its x.
    x: u8,
  }
  /// Calls f.
  f: func(r: r);
}
/// Runs.
world w {
  import c;
  /// Runs it.
  export run: func();
}
)");
}

TEST(Wit, DocumentationOfAnyOtherShapeIsIgnored) {
  for (const char* json : {"", "{", "[]", "1", R"({"interfaces":[1]})",
                           R"({"interfaces":{"c":{"funcs":7,"types":{"r":[]}}}})", R"({"docs":{"docs":{"docs":1}}})"}) {
    EXPECT_THAT(wit_of(package, docs(json)), Not(HasSubstr("///"))) << json;
  }
  EXPECT_EQ(Docs(std::span<const std::byte>()).package(), "");
}

TEST(Wit, DocumentationCannotDriveTheTerminal) {
  const std::string text = wit_of(package, docs("{\"docs\":\"\\u001b[2Jx\\u009bH\\r\"}"));
  EXPECT_THAT(text, HasSubstr("/// ?[2Jx?H?\n"));
}

TEST(Wit, TypesThatStandForHugeTreesAreCutOff) {
  std::string text = "(component (import \"a:b/c\" (instance (type $t0 (tuple u8 u8))";
  for (int i = 1; i < 60; ++i) {
    const std::string last = "$t" + std::to_string(i - 1);
    text += "(type $t" + std::to_string(i) + " (result " + last + " (error " + last + ")))";
  }
  // Records of a payload each have a small layout, but the text of the whole doubles with every step.
  text += "(export \"f\" (func (param \"x\" $t59))))))";
  const std::string written = wit_of(text);
  EXPECT_LT(written.size(), 64u << 20);
  EXPECT_THAT(written, testing::StartsWith("// Not all of it"));
}

TEST(Wit, NamesComeApartAndTogetherAgain) {
  const InterfaceName name("wasi:http/types@0.2.0-rc-1");
  EXPECT_EQ(name.package, "wasi:http");
  EXPECT_EQ(name.interface, "types");
  EXPECT_EQ(name.version, "0.2.0-rc-1");
  EXPECT_EQ(name.package_text(), "wasi:http@0.2.0-rc-1");
  EXPECT_EQ(escaped_interface("wasi:http/type@0.2.0"), "wasi:http/%type@0.2.0");
  EXPECT_EQ(printable("a\tb\nc\x7f\x01"), "a\tb\nc??");
}

}  // namespace
}  // namespace weft::wit
