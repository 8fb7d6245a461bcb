#!/usr/bin/env python3
"""Writes test vectors for lifting, lowering and transfer, computed by the specification's own definitions.py.

Usage: make_vectors.py PATH/canonical-abi/definitions.py [count] [seed] > vectors.txt
       make_vectors.py PATH/canonical-abi/definitions.py signatures > signatures.txt

Each line is one case, fields separated by '|'; the notation of types and values is read by vectors.h:
  type | size align flat | source encoding | source core values | source memory from HEAP on | source handles
  | lifted value or "trap" | destination encoding | max_flat | out pointer or "-" | destination core values
  | calls of realloc | hash of the destination memory
A clean case also says how the source came to be: lowering the value with UTF-8 strings gives exactly the source; its
first field starts with '=' and the calls of realloc that took follow at the end.

A line of signatures.txt: parameters | result | lift | lift callback | lift stackful | lower | lower async
"""
import importlib.util
import math
import random
import struct
import sys

MEMORY = 1 << 16
HEAP = 128
FILL = 0xAA
OUT_POINTER = 64
MAX_LINE = 4000

spec = importlib.util.spec_from_file_location('definitions', sys.argv[1])
d = importlib.util.module_from_spec(spec)
sys.modules['definitions'] = d
spec.loader.exec_module(d)
d.DETERMINISTIC_PROFILE = True


class Memory:
    """A guest's memory with an allocator that never reuses and always moves."""

    def __init__(self):
        self.mem = d.MemInst(bytearray([FILL]) * MEMORY, 'i32')
        self.next = HEAP
        self.calls = []

    def realloc(self, old, old_size, align, new_size):
        ptr = (self.next + align - 1) // align * align
        if ptr + new_size > MEMORY:
            raise Skip()
        self.next = ptr + new_size
        n = min(old_size, new_size)
        self.mem.bytes[ptr:ptr + n] = self.mem.bytes[old:old + n]
        self.calls.append((old, old_size, align, new_size))
        return ptr


class Skip(Exception):
    pass


class Side:
    def __init__(self, encoding, store):
        self.memory = Memory()
        self.inst = d.ComponentInstance(store)
        self.opts = d.LiftLowerOptions(encoding, self.memory.mem)
        self.opts.test_memory = self.memory

    def context(self, scope):
        return d.LiftLowerContext(self.opts, self.inst, scope)


d.LiftLowerContext.reallocate = lambda cx, *args: cx.opts.test_memory.realloc(*args)

SIGNATURES = sys.argv[2:] == ['signatures']
R = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
PRIMITIVES = {
    'bool': d.BoolType, 's8': d.S8Type, 'u8': d.U8Type, 's16': d.S16Type, 'u16': d.U16Type, 's32': d.S32Type,
    'u32': d.U32Type, 's64': d.S64Type, 'u64': d.U64Type, 'f32': d.F32Type, 'f64': d.F64Type, 'char': d.CharType,
    'string': d.StringType}
LABELS = [chr(ord('a') + i % 26) + (str(i // 26) if i >= 26 else '') for i in range(400)]


def random_type(depth, resources):
    """Returns (the type, its text)."""
    if depth == 0 or R.random() < 0.25:
        if R.random() < 0.1:
            i = R.randrange(2)
            kind = R.choice(['own', 'borrow'])
            return ((d.OwnType if kind == 'own' else d.BorrowType)(resources[i]), f'{kind}<{i}>')
        name = R.choice(list(PRIMITIVES) + ['string'] * 6)
        return PRIMITIVES[name](), name
    def sub():
        return random_type(depth - 1, resources)
    match R.choice(['list', 'list', 'fixed', 'record', 'record', 'tuple', 'variant', 'enum', 'option', 'result',
                    'flags', 'map']):
        case 'list':
            t, text = sub()
            return d.ListType(t), f'list<{text}>'
        case 'fixed':
            t, text = sub()
            n = R.choice([1, 2, 3, 5])
            return d.ListType(t, n), f'list<{text}, {n}>'
        case 'record':
            fs = [(LABELS[i], *sub()) for i in range(R.randrange(1, 6))]
            return (d.RecordType([d.FieldType(l, t) for l, t, _ in fs]),
                    'record { ' + ', '.join(f'{l}: {x}' for l, _, x in fs) + ' }')
        case 'tuple':
            fs = [sub() for _ in range(R.randrange(1, 5))]
            return d.TupleType([t for t, _ in fs]), 'tuple<' + ', '.join(x for _, x in fs) + '>'
        case 'variant':
            cs = [(LABELS[i], *(sub() if R.random() < 0.7 else (None, None))) for i in range(R.randrange(1, 6))]
            return (d.VariantType([d.CaseType(l, t) for l, t, _ in cs]),
                    'variant { ' + ', '.join(l if t is None else f'{l}({x})' for l, t, x in cs) + ' }')
        case 'enum':
            n = R.choice([1, 2, 3, 255, 256, 257, 300])
            return d.EnumType(LABELS[:n]), f'enum#{n}'
        case 'option':
            t, text = sub()
            return d.OptionType(t), f'option<{text}>'
        case 'result':
            ok, e = (sub() if R.random() < 0.7 else (None, '_') for _ in range(2))
            return d.ResultType(ok[0], e[0]), f'result<{ok[1]}, {e[1]}>'
        case 'flags':
            n = R.choice([1, 3, 8, 9, 16, 17, 31, 32])
            return d.FlagsType(LABELS[:n]), f'flags#{n}'
        case 'map':
            k = R.choice(['u8', 's32', 'char', 'string', 'bool'])
            v, text = sub()
            return d.MapType(PRIMITIVES[k](), v), f'map<{k}, {text}>'


def random_string():
    ranges = R.choice([[(32, 127)], [(32, 127), (0xA0, 0x100)], [(0xA0, 0x100)], [(32, 0x800)],
                       [(32, 127)] * 5 + [(0x4E00, 0x9FFF), (0x1F300, 0x1F600)], [(0x10000, 0x110000)]])
    return ''.join(chr(R.randrange(*R.choice(ranges))) for _ in range(R.choice([0, 1, 2, 5, 9, 20])))


def random_float(bits, fmt):
    v = R.choice([0.0, -0.0, 1.5, -2.25, math.inf, -math.inf, math.nan, R.uniform(-1e6, 1e6), 1e-40])
    return struct.unpack(fmt, struct.pack(fmt, v))[0]


def random_value(t):
    match t:
        case d.BoolType(): return R.random() < 0.5
        case d.S8Type() | d.S16Type() | d.S32Type() | d.S64Type():
            n = 8 * d.elem_size(t, 'i32')
            return R.choice([0, -1, -(1 << (n - 1)), (1 << (n - 1)) - 1, R.randrange(-(1 << (n - 1)), 1 << (n - 1))])
        case d.U8Type() | d.U16Type() | d.U32Type() | d.U64Type():
            n = 8 * d.elem_size(t, 'i32')
            return R.choice([0, 1, (1 << n) - 1, R.randrange(1 << n)])
        case d.F32Type(): return random_float(32, '<f')
        case d.F64Type(): return random_float(64, '<d')
        case d.CharType(): return chr(R.choice([0, 65, 0xE9, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF]))
        case d.StringType():
            s = random_string()
            return (s, 'utf8', len(s.encode()))
        case d.OwnType() | d.BorrowType(): return R.randrange(1000)
        case d.ListType(e, None): return [random_value(e) for _ in range(R.choice([0, 1, 2, 3, 7]))]
        case d.ListType(e, n): return [random_value(e) for _ in range(n)]
        case d.FlagsType(labels): return {l: R.random() < 0.5 for l in labels}
        case d.RecordType(fields): return {f.label: random_value(f.t) for f in fields}
        case d.VariantType(cases):
            c = R.choice(cases)
            return {c.label: None if c.t is None else random_value(c.t)}
        case _: return random_value(d.despecialize(t))


def text(v, t):
    match t:
        case d.BoolType(): return str(int(v))
        case d.F32Type(): return 'x%08x' % d.core_i32_reinterpret_f32(v)
        case d.F64Type(): return 'x%016x' % d.core_i64_reinterpret_f64(v)
        case d.CharType(): return str(ord(v))
        case d.StringType(): return '"' + v[0].encode().hex() + '"'
        case d.ListType(e, _): return '[' + ','.join(text(x, e) for x in v) + ']'
        case d.FlagsType(labels): return str(d.pack_flags_into_int(v, labels))
        case d.RecordType(fields): return '(' + ','.join(text(v[f.label], f.t) for f in fields) + ')'
        case d.VariantType(cases):
            i, x = d.match_case(v, cases)
            return str(i) if cases[i].t is None else f'{i}({text(x, cases[i].t)})'
        case d.PrimValType() | d.OwnType() | d.BorrowType(): return str(v)
        case _: return text(v, d.despecialize(t))


def core_text(values, types):
    def bits(v, t):
        match t:
            case 'f32': return d.core_i32_reinterpret_f32(d.canonicalize_nan32(v))
            case 'f64': return d.core_i64_reinterpret_f64(d.canonicalize_nan64(v))
        return v
    return ' '.join('%x' % bits(v, t) for v, t in zip(values, types))


def calls_text(calls):
    return ' '.join(','.join(map(str, c)) for c in calls)


def fnv(data):
    h = 0xcbf29ce484222325
    for b in data:
        h = ((h ^ b) * 0x100000001b3) & 0xffffffffffffffff
    return h


def handles_text(table):
    return ' '.join(f'{i}:{int(e.own)}:{int(e.rt.index)}:{e.rep}' for i, e in enumerate(table.array) if e is not None)


def mutate(side, core, types):
    """Changes bytes of the values that are passed."""
    core = list(core)
    heap = side.memory.next - HEAP
    for _ in range(R.choice([1, 1, 2])):
        if heap > 0 and (not core or R.random() < 0.75):
            at = HEAP + R.randrange(heap)
            side.memory.mem[at] = R.choice([0, 1, 2, 0x80, 0xff, 0xd8, 0xc0, side.memory.mem[at] ^ (1 << R.randrange(8))])
        elif core:
            i = R.randrange(len(core))
            if types[i] in ('i32', 'i64'):
                n = 32 if types[i] == 'i32' else 64
                core[i] = R.choice([core[i] ^ (1 << R.randrange(n)), R.randrange(1 << n), 1, 2, core[i] + 1]) % (1 << n)
    return core


def put_wide_string(side):
    """A string of Latin-1 characters stored as UTF-16, which lowering never makes but guests may."""
    text = ''.join(chr(R.randrange(32, 256)) for _ in range(R.choice([0, 1, 2, 9])))
    at = side.memory.realloc(0, 0, 2, 2 * len(text))
    side.memory.mem.bytes[at:at + 2 * len(text)] = text.encode('utf-16-le')
    return [at, len(text) | d.utf16_tag('i32')]


def case(clean):
    store = d.Store()
    encodings = ['utf8', 'utf16', 'latin1+utf16']
    wide = not clean and R.random() < 0.08
    src = Side('latin1+utf16' if wide else R.choice(encodings), store)
    dst = Side(R.choice(encodings), store)
    resources = [d.ResourceType(None), d.ResourceType(dst.inst)]
    for i, r in enumerate(resources):
        r.index = i
    t, type_text = (d.StringType(), 'string') if wide else random_type(R.choice([0, 1, 2, 2, 3, 3]), resources)
    flat = d.flatten_type(t, src.opts)
    letters = ''.join({'i32': 'i', 'i64': 'l', 'f32': 'f', 'f64': 'd'}[x] for x in flat[:17])
    layout = f'{d.elem_size(t, "i32")} {d.alignment(t, "i32")} {len(flat)}:{letters}'

    value = random_value(t)
    task = d.Task(None, None, src.inst, None, None)
    core = put_wide_string(src) if wide else d.lower_flat_values(src.context(task), 16, [value], [t])
    types = flat if len(flat) <= 16 else ['i32']
    source_calls = list(src.memory.calls)
    if not clean and not wide:
        core = mutate(src, core, types)
    handles = handles_text(src.inst.handles)
    line = [('=' if clean else '') + type_text, layout, src.opts.string_encoding, core_text(core, types),
            src.memory.mem.bytes[HEAP:src.memory.next].hex(), handles]

    max_flat = R.choice([16, 16, 4, 1, 0])
    out = OUT_POINTER if R.random() < 0.3 else None
    try:
        [lifted] = d.lift_flat_values(src.context(d.Subtask()), 16, d.CoreValueIter(core), [t])
    except d.Trap:
        lifted = None
    line += ['trap' if lifted is None else text(lifted, t), dst.opts.string_encoding, str(max_flat),
             '-' if out is None else str(out)]
    if lifted is not None:
        task = d.Task(None, None, dst.inst, None, None)
        out_param = None if out is None else d.CoreValueIter([out])
        lowered = d.lower_flat_values(dst.context(task), max_flat, [lifted], [t], out_param)
        line += [core_text(lowered, flat if len(flat) <= max_flat else ['i32']), calls_text(dst.memory.calls),
                 '%016x' % fnv(dst.memory.mem.bytes[:dst.memory.next])]
    else:
        line += ['', '', '']
    if clean:
        line.append(calls_text(source_calls))
    return '|'.join(line)


def signature():
    opts = d.CanonicalOptions(memory=d.MemInst(bytearray(), 'i32'))
    resources = [d.ResourceType(None), d.ResourceType(None)]
    params = [random_type(R.choice([0, 0, 1]), resources) for _ in range(R.choice([0, 1, 2, 3, 4, 5, 9, 15, 16, 17]))]
    result = [random_type(R.choice([0, 1]), resources)] if R.random() < 0.8 else []
    ft = d.FuncType([t for t, _ in params], [t for t, _ in result])
    fields = [';'.join(x for _, x in params), ''.join(x for _, x in result)]
    for async_, callback, context in [(False, None, 'lift'), (True, True, 'lift'), (True, None, 'lift'),
                                      (False, None, 'lower'), (True, None, 'lower')]:
        opts.async_, opts.callback = async_, callback
        core = d.flatten_functype(opts, ft, context)
        letters = {'i32': 'i', 'i64': 'l', 'f32': 'f', 'f64': 'd'}
        fields.append(''.join(letters[x] for x in core.params) + '>' + ''.join(letters[x] for x in core.results))
    return '|'.join(fields)


def main():
    if SIGNATURES:
        for _ in range(150):
            print(signature())
        return
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 400
    seen = set()
    while len(seen) < count:
        try:
            line = case(clean=len(seen) % 2 == 0)
        except Skip:
            continue
        if len(line) <= MAX_LINE and line not in seen:
            seen.add(line)
            print(line)


main()
