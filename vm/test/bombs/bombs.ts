/**
 * Modules made to cost as much as the limits allow: to decode, to validate, to charge, to rewrite, to compile and to
 * enter. Each can be made at any part of its limits, so that what grows faster than the module is seen.
 */
import type { ModuleLimit } from '../../src/limits.ts'
import { DEFAULT_LIMITS } from '../../src/limits.ts'
import { type Body, code, I32, I64, leb, moduleBytes, repeated, type Sections, vector } from './moduleBytes.ts'

export interface Bomb {
  readonly name: string
  /** The limits that bound it. */
  readonly limits: readonly ModuleLimit[]
  /** `part` of 1 is at the limits. */
  readonly make: (part: number) => Uint8Array
}

const { moduleBytes: MODULE, bodyBytes: BODY, functions: FUNCTIONS, nesting: NESTING, locals: LOCALS } = DEFAULT_LIMITS
const { loopNesting: LOOPS, controlValues: VALUES } = DEFAULT_LIMITS
const { branchTableTargets: TARGETS, branchesToLabel: BRANCHES, params: PARAMS, results: RESULTS } = DEFAULT_LIMITS
/** Room for everything but code in a module of the greatest size, and in a body for what is not repeated. */
const MODULE_ROOM = MODULE - 2_000
const BODY_ROOM = BODY - 2_000
const MEMORY = { 5: vector(1, (writer) => writer.raw(Uint8Array.of(0, 1))) }
const i32s = (count: number): number[] => new Array<number>(count).fill(I32)

/** As many bodies with the same code as fit. */
function bodies(part: number, body: Body): Body[] {
  const size = body.code.length + 16
  return new Array<Body>(Math.max(1, Math.floor((MODULE_ROOM * part) / size))).fill(body)
}

/** Full bodies, each the pattern again and again; the module is full at part 1. */
function fullBodies(part: number, pattern: readonly number[], rest: Omit<Body, 'code'> = {}): Body[] {
  return bodies(part, { ...rest, code: repeated(Math.floor(BODY_ROOM / pattern.length), pattern) })
}

/** One body of up to the greatest size. */
function oneBody(part: number, pattern: readonly number[], rest: Omit<Body, 'code'> = {}): Body[] {
  return [{ ...rest, code: repeated(Math.floor((BODY_ROOM * part) / pattern.length), pattern) }]
}

const of = (sections: Sections): Uint8Array => moduleBytes(sections)

/** `inner` inside `depth` openers, each of which ends. */
function nested(depth: number, opener: readonly number[], inner: ArrayLike<number>, closer = [0x0b]): number[] {
  return [...repeated(depth, opener), ...Array.from(inner), ...repeated(depth, closer)]
}

/** local.get 0, i32.const 1, i32.add, local.tee 0, i32.const 100, i32.lt_u, br_if 0 */
const COUNTED = [0x20, 0, 0x41, 1, 0x6a, 0x22, 0, 0x41, 0xe4, 0, 0x49, 0x0d, 0]

/** local.get 0, br_if 0, end: leaves a loop where the local is 0. */
const BRANCH_BACK = [0x20, 0, 0x0d, 0, 0x0b]

export const BOMBS: readonly Bomb[] = [
  {
    name: 'nothing but nops',
    limits: ['moduleBytes', 'bodyBytes'],
    make: (part) => of({ bodies: fullBodies(part, [0x01]) }),
  },
  {
    name: 'operands high on the stack',
    limits: ['moduleBytes', 'bodyBytes'],
    make: (part) => of({ bodies: fullBodies(part, [...repeated(200, [0x41, 0]), ...repeated(200, [0x1a])]) }),
  },
  {
    name: 'one body of constants, then drops',
    limits: ['bodyBytes'],
    make: (part) => {
      const count = Math.floor((BODY_ROOM * part) / 3)
      return of({ bodies: [{ code: [...repeated(count, [0x41, 0]), ...repeated(count, [0x1a])] }] })
    },
  },
  {
    name: 'blocks nested to the limit, again and again',
    limits: ['nesting', 'moduleBytes'],
    make: (part) => of({ bodies: fullBodies(part, nested(NESTING, [0x02, 0x40], [])) }),
  },
  {
    name: 'ifs nested to the limit with branches out of each',
    limits: ['nesting', 'moduleBytes'],
    make: (part) =>
      of({
        bodies: fullBodies(part, nested(NESTING, [0x41, 1, 0x04, 0x40, 0x41, 0, 0x0d, 0], []), { locals: [[1, I32]] }),
      }),
  },
  {
    name: 'operands under blocks inside each other, each branched to',
    limits: ['nesting', 'controlValues'],
    make: (part) => {
      const blocks = Math.floor(NESTING * part)
      const operands = Math.floor(VALUES / (2 * blocks)) - 2
      const nest = nested(blocks, [0x02, 0x40, 0x20, 0, 0x0d, 0], [])
      const code = [...repeated(operands, [0x20, 0]), ...nest, ...repeated(operands, [0x1a])]
      return of({ bodies: bodies(part, { locals: [[1, I32]], code }) })
    },
  },
  {
    name: 'br_if to one label',
    limits: ['branchesToLabel', 'moduleBytes'],
    make: (part) => of({ bodies: fullBodies(part, [0x02, 0x40, ...repeated(BRANCHES, [0x41, 0, 0x0d, 0]), 0x0b]) }),
  },
  {
    name: 'br_if to every label of a deep nest, with locals',
    limits: ['branchesToLabel', 'nesting', 'controlValues'],
    make: (part) => {
      const branches = Array.from({ length: 12 }, (_, k) => [
        0x20,
        ...leb(k * 7),
        0x0d,
        ...leb((k * 397) % NESTING),
      ]).flat()
      return of({
        bodies: fullBodies(
          part,
          nested(NESTING, [0x02, 0x40, ...branches.slice(0, 4)].slice(0, 2), repeated(550, branches)),
          { locals: [[90, I32]] },
        ),
      })
    },
  },
  {
    name: 'a nest of loops that each assign the most locals',
    limits: ['controlValues', 'locals'],
    make: (part) => {
      const assigned = Math.floor((LOCALS - 1) * part)
      const rotate = Array.from({ length: assigned }, (_, i) => [0x20, ...leb(i), 0x21, ...leb(i + 1)]).flat()
      // A loop and its branch are two control points.
      return of({
        bodies: bodies(part, { locals: [[LOCALS, I32]], code: nested(248, [0x03, 0x40], rotate, BRANCH_BACK) }),
      })
    },
  },
  {
    name: 'empty blocks with the most locals',
    limits: ['controlValues', 'locals', 'moduleLocals'],
    make: (part) => {
      const all = bodies(part, { locals: [[LOCALS, I32]], code: repeated(999, [0x02, 0x40, 0x0b]) })
      return of({ bodies: all.slice(0, DEFAULT_LIMITS.moduleLocals / LOCALS) })
    },
  },
  {
    name: 'br_table of the most targets, each a label of its own',
    limits: ['branchTableTargets', 'nesting', 'moduleBytes'],
    make: (part) => {
      const targets = Array.from({ length: TARGETS + 1 }, (_, i) => leb(i)).flat()
      const table = [0x02, 0x40, 0x20, 0, 0x0e, ...leb(TARGETS), ...targets, 0x0b]
      return of({
        bodies: bodies(part, { locals: [[1, I32]], code: nested(NESTING - 1, [0x02, 0x40], repeated(6, table)) }),
      })
    },
  },
  {
    name: 'br_table to loops that take the most parameters',
    limits: ['branchTableTargets', 'params'],
    make: (part) => {
      const table = [0x03, 1, 0x20, 0, 0x0e, ...leb(TARGETS), ...new Array<number>(TARGETS + 1).fill(0), 0x0b]
      const fill = repeated(PARAMS, [0x41, 0])
      const types: Sections['types'] = [
        [[], []],
        [i32s(PARAMS), []],
      ]
      return of({ types, bodies: bodies(part, { locals: [[1, I32]], code: repeated(2, [...fill, ...table]) }) })
    },
  },
  {
    name: 'small br_tables, all in one loop',
    limits: ['bodyBytes', 'moduleBytes'],
    make: (part) => {
      const table = [0x02, 0x40, 0x02, 0x40, 0x20, 0, 0x0e, 1, 0, 1, 0x0b, 0x0b]
      return of({
        bodies: bodies(part, {
          locals: [[1, I32]],
          code: [0x03, 0x40, ...repeated(Math.floor(BODY_ROOM / table.length), table), ...COUNTED, 0x0b],
        }),
      })
    },
  },
  {
    name: 'one body of small br_tables in one loop',
    limits: ['bodyBytes'],
    make: (part) => {
      const table = [0x02, 0x40, 0x02, 0x40, 0x20, 0, 0x0e, 1, 0, 1, 0x0b, 0x0b]
      const tables = repeated(Math.floor((BODY_ROOM * part) / table.length), table)
      return of({ bodies: [{ locals: [[1, I32]], code: [0x03, 0x40, ...tables, ...COUNTED, 0x0b] }] })
    },
  },
  {
    name: 'one body of small br_tables in nested loops',
    limits: ['bodyBytes', 'loopNesting'],
    make: (part) => {
      const table = [0x02, 0x40, 0x02, 0x40, 0x20, 0, 0x0e, 1, 0, 1, 0x0b, 0x0b]
      const tables = repeated(Math.floor((BODY_ROOM * part) / table.length / 1.2), table)
      const depth = LOOPS - 2
      return of({ bodies: [{ locals: [[1, I32]], code: nested(depth, [0x03, 0x40], tables, [...COUNTED, 0x0b]) }] })
    },
  },
  {
    name: 'br_tables that tie all groups together',
    limits: ['branchTableTargets', 'nesting'],
    make: (part) => {
      const room = BODY_ROOM - 3 * NESTING
      // A table joins the group of one label to that of the next one, so that the ways to a group's name get long.
      const tables = Array.from({ length: Math.floor((room * part) / 11) }, (_, k) => [
        ...[0x02, 0x40, 0x20, 0, 0x0e, 1, ...leb((k % 4_000) + 1), ...leb(k % 4_000), 0x0b],
      ]).flat()
      return of({ bodies: [{ locals: [[1, I32]], code: nested(NESTING - 1, [0x02, 0x40], tables) }] })
    },
  },
  {
    name: 'counted loops one after the other',
    limits: ['moduleBytes', 'bodyBytes'],
    make: (part) => of({ bodies: fullBodies(part, [0x03, 0x40, ...COUNTED, 0x0b], { locals: [[1, I32]] }) }),
  },
  {
    name: 'one body of counted loops one after the other',
    limits: ['bodyBytes'],
    make: (part) => of({ bodies: oneBody(part, [0x03, 0x40, ...COUNTED, 0x0b], { locals: [[1, I32]] }) }),
  },
  {
    name: 'loops of 4 095 constant turns',
    limits: ['moduleBytes', 'bodyBytes'],
    make: (part) =>
      of({
        bodies: fullBodies(
          part,
          // local.set 0 (0), then to 4 095
          [0x41, 0, 0x21, 0, 0x03, 0x40, 0x20, 0, 0x41, 1, 0x6a, 0x22, 0, 0x41, 0xff, 0x1f, 0x49, 0x0d, 0, 0x0b],
          { locals: [[1, I32]] },
        ),
      }),
  },
  {
    name: 'counted loops nested to the limit',
    limits: ['loopNesting', 'moduleBytes'],
    make: (part) =>
      of({
        bodies: fullBodies(part, nested(LOOPS, [0x03, 0x40], [], [...COUNTED, 0x0b]), { locals: [[1, I32]] }),
      }),
  },
  {
    name: 'a nest of loops around a long body',
    limits: ['loopNesting', 'bodyBytes'],
    make: (part) => {
      const inner = repeated(Math.floor((BODY_ROOM * part) / 16), [0x20, 0, 0x04, 0x40, 0x41, 0, 0x21, 1, 0x0b])
      return of({
        bodies: [{ locals: [[2, I32]], code: nested(LOOPS - 2, [0x03, 0x40], inner, [...COUNTED, 0x0b]) }],
      })
    },
  },
  {
    name: 'loops that branch back to all around them',
    limits: ['loopNesting', 'moduleBytes'],
    make: (part) => {
      const branches = Array.from({ length: LOOPS - 1 }, (_, k) => [0x20, 0, 0x0d, ...leb(k)]).flat()
      return of({
        bodies: fullBodies(part, nested(LOOPS - 1, [0x03, 0x40], repeated(8, branches)), { locals: [[1, I32]] }),
      })
    },
  },
  {
    name: 'writes of locals in many loops',
    limits: ['bodyBytes'],
    make: (part) =>
      of({
        bodies: oneBody(part, [0x03, 0x40, 0x41, 1, 0x21, 1, 0x41, 1, 0x21, 2, ...COUNTED, 0x0b], {
          locals: [[3, I32]],
        }),
      }),
  },
  {
    name: 'the most functions with the most locals',
    limits: ['functions', 'locals', 'moduleLocals'],
    make: (part) => {
      const each = (DEFAULT_LIMITS.moduleLocals / FUNCTIONS) >> 1
      const locals: Body['locals'] = [
        [each, I32],
        [each, I64],
      ]
      return of({ bodies: new Array<Body>(Math.floor(FUNCTIONS * part)).fill({ locals, code: [] }) })
    },
  },
  {
    name: 'runs of no locals',
    limits: ['bodyBytes'],
    make: (part) =>
      of({
        bodies: [{ locals: new Array<[number, number]>(Math.floor((BODY_ROOM * part) / 2)).fill([0, I32]), code: [] }],
      }),
  },
  {
    name: 'one cycle of calls through the most functions',
    limits: ['functions'],
    make: (part) => {
      const count = Math.floor(FUNCTIONS * part)
      return of({ bodies: Array.from({ length: count }, (_, i) => ({ code: [0x10, ...leb((i + 1) % count)] })) })
    },
  },
  {
    name: 'a chain of calls through the most functions, callers last',
    limits: ['functions'],
    make: (part) => {
      const count = Math.floor(FUNCTIONS * part)
      return of({ bodies: Array.from({ length: count }, (_, i) => ({ code: i === 0 ? [] : [0x10, ...leb(i - 1)] })) })
    },
  },
  {
    name: 'a chain of calls to the host, callers first',
    limits: ['functions'],
    make: (part) => {
      const count = Math.floor(FUNCTIONS * part) - 1
      const raw = {
        2: vector(1, (writer) => {
          writer.name('e')
          writer.name('f')
          writer.byte(0)
          writer.u32(0)
        }),
      }
      return of({
        raw,
        bodies: Array.from({ length: count }, (_, i) => ({ code: [0x10, ...leb((i + 2) % (count + 1))] })),
      })
    },
  },
  {
    name: 'functions that all call each other',
    limits: ['moduleBytes'],
    make: (part) => {
      const count = Math.floor(560 * Math.sqrt(part))
      const calls = Array.from({ length: count }, (_, i) => [0x10, ...leb(i)]).flat()
      return of({ bodies: new Array<Body>(count).fill({ code: calls }) })
    },
  },
  {
    name: 'memory.grow of memory.grow',
    limits: ['moduleBytes'],
    make: (part) => of({ raw: MEMORY, bodies: fullBodies(part, [0x41, 0, ...repeated(100, [0x40, 0]), 0x1a]) }),
  },
  {
    name: 'bulk instructions of sizes not known',
    limits: ['moduleBytes'],
    make: (part) =>
      of({ raw: MEMORY, bodies: fullBodies(part, [0x20, 0, 0x20, 0, 0x20, 0, 0xfc, 11, 0], { locals: [[1, I32]] }) }),
  },
  {
    name: 'tail calls and indirect calls with the most parameters',
    limits: ['params', 'results', 'moduleBytes'],
    make: (part) => {
      const types: Sections['types'] = [
        [[], []],
        [i32s(PARAMS), i32s(RESULTS)],
      ]
      const call = [...repeated(PARAMS, [0x41, 0]), 0x41, 0, 0x11, 1, 0, ...repeated(RESULTS, [0x1a])]
      const raw = { 4: Uint8Array.of(1, 0x70, 0, 1) }
      return of({ types, raw, bodies: fullBodies(part, call) })
    },
  },
  {
    name: 'the most types, all called through a table that holds all',
    limits: ['types', 'functions', 'tableElements'],
    make: (part) => {
      const count = Math.floor((FUNCTIONS - 1) * part)
      // 14 parameters of two types tell 16 384 types apart.
      const types = Array.from({ length: count }, (_, i): [number[], number[]] => [
        Array.from({ length: 14 }, (_, k) => ((i >> k) & 1 ? I64 : I32)),
        [],
      ])
      types.push([[], []])
      const values = (i: number): number[] =>
        Array.from({ length: 14 }, (_, k) => [(i >> k) & 1 ? 0x42 : 0x41, 0]).flat()
      const perBody = 1_000
      const callers = Array.from({ length: Math.ceil(count / perBody) }, (_, b) => ({
        type: count,
        code: Array.from({ length: Math.min(perBody, count - b * perBody) }, (_, k) => b * perBody + k).flatMap((i) => [
          ...values(i),
          ...[0x41, 0, 0x11, ...leb(i), 0],
        ]),
      }))
      const callees = Array.from({ length: count - callers.length }, (_, i) => ({ type: i, code: [] }))
      return of({
        types,
        raw: {
          4: code((writer) => writer.raw(Uint8Array.of(1, 0x70, 0, ...leb(count)))),
          9: code((writer) => {
            writer.raw(Uint8Array.of(1, 0, 0x41, 0, 0x0b))
            writer.u32(callees.length)
            for (let i = 0; i < callees.length; i++) writer.u32(callers.length + i)
          }),
        },
        bodies: [...callers, ...callees],
      })
    },
  },
  {
    name: 'elements as expressions',
    limits: ['elementSegments', 'segmentElements', 'moduleBytes'],
    make: (part) => {
      const perSegment = 9_000
      const segments = Math.floor((MODULE_ROOM * part) / (perSegment * 3))
      const segment = code((writer) => {
        writer.raw(Uint8Array.of(5, 0x70))
        writer.u32(perSegment)
        writer.raw(repeated(perSegment, [0xd2, 0, 0x0b]))
      })
      return of({ raw: { 9: vector(segments, (writer) => writer.raw(segment)) }, bodies: [{ code: [] }] })
    },
  },
  {
    name: 'a constant expression as long as the module',
    limits: ['moduleBytes'],
    make: (part) => {
      const length = Math.floor((MODULE_ROOM * part) / 3)
      const raw = {
        6: vector(1, (writer) => {
          writer.raw(Uint8Array.of(I32, 0, 0x41, 0))
          writer.raw(repeated(length, [0x41, 1, 0x6a]))
          writer.byte(0x0b)
        }),
      }
      return of({ raw, bodies: [{ code: [] }] })
    },
  },
  {
    name: 'data segments laid over each other',
    limits: ['dataSegments', 'moduleBytes'],
    make: (part) => {
      const segment = code((writer) => {
        writer.raw(Uint8Array.of(0, 0x41, 0, 0x0b))
        writer.sized(new Uint8Array(250).fill(7))
      })
      return of({
        raw: { ...MEMORY, 11: vector(Math.floor(DEFAULT_LIMITS.dataSegments * part), (writer) => writer.raw(segment)) },
        bodies: [{ code: [] }],
      })
    },
  },
  {
    name: 'the most imports and exports with the longest names',
    limits: ['imports', 'exports', 'nameBytes'],
    make: (part) => {
      const count = Math.floor(1_000 * part)
      const raw = {
        2: vector(count, (writer, i) => {
          writer.name('a')
          writer.name(`${i}`.padStart(490, 'x'))
          writer.byte(0)
          writer.u32(0)
        }),
        7: vector(count, (writer, i) => {
          writer.name(i === 0 ? 'run' : `${i}`.padStart(490, 'y'))
          writer.byte(0)
          writer.u32(count)
        }),
      }
      return of({ raw, bodies: [{ code: [] }] })
    },
  },
  {
    name: 'the most tables of the most elements, and the largest memory',
    limits: ['tables', 'tableElements', 'memoryPages'],
    make: (part) => {
      const { tables, tableElements, memoryPages } = DEFAULT_LIMITS
      const raw = {
        4: vector(tables, (writer) => writer.raw(Uint8Array.of(0x70, 0, ...leb(Math.floor(tableElements * part))))),
        5: vector(1, (writer) => writer.raw(Uint8Array.of(0, ...leb(Math.floor(memoryPages * part))))),
      }
      return of({ raw, bodies: [{ code: [] }] })
    },
  },
  {
    name: 'names for every function, again and again',
    limits: ['moduleBytes', 'customSections'],
    make: (part) => {
      const names = vector(4_000, (writer, i) => {
        writer.u32(i)
        writer.name(`function ${i}`)
      })
      const section = code((writer) => {
        writer.name('name')
        writer.byte(1)
        writer.sized(names)
      })
      const module = of({ bodies: new Array<Body>(4_000).fill({ code: [] }) })
      const customs = Math.max(1, Math.floor((MODULE_ROOM * part - module.length) / (section.length + 4)))
      const tail = code((writer) => {
        for (let i = 0; i < customs; i++) {
          writer.byte(0)
          writer.sized(section)
        }
      })
      return Uint8Array.from([...module, ...tail])
    },
  },
]
