/**
 * Every limit of the VM. All of them are consensus: a module that one node refuses, or an execution that one node
 * stops, every node must. `compile` takes other values for tests and for foreign contract ABIs.
 *
 * They exist because decoding, validating and compiling are paid for per byte of code, so no module may make them cost
 * much more than its bytes, and because the host's own limits must never be reached first (V8 refuses more than 50 000
 * locals, 1 000 000 functions, and so on: see wasm-limits.h of V8).
 */

export interface Limits {
  /** Bytes of the binary module. The largest contract seen in the wild is 605 KB. */
  readonly moduleBytes: number
  readonly types: number
  /** Functions, imported ones counted. Nitro allows 4 096, NEAR 10 000. */
  readonly functions: number
  /** Bytes of one function body. */
  readonly bodyBytes: number
  /** Declared locals of one function, parameters not counted. */
  readonly locals: number
  /**
   * Declared locals of all functions together: five bytes declare a thousand of them, and each takes memory where the
   * module is kept: 11 bytes, so that the programs of 128 nested frames hold 350 MB by them at most. NEAR has a million.
   */
  readonly moduleLocals: number
  readonly params: number
  readonly results: number
  /**
   * Blocks open at once inside a function. Compilers make a switch of n cases n blocks inside each other around one
   * br_table: so many targets, and 256 blocks around them. (An interpreter of 256 byte codes has 260, a `match` of 1
   * 000 arms 1 007.)
   */
  readonly nesting: number
  /**
   * Loops among them: passes look at an inner loop again for each loop around it. Compilers nest as deep as their source.
   */
  readonly loopNesting: number
  /** Targets of one br_table, the default not counted. */
  readonly branchTableTargets: number
  /**
   * Branches (`br`, `br_if`) to one label. V8's optimising compiler is quadratic in them: 400 KB of `br_if` to one
   * label took it 6.8 s.
   */
  readonly branchesToLabel: number
  /**
   * Values that can be alive at the control points of one function, all points together (validate/controlPoints.ts): bounds
   * the time and the memory of compilers. Most in optimised modules of real source: 122 000 (QuickJS); without optimisation
   * every value is a local, and a function of 500 lines has millions.
   */
  readonly controlValues: number
  readonly globals: number
  readonly tables: number
  /** Elements one table may start with, and grow to. */
  readonly tableElements: number
  readonly elementSegments: number
  /** Elements of one element segment. */
  readonly segmentElements: number
  /** AssemblyScript's compiler makes two of each text and each array that is a constant. */
  readonly dataSegments: number
  readonly imports: number
  readonly exports: number
  /** UTF-8 bytes of an import's or export's name. */
  readonly nameBytes: number
  readonly customSections: number
  /** Pages of 65 536 bytes a memory may start with, and grow to: 16 MiB. */
  readonly memoryPages: number
  /** Bytes of call stack of one contract frame, by the rule of metering/stackHeight.ts. */
  readonly stackBytes: number
}

export const DEFAULT_LIMITS: Limits = {
  moduleBytes: 1_048_576,
  types: 10_000,
  functions: 10_000,
  bodyBytes: 65_536,
  locals: 1_000,
  moduleLocals: 250_000,
  params: 100,
  results: 16,
  nesting: 4_352,
  loopNesting: 256,
  branchTableTargets: 4_096,
  branchesToLabel: 4_096,
  controlValues: 1_000_000,
  globals: 1_000,
  tables: 16,
  tableElements: 10_000,
  elementSegments: 1_000,
  segmentElements: 10_000,
  dataSegments: 4_000,
  imports: 1_000,
  exports: 1_000,
  nameBytes: 512,
  customSections: 1_000,
  memoryPages: 256,
  stackBytes: 1_048_576,
}

/** The limits whose breach is a reason to refuse a module; the other one, `stackBytes`, is a trap. */
export type ModuleLimit = Exclude<keyof Limits, 'stackBytes'>

/**
 * Native bytes of stack that the code of the host's compilers takes at most for each byte the rule counts (argument in
 * docs/protocol/vm.md; `npm run fuzz:stack` searches for more). A host gives its thread this times `stackBytes` for
 * each frame that may nest, and a margin.
 */
export const NATIVE_STACK_RATIO = 1

/** Most frames a trap reports; the outermost are left out first. */
export const TRAP_FRAMES = 64
/**
 * The same, of the host's frames too, where an execution runs inside another one on the compiled engine: its place is all
 * that is told of it, and V8 takes up to 2 us a frame.
 */
export const INNER_TRAP_FRAMES = 8

/** Wasm instances linked to each other may call across instances this deep (contract calls count on their own). */
export const LINKED_CALL_DEPTH = 128

/**
 * Unusual function types that a process gives the host's WebAssembly, unless it is told otherwise
 * (engine/compiled/hostTypes.ts).
 */
export const MAX_HOST_TYPES = 500_000

/**
 * Parameters and results of an unusual type that a thread remembers having given the host, so that it counts once. A
 * longer one counts whenever a program with it is prepared.
 */
export const MAX_KNOWN_HOST_TYPE_VALUES = 64

/** Most fuel an instance can be given: the greatest integer a double holds exactly, so engines may count in doubles. */
export const MAX_FUEL = 2n ** 53n - 1n

/** Most UTF-16 units of a function's name in messages, traps and reports, what is escaped in it counted as escaped. */
export const DEBUG_NAME_LENGTH = 256

/** The same of the name of an import, an export or a custom section. */
export const SHOWN_NAME_LENGTH = 80

/** Most names of imports or exports that one message lists. */
export const SHOWN_NAMES = 5

/** Largest memory and table the WebAssembly specification itself allows to be declared. */
export const WASM_MEMORY_PAGES = 65_536
export const PAGE_BYTES = 65_536

/** Plain words and remedy for each limit of a module. */
export const LIMIT_WORDS: Readonly<Record<ModuleLimit, { readonly what: string; readonly hint: string }>> = {
  moduleBytes: {
    what: 'bytes in the module',
    hint: 'optimise for size (-Oz, opt-level = "z", wasm-opt -Oz) and strip names and debug sections (-Wl,-s, strip = "symbols")',
  },
  types: { what: 'types', hint: 'remove unused types' },
  functions: { what: 'functions', hint: 'split the contract in several contracts' },
  bodyBytes: {
    what: 'bytes in a function body',
    hint: 'compile for size (-Oz, opt-level = "z"), inline less, or split the function',
  },
  locals: {
    what: 'locals in a function',
    hint: 'compile with optimisation: without it (-O0, opt-level = 0) every value is a local; or split the function',
  },
  moduleLocals: {
    what: 'locals in all functions together',
    hint: 'compile with optimisation: without it (-O0, opt-level = 0) every value is a local',
  },
  params: { what: 'parameters of a function type', hint: 'pass a pointer to a structure' },
  results: { what: 'results of a function type', hint: 'return a pointer to a structure' },
  nesting: {
    what: 'blocks inside each other',
    hint: 'split the largest switch or match: each of its cases is a block inside the others',
  },
  loopNesting: { what: 'loops inside each other', hint: 'move inner loops to functions of their own' },
  branchTableTargets: {
    what: 'targets of a br_table',
    hint: 'split the switch in two by its value, or look the case up in a table in memory',
  },
  branchesToLabel: {
    what: 'branches to one label',
    hint: 'split the function: it leaves or goes on at one place too often',
  },
  controlValues: {
    what: 'values alive at the branches and calls of a function, all together',
    hint: 'compile with optimisation: without it (-O0, opt-level = 0) every value is a local; or split the function',
  },
  globals: { what: 'globals', hint: 'put variables in memory: fields of one object, or elements of an array' },
  tables: { what: 'tables', hint: 'use one table' },
  tableElements: { what: 'elements in a table', hint: 'use fewer function pointers' },
  elementSegments: { what: 'element segments', hint: 'join segments' },
  segmentElements: { what: 'elements in an element segment', hint: 'use fewer function pointers' },
  dataSegments: {
    what: 'data segments',
    hint: 'join them: one text or array instead of many; wasm-ld joins them by itself (no --no-merge-data-segments)',
  },
  imports: { what: 'imports', hint: 'remove unused imports' },
  exports: { what: 'exports', hint: 'export only functions that are called from outside' },
  nameBytes: { what: 'bytes in a name', hint: 'use a shorter name' },
  customSections: { what: 'custom sections', hint: 'strip custom sections' },
  memoryPages: { what: 'pages in the initial memory', hint: 'ask for less memory at the start (--initial-memory)' },
}
