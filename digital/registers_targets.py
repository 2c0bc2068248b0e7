"""The texts that generate_registers.py writes, each from the map of registers_source."""

NOTICE = "Made by digital/generate_registers.py from digital/registers.toml: do not edit."
_CPP_ACCESS = {"ro": "read_only", "rw": "read_write", "w1c": "clear_by_one", "wo": "write_only"}
_SAID_ACCESS = {"ro": "read", "rw": "read, write", "w1c": "read, 1 clears", "wo": "1 triggers"}


def _named_fields(register):
    return [f for f in register.fields if f.name]


def cpp_header(m):
    out = [f"// {NOTICE}",
           "// The register map of the chip behind a bus: addresses, fields, and all of it as a table.",
           "// Addresses in bytes, words of 32 bits. What the registers mean: docs/registers.md.",
           "// clang-format off", "#pragma once", "", "#include <cstddef>", "#include <cstdint>", "",
           "namespace memprop::digital::registers {", "",
           "struct Bits {",
           "  std::uint32_t low, width;",
           "  constexpr std::uint32_t mask() const {",
           "    return (width == 32 ? 0xffffffffU : (1U << width) - 1U) << low;",
           "  }",
           "  constexpr std::uint32_t of(std::uint32_t word) const { return (word & mask()) >> low; }",
           "  constexpr std::uint32_t at(std::uint32_t value) const { return (value << low) & mask(); }",
           "};", "",
           f"constexpr std::uint32_t address_bits = {m.address_bits};",
           f"constexpr std::uint32_t id_value = 0x{m.identity:08x};",
           f"constexpr std::uint32_t version_value = 0x{m.major << 16 | m.minor:08x};", "",
           "// Addresses; of arrays that of element k."]
    for r in m.all_registers():
        name = r.name.lower()
        if r.array:
            out.append(f"constexpr std::uint32_t {name}(std::size_t k) {{ return 0x{r.address:05x} + "
                       f"{r.array.stride} * static_cast<std::uint32_t>(k); }}")
        else:
            out.append(f"constexpr std::uint32_t {name} = 0x{r.address:05x};")
    out += ["", "// Fields."]
    for r in m.all_registers():
        for f in _named_fields(r):
            out.append(f"constexpr Bits {r.name.lower()}_{f.name.lower()}{{{f.low}, {f.width}}};")
    out += ["", "// Codes of fields."]
    for r, f in m.values():
        out.append(f"enum class {_camel(r.name, f.name)} : std::uint32_t {{")
        out += [f"  {v.lower()} = {k}," for k, v in enumerate(f.values)] + ["};"]
        out.append(f"constexpr const char* {r.name.lower()}_{f.name.lower()}_names[] = {{")
        out += [f'    "{v.lower()}",' for v in f.values] + ["};"]
    out += ["", "enum class Access : std::uint8_t { read_only, read_write, clear_by_one, write_only };",
            "enum class Block : std::uint8_t { host, core };",
            "enum class Half : std::uint8_t { none, low, high };",
            "// What says how many elements of an array exist.",
            "enum class Count : std::uint8_t { one, "
            + ", ".join(p.lower() for p in _counts(m)) + " };", "",
            "struct Entry {",
            "  const char* name;",
            "  std::uint32_t address, stride, most;  // of the first; most: the largest count",
            "  Count count;",
            "  Access access;",
            "  Block block;",
            "  std::uint32_t reset;  // after the bus reset; `built`: depends on the chip",
            "  bool built;",
            "  std::uint32_t read_mask, write_mask;",
            "  bool idle_only, needs_reset;",
            "  int bank;            // of a double-buffered memory, else -1",
            "  bool code, is_signed;  // words of a converter's width",
            "  Half half;           // of a counter",
           "  bool first_is_zero;  // element 0 reads 0 and ignores writes",
           "  bool numbers_rows;   // its fields number rows of the phase table",
            "};", "", "constexpr Entry entries[] = {"]
    for r in m.all_registers():
        count = r.array.count.lower() if r.array else "one"
        half = {"": "none", "lo": "low", "hi": "high"}[r.half]
        out.append(
            f'    {{"{r.name}", 0x{r.address:05x}, {r.array.stride if r.array else 0}, '
            f"{r.array.most if r.array else 1}, Count::{count}, Access::{_CPP_ACCESS[r.access]}, "
            f"Block::{r.block}, 0x{r.reset:08x}, {_bool(r.built)}, 0x{r.read_mask:08x}, "
            f"0x{r.write_mask:08x}, {_bool(r.idle_only)}, {_bool(r.needs_reset)}, {r.bank}, "
            f"{_bool(bool(r.code_bits))}, {_bool(r.code_signed)}, Half::{half}, "
            f"{_bool(r.first_is_zero)}, {_bool(any(f.below for f in r.fields))}}},")
    out += ["};", "", "}  // namespace memprop::digital::registers", ""]
    return "\n".join(out)


def _bool(value):
    return "true" if value else "false"


def _camel(*names):
    return "".join(part.capitalize() for name in names for part in name.split("_"))


def _counts(m):
    return sorted({a.count for a in m.arrays})


def c_header(m):
    out = [f"/* {NOTICE}",
           " * The register map of the chip, for a host's firmware. Byte addresses, words of 32 bits;",
           " * MEMPROP_X(k) is element k of an array, _SHIFT and _MASK (in place) are a field's. */",
           "#ifndef MEMPROP_REGISTERS_H", "#define MEMPROP_REGISTERS_H", "",
           f"#define MEMPROP_ADDRESS_BITS {m.address_bits}",
           f"#define MEMPROP_ID_VALUE 0x{m.identity:08x}u",
           f"#define MEMPROP_VERSION_VALUE 0x{m.major << 16 | m.minor:08x}u", ""]
    for r in m.all_registers():
        if r.array:
            out.append(f"#define MEMPROP_{r.name}(k) (0x{r.address:05x}u + {r.array.stride}u * (k))")
        else:
            out.append(f"#define MEMPROP_{r.name} 0x{r.address:05x}u")
        for f in _named_fields(r):
            out.append(f"#define MEMPROP_{r.name}_{f.name}_SHIFT {f.low}")
            out.append(f"#define MEMPROP_{r.name}_{f.name}_MASK 0x{f.mask:08x}u")
            for k, v in enumerate(f.values):
                out.append(f"#define MEMPROP_{r.name}_{f.name}_{v} {k}u")
    out += ["", "#endif", ""]
    return "\n".join(out)


def sv_header(m):
    out = [f"// {NOTICE}",
           "// The register map as constants, for `include inside a module. Addresses in bytes; of arrays",
           "// that of element 0, and _STRIDE; of fields _LSB and _WIDTH.",
           "/* verilator lint_save */", "/* verilator lint_off UNUSEDPARAM */",
           f"localparam [31:0] MEMPROP_ID_VALUE = 32'h{m.identity:08x};",
           f"localparam [31:0] MEMPROP_VERSION_VALUE = 32'h{m.major << 16 | m.minor:08x};"]
    seen = set()
    for r in m.all_registers():
        if r.array and r.array.name not in seen:
            seen.add(r.array.name)
            out.append(f"localparam [19:0] MEMPROP_{r.array.name}_BASE = 20'h{r.array.base:05x};")
            out.append(f"localparam integer MEMPROP_{r.array.name}_STRIDE = {r.array.stride};")
        out.append(f"localparam [{m.address_bits - 1}:0] MEMPROP_{r.name} = "
                   f"{m.address_bits}'h{r.address:05x};")
        for f in _named_fields(r):
            out.append(f"localparam integer MEMPROP_{r.name}_{f.name}_LSB = {f.low};")
            out.append(f"localparam integer MEMPROP_{r.name}_{f.name}_WIDTH = {f.width};")
            for k, v in enumerate(f.values):
                out.append(f"localparam [{f.width - 1}:0] MEMPROP_{r.name}_{f.name}_{v} = "
                           f"{f.width}'d{k};")
    out += ["/* verilator lint_restore */", ""]
    return "\n".join(out)


# Bits of the decoder's answer.
_FLAGS = ("mapped", "writable", "host", "idle_only", "needs_reset", "banked", "bank")


def _flags(r):
    bits = (True, r.writable, r.block == "host", r.idle_only, r.needs_reset, r.bank >= 0,
            r.bank == 1)
    return f"{len(_FLAGS)}'b" + "".join("1" if b else "0" for b in bits)


def sv_decode(m):
    a = m.address_bits
    out = [f"// {NOTICE}",
           "// What an address is, for `include inside a module with the parameters " +
           ", ".join(_counts(m)),
           "// and INPUT_BITS.",
           "// The answer, from the highest bit: " + ", ".join(_FLAGS) + ".",
           f"function automatic [{len(_FLAGS) - 1}:0] memprop_decode(input [{a - 1}:0] address);",
           "  begin", f"    memprop_decode = {len(_FLAGS)}'b0;"]
    out.append("    case (address)")
    for r in m.registers:
        out.append(f"      {a}'h{r.address:05x}: memprop_decode = {_flags(r)};  // {r.name}")
    out += ["      default: ;", "    endcase"]
    for array in m.arrays:
        low = array.stride.bit_length() - 1
        span = (array.most * array.stride - 1).bit_length()   # the array lies in an aligned window
        top = f"address[{a - 1}:{span}] == {a - span}'h{array.base >> span:x}"
        index = f"{{{32 - (span - low)}'b0, address[{span - 1}:{low}]}} < {array.count}"
        if array.base >> span << span != array.base:
            # Not aligned to its size: compare the difference instead.
            top = f"address >= {a}'h{array.base:05x}"
            index = (f"{{{32 - a + low}'b0, address[{a - 1}:{low}]}} - 32'd{array.base >> low} < "
                     f"{array.count}")
        out.append(f"    if ({top} && {index}) begin  // {array.name}")
        if low > 2:
            out.append(f"      case (address[{low - 1}:0])")
            for r in array.registers:
                out.append(f"        {low}'h{r.address - array.base:x}: memprop_decode = {_flags(r)};"
                           f"  // {r.name}")
            out += ["        default: ;", "      endcase"]
        else:
            (r,) = array.registers
            out.append(f"      if (address[1:0] == 2'b0) memprop_decode = {_flags(r)};")
        out.append("    end")
    out += ["  end", "endfunction", "",
            "// The bits of a writable register of the block core that fields name.",
            f"function automatic [31:0] memprop_core_mask(input [{a - 1}:0] address);",
            "  begin", "    memprop_core_mask = 32'hffffffff;", "    case (address)"]
    for r in m.registers:
        if r.block == "core" and r.writable and r.write_mask != 0xffffffff:
            out.append(f"      {a}'h{r.address:05x}: memprop_core_mask = 32'h{r.write_mask:08x};"
                       f"  // {r.name}")
    out += ["      default: ;", "    endcase"]
    for array in m.arrays:
        low = array.stride.bit_length() - 1
        span = (array.most * array.stride - 1).bit_length()
        masked = [r for r in array.registers if r.block == "core" and r.writable
                  and (r.write_mask != 0xffffffff or r.code_bits or r.first_is_zero)]
        for r in masked:
            where = f"address[{a - 1}:{span}] == {a - span}'h{array.base >> span:x}"
            if low > 2:
                where += f" && address[{low - 1}:0] == {low}'h{r.address - array.base:x}"
            mask = f"32'h{r.write_mask:08x}"
            if r.code_bits:
                mask = f"(32'd1 << {r.code_bits}) - 32'd1"
            if any(f.below for f in r.fields):
                mask = " | ".join(f"(32'd1 << ({f.low} + $clog2({f.below}))) - (32'd1 << {f.low})"
                                  for f in r.fields)
            out.append(f"    if ({where}) memprop_core_mask = {mask};  // {r.name}")
            if r.first_is_zero:
                out.append(f"    if (address == {a}'h{r.address:05x}) memprop_core_mask = 32'd0;")
    out += ["  end", "endfunction", ""]
    return "\n".join(out)


def _reset_text(r):
    if r.built:
        return "as built"
    if r.code_bits:
        return "0 at power-up, kept"
    if r.access != "ro" and r.block == "core":
        return f"{r.reset:#x} at power-up, kept"
    return f"{r.reset:#x}"


def _notes(r):
    notes = []
    if r.idle_only:
        notes.append("Written only while idle.")
    if r.bank >= 0:
        notes.append("Not written while a sample of this bank is processed.")
    if r.needs_reset:
        notes.append("Acts at the next reset.")
    return notes


def markdown(m):
    out = ["# Register map", "",
           f"<!-- {NOTICE} -->", "",
           f"Version {m.major}.{m.minor}. Words of 32 bits at byte addresses that are multiples of 4, "
           f"{m.address_bits} address bits.", "How to use them, errors and timing: [bus.md](bus.md).",
           "Bits without a name read 0 and ignore writes. A counter's low word keeps its high word, "
           "which any high word then reads.", "", "| address | name | access | reset | meaning |",
           "| --- | --- | --- | --- | --- |"]

    def row(r):
        address = f"`{r.address:#07x}`"
        if r.array:
            address += f" + {r.array.stride} k"
        text = " ".join([r.text] + _notes(r))
        out.append(f"| {address} | `{r.name}` | {_SAID_ACCESS[r.access]} | {_reset_text(r)} | "
                   f"{text} |")
        for f in _named_fields(r):
            bits = str(f.low) if f.width == 1 else f"{f.low + f.width - 1}:{f.low}"
            values = ""
            if f.values:
                values = ": " + ", ".join(f"{k} {v}" for k, v in enumerate(f.values))
            access = _SAID_ACCESS[f.access] if f.access != r.access else ""
            out.append(f"| {bits} | `.{f.name}` | {access} | | {f.text}{values} |")

    for r in m.registers:
        row(r)
    for array in m.arrays:
        out += ["", f"## {array.name}", "", f"{array.text} k from 0 to {array.count} - 1 "
                f"({m.parameters[array.count]}).", "", "| address | name | access | reset | meaning |",
                "| --- | --- | --- | --- | --- |"]
        for r in array.registers:
            row(r)
    return "\n".join(out) + "\n"
