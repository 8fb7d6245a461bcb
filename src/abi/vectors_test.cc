// Compares lift, lower and transfer with vectors that the specification's definitions.py has computed. How they are
// made: testing/make_vectors.py.
#include <gtest/gtest.h>

#include <charconv>
#include <fstream>

#include "abi/lift.h"
#include "abi/lower.h"
#include "abi/testing/guest.h"
#include "abi/testing/notation.h"
#include "abi/transfer.h"

namespace weft::abi {
namespace {

using testing::Guest;

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  if (parts.size() == 1 && parts[0].empty()) parts.clear();
  return parts;
}

struct Vector {
  std::string type, layout, source_encoding, source_core, source_memory, source_handles, lifted, encoding, max_flat,
      out_pointer, core, calls, hash, source_calls;
  bool clean = false;
};

std::vector<Vector> read_vectors() {
  std::vector<Vector> vectors;
  std::ifstream file(WEFT_ABI_VECTORS);
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> p = split(line, '|');
    const bool clean = p.at(0).starts_with('=');
    if (clean) p[0].erase(0, 1);
    p.resize(14);
    vectors.push_back({p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8], p[9], p[10], p[11], p[12], p[13], clean});
  }
  return vectors;
}

StringEncoding encoding(std::string_view text) {
  return text == "utf8" ? StringEncoding::utf8 : text == "utf16" ? StringEncoding::utf16 : StringEncoding::latin1_utf16;
}

std::uint64_t number(const std::string& text, int base = 10) {
  return std::stoull(text, nullptr, base);
}

std::vector<CoreValue> core_values(const std::string& text) {
  std::vector<CoreValue> values;
  for (const std::string& bits : split(text, ' ')) values.emplace_back().set_i64(number(bits, 16));
  return values;
}

std::string core_text(std::span<const CoreValue> values) {
  std::string text;
  for (const CoreValue& value : values) {
    char digits[16];
    if (!text.empty()) text += ' ';
    text.append(digits, std::to_chars(digits, digits + 16, value.i64(), 16).ptr);
  }
  return text;
}

std::string calls_text(const Guest& guest) {
  std::string text;
  for (const Guest::Call& c : guest.calls) {
    if (!text.empty()) text += ' ';
    text += std::to_string(c.old_ptr) + "," + std::to_string(c.old_size) + "," + std::to_string(c.align) + "," +
            std::to_string(c.new_size);
  }
  return text;
}

std::string hash_text(Guest& guest) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (std::uint32_t i = 0; i < guest.next; ++i) {
    hash = (hash ^ std::to_integer<std::uint64_t>(*guest.at(i))) * 0x100000001b3;
  }
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016lx", hash);
  return digits;
}

std::string layout_text(TypeRef type) {
  std::string text = std::to_string(type->elem_size()) + " " + std::to_string(type->alignment()) + " " +
                     std::to_string(type->flat.count()) + ":";
  for (std::uint32_t i = 0; i < std::min(type->flat.count(), FlatTypes::kCapacity); ++i) {
    text += "ilfd"[static_cast<int>(type->flat[i])];
  }
  return text;
}

class Case {
 public:
  Case(TypeTable& types, const Vector& vector) : v_(vector), type_(testing::parse_type(types, vector.type)) {}

  void check_layout() const { EXPECT_EQ(layout_text(type_), v_.layout); }

  void check_lower_makes_the_source() {
    Guest guest(encoding(v_.source_encoding));
    guest.impls[1] = guest.impls[0];
    LowerContext cx = guest.lower();
    std::array<CoreValue, 16> out;
    const std::uint32_t n = lower_flat_values(cx, 16, testing::parse_value(type_, v_.lifted), type_, out);
    EXPECT_EQ(core_text(std::span(out).first(n)), v_.source_core);
    EXPECT_EQ(calls_text(guest), v_.source_calls);
    const std::string memory = testing::from_hex(v_.source_memory);
    EXPECT_EQ(std::string_view(reinterpret_cast<char*>(guest.at(Guest::kHeap)), guest.next - Guest::kHeap), memory);
  }

  void check_lift() {
    fill_source();
    LiftContext cx = source_.lift();
    CoreValueIter values(source_core_);
    if (v_.lifted == "trap") {
      EXPECT_THROW(lift_flat_values(cx, 16, values, type_), Trap);
    } else {
      const Value value = lift_flat_values(cx, 16, values, type_);
      EXPECT_EQ(value, testing::parse_value(type_, v_.lifted)) << to_string(value, type_);
      EXPECT_EQ(values.remaining(), 0u);
    }
  }

  void check_transfer(bool moving) {
    fill_source();
    Guest guest(encoding(v_.encoding));
    if (moving) {
      guest.hostile = [&](Guest::Call call) {
        guest.move();
        return guest.allocate(call);
      };
    }
    LiftContext from = source_.lift();
    LowerContext to = guest.lower();
    prepare_transfer(from, to);
    CoreValueIter values(source_core_);
    std::vector<CoreValue> out_pointer;
    if (v_.out_pointer != "-") out_pointer.emplace_back().set_i64(number(v_.out_pointer));
    CoreValueIter out_param(out_pointer);
    std::array<CoreValue, 17> out;
    const auto transfer = [&] {
      return transfer_flat_values(from, 16, values, type_, to, static_cast<std::uint32_t>(number(v_.max_flat)), out,
                                  type_, out_pointer.empty() ? nullptr : &out_param);
    };
    if (v_.lifted == "trap") {
      EXPECT_THROW(transfer(), Trap);
      return;
    }
    const std::uint32_t n = transfer();
    EXPECT_EQ(core_text(std::span(out).first(n)), v_.core);
    EXPECT_EQ(calls_text(guest), v_.calls);
    EXPECT_EQ(hash_text(guest), v_.hash);
  }

 private:
  void fill_source() {
    source_core_ = core_values(v_.source_core);
    source_.put(Guest::kHeap, testing::from_hex(v_.source_memory));
    for (const std::string& handle : split(v_.source_handles, ' ')) {
      const auto p = split(handle, ':');
      const HandleEntry entry{.kind = EntryKind::resource,
                              .own = p.at(1) == "1",
                              .resource = ResourceIndex(number(p.at(2))),
                              .rep = static_cast<std::uint32_t>(number(p.at(3)))};
      EXPECT_EQ(source_.inst.handles.add(entry), number(p.at(0)));
    }
  }

  const Vector& v_;
  TypeRef type_;
  Guest source_{encoding(v_.source_encoding)};
  std::vector<CoreValue> source_core_;
};

class Vectors : public ::testing::Test {
 protected:
  void for_each(const auto& check) {
    std::size_t line = 0;
    for (const Vector& vector : vectors_) {
      SCOPED_TRACE("vectors.txt:" + std::to_string(++line) + ": " + vector.type + " " + vector.lifted);
      Case c(types_, vector);
      check(c, vector);
    }
    EXPECT_GE(line, 500u);
  }

  TypeTable types_;
  std::vector<Vector> vectors_ = read_vectors();
};

TEST_F(Vectors, LayoutsAndFlatTypesAgree) {
  for_each([](Case& c, const Vector&) { c.check_layout(); });
}

TEST_F(Vectors, LoweringHostValuesAgrees) {
  for_each([](Case& c, const Vector& v) {
    if (v.clean) c.check_lower_makes_the_source();
  });
}

TEST_F(Vectors, LiftingAgreesAlsoOnDamagedInput) {
  for_each([](Case& c, const Vector&) { c.check_lift(); });
}

TEST_F(Vectors, TransferEqualsLiftThenLower) {
  for_each([](Case& c, const Vector&) { c.check_transfer(false); });
}

TEST_F(Vectors, TransferDoesNotDependOnWhereTheMemoryIs) {
  for_each([](Case& c, const Vector&) { c.check_transfer(true); });
}

TEST_F(Vectors, TypesPrintAsTheyParse) {
  for_each([this](Case&, const Vector& v) {
    const TypeRef type = testing::parse_type(types_, v.type);
    if (v.type.find('#') == std::string::npos) EXPECT_EQ(to_string(type), v.type);
    EXPECT_EQ(testing::parse_type(types_, to_string(type)), type);
  });
}

}  // namespace
}  // namespace weft::abi
