//! Whether what a module's code can change in an instance of it can be put back from outside: its memories and the
//! numbers in its globals. What cannot are elements of tables, segments that were dropped, and the heap of collected
//! objects and exceptions.

use std::collections::HashMap;

use wasmparser::{
    BinaryReaderError, ExternalKind, Operator, Parser, Payload, RefType, TypeRef, ValType,
};

/// False too for what is no valid module, for every instruction that is not known to be harmless, and unless each
/// memory and mutable global that the module defines is exported by its number among them, as
/// `weft:state/memory/N` and `weft:state/global/N`.
pub fn is_restorable(wasm: &[u8]) -> bool {
    scan(wasm).unwrap_or(false)
}

fn scan(wasm: &[u8]) -> Result<bool, BinaryReaderError> {
    let (mut memories, mut globals) = (Indices::default(), Indices::default());
    let mut exported = HashMap::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let restorable = match payload? {
            Payload::TagSection(_) => false,
            Payload::ImportSection(section) => section.into_imports().all(|import| {
                import.is_ok_and(|import| {
                    match import.ty {
                        TypeRef::Memory(_) => memories.next += 1,
                        TypeRef::Global(_) => globals.next += 1,
                        _ => {}
                    }
                    is_plain_import(&import.ty)
                })
            }),
            Payload::TableSection(section) => section
                .into_iter()
                .all(|table| table.is_ok_and(|table| table.ty.element_type == RefType::FUNCREF)),
            Payload::MemorySection(section) => section.into_iter().all(|memory| {
                memories.add(true);
                memory.is_ok_and(|memory| !memory.shared)
            }),
            Payload::GlobalSection(section) => section.into_iter().all(|global| {
                global.is_ok_and(|global| {
                    globals.add(global.ty.mutable);
                    !global.ty.mutable || is_number(global.ty.content_type)
                })
            }),
            Payload::ExportSection(section) => section.into_iter().all(|export| {
                export.is_ok_and(|export| {
                    if export.name.starts_with("weft:state/") {
                        exported.insert(export.name, (export.kind, export.index));
                    }
                    true
                })
            }),
            Payload::CodeSectionEntry(body) => {
                let mut operators = body.get_operators_reader()?;
                let mut restorable = true;
                while restorable && !operators.eof() {
                    restorable = leaves_no_trace(&operators.read()?);
                }
                restorable
            }
            _ => true,
        };
        if !restorable {
            return Ok(false);
        }
    }
    Ok(
        memories.are_exported(&exported, "memory", ExternalKind::Memory)
            && globals.are_exported(&exported, "global", ExternalKind::Global),
    )
}

/// An index space, and what of it the module defines and can change.
#[derive(Default)]
struct Indices {
    next: u32,
    changeable: Vec<u32>,
}

impl Indices {
    fn add(&mut self, changeable: bool) {
        if changeable {
            self.changeable.push(self.next);
        }
        self.next += 1;
    }

    fn are_exported(
        &self,
        exported: &HashMap<&str, (ExternalKind, u32)>,
        what: &str,
        kind: ExternalKind,
    ) -> bool {
        self.changeable.iter().enumerate().all(|(number, index)| {
            let name = format!("weft:state/{what}/{number}");
            exported.get(name.as_str()) == Some(&(kind, *index))
        })
    }
}

fn is_plain_import(ty: &TypeRef) -> bool {
    match ty {
        TypeRef::Tag(_) => false,
        TypeRef::Memory(memory) => !memory.shared,
        _ => true,
    }
}

fn is_number(ty: ValType) -> bool {
    matches!(
        ty,
        ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 | ValType::V128
    )
}

/// Of whole proposals, but for those of their instructions that write tables or drop segments.
fn leaves_no_trace(operator: &Operator) -> bool {
    match operator {
        Operator::TableSet { .. }
        | Operator::TableGrow { .. }
        | Operator::TableFill { .. }
        | Operator::TableCopy { .. }
        | Operator::TableInit { .. }
        | Operator::ElemDrop { .. }
        | Operator::DataDrop { .. } => return false,
        _ => {}
    }
    macro_rules! proposal_is_harmless {
        ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
            match operator {
                $( Operator::$op { .. } => proposal_is_harmless!(one @$proposal), )*
                _ => false,
            }
        };
        (one @mvp) => { true };
        (one @sign_extension) => { true };
        (one @saturating_float_to_int) => { true };
        (one @bulk_memory) => { true };
        (one @reference_types) => { true };
        (one @tail_call) => { true };
        (one @threads) => { true };
        (one @simd) => { true };
        (one @relaxed_simd) => { true };
        (one @wide_arithmetic) => { true };
        (one @$proposal:ident) => { false };
    }
    wasmparser::for_each_operator!(proposal_is_harmless)
}
