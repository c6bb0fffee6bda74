/** Bounds of what debug information, which may be anybody's, takes to read. */

/** Most bytes of an unstripped module that is read. */
export const MAX_DEBUG_MODULE_BYTES = 67_108_864
/** Rows of a module's line tables: a few for each instruction of the largest. */
export const MAX_LINE_ROWS = 2_000_000
/** Files, folders or fields of one line table. */
export const MAX_LINE_ENTRIES = 65_536
/** UTF-16 units of paths that a module's line tables have together, as often as they name each. */
export const MAX_PATH_UNITS = 67_108_864
/** Sections of a module. */
export const MAX_SECTIONS = 65_536
/** Names of functions: more than a module has functions that the VM takes. */
export const MAX_FUNCTION_NAMES = 65_536
/** Units of compilation of a module. */
export const MAX_DEBUG_UNITS = 65_536
/**
 * Attributes and entries that are read once, to find a module's functions: those of tens of megabytes. 32 bytes of an
 * entry or a name count as one.
 */
export const MAX_DEBUG_ATTRIBUTES = 16_777_216
/** The same of one look: of a function, and of the types of its variables. */
export const MAX_LOOK_ATTRIBUTES = 524_288
/** Attributes of all abbreviations of a module together, which are kept. */
export const MAX_ABBREVIATION_ATTRIBUTES = 1_048_576
/** Stretches of code of a module's functions. */
export const MAX_DEBUG_FUNCTIONS = 262_144
/** Entries inside each other. */
export const MAX_DEBUG_DEPTH = 256
/** Stretches of code of one entry. */
export const MAX_DEBUG_RANGES = 65_536
/** Bytes of an expression that says where a variable is; of a longer one it is not known. */
export const MAX_EXPRESSION_BYTES = 1_024
/** Bytes of a value that is put together of parts. */
export const MAX_PART_BYTES = 65_536
/** Bytes of a name; the rest is left out. */
export const MAX_NAME_BYTES = 4_096
/** Bytes of a text that stands among the attributes. */
export const MAX_INLINE_BYTES = 16_384
/** Functions inlined into each other that are named, the innermost. */
export const MAX_INLINED = 64
/** Variables that one look has. */
export const MAX_SOURCE_VARIABLES = 256
/** Parts of all variables that one look has together, and of one of them. */
export const MAX_SOURCE_PARTS = 8_192
export const MAX_PARTS_OF_VARIABLE = 512
/** Parts inside each other that are shown. */
export const MAX_VALUE_DEPTH = 8
/** Elements of an array or a slice that are shown. */
export const MAX_ELEMENTS = 64
/** Fields of a structure, variants of an enum, constants of an enumeration that are looked at. */
export const MAX_MEMBERS = 256
/** Bytes of a value that are shown in hex, or as a text. */
export const MAX_VALUE_BYTES = 128
