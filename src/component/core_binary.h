// Binary decoding of core types (core spec, "Binary Format: Types"), shared by the component decoder and the
// core-module interface reader. On failure the reader's error is set and the result is meaningless.
#pragma once

#include "component/core_types.h"
#include "component/reader.h"

namespace weft::component {

CoreValType read_core_valtype(Reader& r);
CoreRefType read_core_reftype(Reader& r);
CoreHeapType read_core_heaptype(Reader& r);
CoreRecType read_core_rectype(Reader& r);
// comptype with an optional `shared` prefix, wrapped as a final subtype without supertypes.
CoreSubType read_core_comptype(Reader& r);
CoreTableType read_core_tabletype(Reader& r);
CoreMemoryType read_core_memtype(Reader& r);
CoreGlobalType read_core_globaltype(Reader& r);
CoreTagType read_core_tagtype(Reader& r);
CoreExternType read_core_externtype(Reader& r);
CoreImport read_core_import(Reader& r);

}  // namespace weft::component
