/** Attacks that were worst once, before prices and limits were set against them; the search starts from these. */
import { type Attack, type ModuleShape, PLAIN_MODULE } from './attack.ts'

const shape = (rest: Partial<ModuleShape>): ModuleShape => ({ ...PLAIN_MODULE, ...rest })
const loop = (...parts: string[]): Attack => ({ kind: 'loop', parts, pages: 2 })

export const KNOWN: readonly Attack[] = [
  loop('loads, each address from the last'),
  loop('clear a slot', 'store into a slot in use'),
  loop('store into an empty slot'),
  loop('load a cold slot'),
  loop('value to a new account'),
  loop('code of a cold account'),
  loop('copies of 8 bytes at random'),
  loop('indirect calls at random'),
  loop('calls of 1 000 functions'),
  loop('create of nonsense'),
  loop('emit_log, 4 topics, 32 bytes'),
  loop('precompile ripemd160, 32 bytes'),
  loop('precompile bn254 mul'),
  loop('precompile ecrecover'),
  // An instance for every frame: many tables, and a memory that grows.
  { kind: 'frames', module: shape({ tables: 16, tableElements: 10_000, entry: 'grows' }) },
  {
    kind: 'frames',
    module: shape({
      segments: 60,
      segmentElements: 10_000,
      tables: 16,
      tableElements: 10_000,
      entry: 'grows',
      packed: true,
    }),
  },
  { kind: 'frames', module: shape({ globals: 990, entry: 'grows' }) },
  { kind: 'frames', module: shape({ exports: 990, entry: 'grows' }) },
  { kind: 'frames', module: shape({ dataSegments: 10, dataBytes: 60_000, entry: 'grows', packed: true }) },
  {
    kind: 'frames',
    module: shape({ functions: 5_000, statements: 0, locals: 0, callsAll: false, entry: 'grows', packed: true }),
  },
  { kind: 'frames', module: shape({ pages: 32, entry: 'writes every 4 KB' }) },
  { kind: 'nest', module: shape({ tables: 16, tableElements: 10_000, packed: true }), depth: 120 },
  { kind: 'nest', module: shape({ pages: 4, entry: 'fills a page' }), depth: 120 },
  { kind: 'loads', module: shape({ functions: 1 }), each: 1 },
  { kind: 'loads', module: shape({ functions: 1 }), each: 100 },
  { kind: 'loads', module: shape({ functions: 50, statements: 2 }), each: 1 },
  { kind: 'loads', module: shape({ functions: 50, statements: 2 }), each: 20 },
  { kind: 'loads', module: shape({ functions: 400, statements: 2 }), each: 1 },
  { kind: 'loads', module: shape({ functions: 2_000, statements: 0, locals: 0 }), each: 1 },
  { kind: 'loads', module: shape({ functions: 20, statements: 300, body: 'loops' }), each: 1 },
  // Found by the search: what a transaction is given of loading, shared by ten; memories that have V8 collect garbage.
  { kind: 'loads', module: shape({ pages: 8, dataBytes: 1, entry: 'writes every 4 KB', packed: true }), each: 10 },
  { kind: 'frames', module: shape({ functions: 3_000, statements: 0, locals: 0, entry: 'grows' }) },
  { kind: 'nest', module: shape({ tables: 1, dataSegments: 1, imports: 6 }), depth: 86 },
  { kind: 'creations', module: shape({ functions: 50, statements: 2 }), inside: false, valid: true },
  {
    kind: 'creations',
    module: shape({ functions: 2_000, statements: 0, locals: 0, packed: true }),
    inside: false,
    valid: true,
  },
  { kind: 'creations', module: shape({ functions: 50, statements: 2, packed: true }), inside: false, valid: false },
  { kind: 'creations', module: shape({ functions: 10, statements: 2, packed: true }), inside: true, valid: true },
  { kind: 'transactions', to: 'new', value: 1, zeros: 0, nonzeros: 0, addresses: 0, keys: 0 },
  { kind: 'transactions', to: 'old', value: 1, zeros: 0, nonzeros: 0, addresses: 0, keys: 0 },
  { kind: 'transactions', to: 'self', value: 0, zeros: 100_000, nonzeros: 0, addresses: 0, keys: 0 },
  { kind: 'transactions', to: 'self', value: 0, zeros: 0, nonzeros: 0, addresses: 100, keys: 10 },
  { kind: 'transactions', to: 'precompile 3', value: 0, zeros: 32, nonzeros: 32, addresses: 0, keys: 0 },
]
