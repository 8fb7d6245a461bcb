// Sizes, alignments and flattening of value types (CanonicalABI.md "Alignment", "Element Size", "Flattening").
//
// The only layout arithmetic of weft: Type computes with it at load time, the C++ bindings at compile time.
// For 32-bit memories. Saturating: no input overflows.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace weft::abi {

// Core values that parameters or results may take before they go through memory.
inline constexpr std::uint32_t kMaxFlatParams = 16;
inline constexpr std::uint32_t kMaxFlatAsyncParams = 4;
inline constexpr std::uint32_t kMaxFlatResults = 1;

// A size no 32-bit memory holds; sums and products stay below 2^64.
inline constexpr std::uint64_t kSaturatedSize = std::uint64_t{1} << 33;

enum class CoreType : std::uint8_t { i32, i64, f32, f64 };

// elem_size and alignment of a type, in bytes. The alignment is 1, 2, 4 or 8.
struct Layout {
  std::uint64_t size = 0;
  std::uint32_t alignment = 1;
  friend constexpr bool operator==(const Layout&, const Layout&) = default;
};

inline constexpr Layout kPointerPair{8, 4};  // string, list and map: pointer and length
inline constexpr Layout kHandle{4, 4};       // own, borrow, stream, future and error-context

constexpr std::uint64_t saturate(std::uint64_t size) {
  return std::min(size, kSaturatedSize);
}

// `alignment` is a power of two.
constexpr std::uint64_t align_to(std::uint64_t ptr, std::uint32_t alignment) {
  return (ptr + (alignment - 1)) & ~std::uint64_t{alignment - 1};
}

// Lays out the fields of a record or tuple one after the other.
class RecordLayout {
 public:
  // Returns the offset of the field.
  constexpr std::uint64_t add(Layout field) {
    const std::uint64_t offset = saturate(align_to(size_, field.alignment));
    size_ = saturate(offset + field.size);
    alignment_ = std::max(alignment_, field.alignment);
    fields_size_ = saturate(fields_size_ + field.size);
    return offset;
  }
  constexpr Layout layout() const { return {saturate(align_to(size_, alignment_)), alignment_}; }
  constexpr bool has_padding() const { return layout().size != fields_size_; }

 private:
  std::uint64_t size_ = 0;
  std::uint64_t fields_size_ = 0;
  std::uint32_t alignment_ = 1;
};

constexpr Layout fixed_list_layout(Layout element, std::uint32_t length) {
  return {saturate(element.size * length), element.alignment};
}

// Bytes of the discriminant of a variant with `cases` cases (at least one).
constexpr std::uint32_t discriminant_size(std::uint64_t cases) {
  return cases <= 0x100 ? 1 : cases <= 0x1'0000 ? 2 : 4;
}

// Lays out a variant; the payloads of all cases share one place.
class VariantLayout {
 public:
  constexpr explicit VariantLayout(std::uint64_t cases) : discriminant_(abi::discriminant_size(cases)) {}
  constexpr void add_payload(Layout payload) {
    payload_size_ = std::max(payload_size_, payload.size);
    payload_alignment_ = std::max(payload_alignment_, payload.alignment);
  }
  constexpr std::uint32_t discriminant_size() const { return discriminant_; }
  constexpr std::uint32_t payload_offset() const {
    return static_cast<std::uint32_t>(align_to(discriminant_, payload_alignment_));
  }
  constexpr Layout layout() const {
    const std::uint32_t alignment = std::max(discriminant_, payload_alignment_);
    return {saturate(align_to(payload_offset() + payload_size_, alignment)), alignment};
  }

 private:
  std::uint32_t discriminant_;
  std::uint64_t payload_size_ = 0;
  std::uint32_t payload_alignment_ = 1;
};

// `labels` is 1 to 32.
constexpr Layout flags_layout(std::size_t labels) {
  const std::uint32_t size = labels <= 8 ? 1 : labels <= 16 ? 2 : 4;
  return {size, size};
}

// The core type that can carry either.
constexpr CoreType join(CoreType a, CoreType b) {
  if (a == b) return a;
  const auto narrow = [](CoreType t) { return t == CoreType::i32 || t == CoreType::f32; };
  return narrow(a) && narrow(b) ? CoreType::i32 : CoreType::i64;
}

// The core types a value is flattened to. The count is exact (saturating); only the first `kCapacity` types are kept,
// because longer lists are passed in memory.
class FlatTypes {
 public:
  static constexpr std::uint32_t kCapacity = kMaxFlatParams + 1;  // the result pointer may follow the parameters

  constexpr FlatTypes() = default;
  constexpr explicit FlatTypes(CoreType type) { push(type); }

  constexpr std::uint32_t count() const { return count_; }
  constexpr CoreType operator[](std::uint32_t i) const { return types_[i]; }  // i < min(count, kCapacity)

  constexpr void push(CoreType type) {
    if (count_ < kCapacity) types_[count_] = type;
    count_ += count_ != UINT32_MAX;
  }
  constexpr void append(const FlatTypes& other, std::uint32_t times = 1) {
    if (other.count_ == 0) return;
    for (; times > 0 && count_ < kCapacity; --times) {
      const std::uint32_t kept = std::min(other.count_, kCapacity - count_);
      for (std::uint32_t i = 0; i < kept; ++i) types_[count_ + i] = other.types_[i];
      add_count(other.count_);
    }
    add_count(std::uint64_t{other.count_} * times);
  }
  // Adds the payload of one more case; `this` holds the joined payloads so far.
  constexpr void join_with(const FlatTypes& payload) {
    for (std::uint32_t i = 0; i < std::min(payload.count_, kCapacity); ++i) {
      types_[i] = i < count_ ? join(types_[i], payload.types_[i]) : payload.types_[i];
    }
    count_ = std::max(count_, payload.count_);
  }
  friend constexpr bool operator==(const FlatTypes& a, const FlatTypes& b) {
    return a.count_ == b.count_ &&
           std::equal(a.types_.begin(), a.types_.begin() + std::min(a.count_, kCapacity), b.types_.begin());
  }

 private:
  constexpr void add_count(std::uint64_t n) {
    count_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(count_ + n, UINT32_MAX));
  }

  std::uint32_t count_ = 0;
  std::array<CoreType, kCapacity> types_{};
};

// The flat types of a variant from its joined payloads.
constexpr FlatTypes flatten_variant(const FlatTypes& joined_payloads) {
  FlatTypes flat(CoreType::i32);
  flat.append(joined_payloads);
  return flat;
}

}  // namespace weft::abi
