// From a validated component to WIT.
#pragma once

#include <cstddef>

#include "component/types.h"
#include "wit/docs.h"
#include "wit/document.h"

namespace weft::wit {

// Bytes of types that are written out; the largest real worlds have 200 KB.
inline constexpr std::size_t max_type_text = 4 << 20;

// The world of a component, and every interface it imports and exports; or, of a WIT package in binary form, its worlds
// and interfaces. What WIT has no words for becomes a comment. Types keep the names they have in the component.
Document collect(const component::ComponentType& type, const Docs& docs = {});

}  // namespace weft::wit
