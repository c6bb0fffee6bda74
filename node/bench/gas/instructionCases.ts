/**
 * Loops that consist of one class of instructions, as far as that goes, in the worst form known: results depend on each
 * other, divisions have long quotients, branches and indirect calls go where a random byte says, loads miss the caches.
 * `body` is repeated in the loop's body; `base` is the same without the instruction, so the difference is the
 * instruction's own cost.
 */

export interface InstructionCase {
  readonly name: string
  /** Class of the schedule it is meant to measure. */
  readonly cost: string
  /** Text of the `i`-th copy; locals below. */
  readonly body: (i: number) => string
  /** The same copy without the instruction; absent where nothing would remain. */
  readonly base?: (i: number) => string
  /** Copies of the instruction in one copy of the body. */
  readonly per?: number
  /** Copies of the body in a turn of the loop. */
  readonly copies?: number
  /** Further text of the module. */
  readonly module?: string
  /** Further locals of the function. */
  readonly locals?: string
  /** Prepares the memory once; not measured. */
  readonly before?: string
  /** Its time is that of the machine's caches or predictors, whatever the instruction. */
  readonly pattern?: boolean
  /** Pages of memory, default 1. */
  readonly pages?: number
}

/** Locals of every loop: $x $y $z i32, $a $b $c i64, $p a pointer that each turn moves. */
const unary = (name: string, op: string, cost: string, local: string): InstructionCase => ({
  name,
  cost,
  body: () => `(local.set ${local} (${op} (local.get ${local})))`,
  base: () => `(local.set ${local} (local.get ${local}))`,
})

const binary = (name: string, op: string, cost: string, wide: boolean): InstructionCase => {
  const [x, y] = wide ? ['$a', '$b'] : ['$x', '$y']
  return {
    name,
    cost,
    body: () => `(local.set ${x} (${op} (local.get ${x}) (local.get ${y})))`,
    base: () => `(local.set ${x} (local.get ${x}))`,
  }
}

/** The dividend stays large and the divisor small. */
const division = (name: string, op: string, cost: string, wide: boolean): InstructionCase =>
  wide
    ? {
        name,
        cost,
        body: () => `(local.set $a (${op} (i64.or (local.get $a) (i64.const 0x7ffffffffffffff1)) (local.get $c)))`,
        base: () => '(local.set $a (i64.or (local.get $a) (i64.const 0x7ffffffffffffff1)))',
      }
    : {
        name,
        cost,
        body: () => `(local.set $x (${op} (i32.or (local.get $x) (i32.const 0x7ffffff1)) (local.get $z)))`,
        base: () => '(local.set $x (i32.or (local.get $x) (i32.const 0x7ffffff1)))',
      }

/** Random bytes lie from 65 536 on, `pages` of them; $p walks through them. */
const RANDOM = 65_536
/** Places a br_table of many targets leads to: text nested deeper is too much for the tool that reads it. */
const ARMS = 64

const switchOn = (targets: number): InstructionCase => ({
  name: `br_table, ${targets} targets, random`,
  pattern: true,
  cost: 'branchTable',
  copies: 1,
  pages: 17,
  body: () => {
    const arms = Math.min(targets, ARMS)
    const opened = Array.from({ length: arms }, (_, i) => `(block $l${arms - 1 - i}`).join(' ')
    const closed = Array.from({ length: arms }, (_, i) => `) (local.set $x (i32.const ${i})) (br $done)`).join('\n')
    const labels = Array.from({ length: targets }, (_, i) => `$l${(i * 37) % arms}`).join(' ')
    return `(block $done ${opened} (br_table ${labels} $l0
      (i32.and (i32.load16_u offset=${RANDOM} (local.get $p)) (i32.const ${targets - 1}))) ${closed})
      (local.set $y (i32.add (local.get $y) (local.get $x)))`
  },
})

/** $x is the address of the next: a circle through all of the memory, in the order of a random number generator. */
const chase = (pages: number, wide: boolean, size = (pages - 1) * 65_536): InstructionCase => {
  const name = size < 1_048_576 ? `${size / 1024} KiB` : `${size / 1_048_576} MiB`
  const load = wide ? 'i64.load' : 'i32.load'
  return {
    name: `${load}, each address from the last load, ${name}`,
    cost: wide ? 'load64' : 'load32',
    pattern: size > 16_384,
    pages,
    // A full-period generator modulo a power of two: every 64-byte line is visited once before any is again.
    before: `(local.set $y (i32.const 0))
      (loop $fill
        (local.set $z (i32.and (i32.add (i32.mul (local.get $x) (i32.const 1664525)) (i32.const 1013904223))
          (i32.const ${size / 64 - 1})))
        (i64.store offset=65536 (i32.shl (local.get $x) (i32.const 6)) (i64.extend_i32_u (i32.shl (local.get $z) (i32.const 6))))
        (local.set $x (local.get $z))
        (br_if $fill (i32.lt_u (local.tee $y (i32.add (local.get $y) (i32.const 1))) (i32.const ${size / 64}))))`,
    body: () =>
      wide
        ? '(local.set $x (i32.wrap_i64 (i64.load offset=65536 (local.get $x))))'
        : '(local.set $x (i32.load offset=65536 (local.get $x)))',
  }
}

const bulk = (name: string, op: string, length: number, text: string): InstructionCase => ({
  name: `${name}, ${length} bytes`,
  cost: op,
  pages: 4,
  copies: 4,
  // A length that no compiler knows.
  body: () => text.replaceAll('LENGTH', `(i32.add (i32.const ${length}) (i32.shr_u (local.get $z) (i32.const 8)))`),
})

const COPY =
  '(memory.copy (i32.const 65537) (i32.add (i32.and (local.get $p) (i32.const 63)) (i32.const 131072)) LENGTH)'
const FILL = '(memory.fill (i32.add (i32.and (local.get $p) (i32.const 63)) (i32.const 65537)) (local.get $p) LENGTH)'

const FUNCTIONS = 64
const manyFunctions = `(type $f (func (param i32) (result i32)))
  (table 64 64 funcref)
  ${Array.from({ length: FUNCTIONS }, (_, i) => `(func $g${i} (type $f) (i32.add (local.get 0) (i32.const ${i})))`).join('\n')}
  (elem (i32.const 0) func ${Array.from({ length: FUNCTIONS }, (_, i) => `$g${i}`).join(' ')})`

const params = (count: number): string => Array.from({ length: count }, () => 'i64').join(' ')

export const instructionCases: readonly InstructionCase[] = [
  binary('i32.add', 'i32.add', 'simple32', false),
  binary('i32.rotl', 'i32.rotl', 'shift32', false),
  binary('i32.shr_u', 'i32.shr_u', 'shift32', false),
  binary('i64.xor', 'i64.xor', 'simple64', true),
  binary('i64.rotr', 'i64.rotr', 'shift64', true),
  binary('i32.mul', 'i32.mul', 'multiply32', false),
  binary('i64.mul', 'i64.mul', 'multiply64', true),
  division('i32.div_s', 'i32.div_s', 'divide32', false),
  division('i32.rem_u', 'i32.rem_u', 'divide32', false),
  division('i64.div_u', 'i64.div_u', 'divide64', true),
  division('i64.div_s', 'i64.div_s', 'divide64', true),
  division('i64.rem_s', 'i64.rem_s', 'divide64', true),
  division('i64.rem_u', 'i64.rem_u', 'divide64', true),
  unary('i32.clz', 'i32.clz', 'count32', '$x'),
  unary('i64.ctz', 'i64.ctz', 'count64', '$a'),
  unary('i32.popcnt', 'i32.popcnt', 'popcount32', '$x'),
  unary('i64.popcnt', 'i64.popcnt', 'popcount64', '$a'),
  binary('i32.lt_s', 'i32.lt_s', 'compare32', false),
  unary('i32.eqz', 'i32.eqz', 'compare32', '$x'),
  {
    name: 'i64.gt_u',
    cost: 'compare64',
    body: () => '(local.set $a (i64.extend_i32_u (i64.gt_u (local.get $a) (local.get $b))))',
    base: () => '(local.set $a (local.get $a))',
  },
  unary('i32.extend8_s', 'i32.extend8_s', 'convert', '$x'),
  unary('i64.extend32_s', 'i64.extend32_s', 'convert', '$a'),
  {
    name: 'select, predictable',
    cost: 'select',
    body: () => '(local.set $x (select (local.get $y) (local.get $z) (local.get $x)))',
    base: () => '(local.set $x (local.get $z))',
  },
  {
    name: 'select, random',
    cost: 'select',
    pages: 17,
    body: (i) =>
      `(local.set $x (select (i32.add (local.get $x) (local.get $y)) (i32.xor (local.get $x) (local.get $z))
        (i32.and (i32.load8_u offset=${RANDOM + i} (local.get $p)) (i32.const 1))))`,
    base: (i) =>
      `(local.set $x (i32.add (i32.xor (i32.add (local.get $x) (local.get $y)) (local.get $z))
        (i32.and (i32.load8_u offset=${RANDOM + i} (local.get $p)) (i32.const 1))))`,
  },
  {
    name: 'local.get and local.set, 1 000 locals',
    cost: 'localGet',
    locals: Array.from({ length: 900 }, (_, i) => `(local $v${i} i64)`).join(' '),
    copies: 900,
    body: (i) =>
      `(local.set $v${i} (i64.add (local.get $v${(i * 397 + 1) % 900}) (local.get $v${(i * 641 + 5) % 900})))`,
  },
  {
    name: 'global.get and global.set',
    cost: 'globalSet',
    module: Array.from({ length: 64 }, (_, i) => `(global $m${i} (mut i64) (i64.const ${i}))`).join(' '),
    body: (i) => `(global.set $m${i % 64} (i64.add (global.get $m${(i * 7 + 1) % 64}) (local.get $a)))`,
    base: () => '(local.set $a (i64.add (local.get $a) (local.get $b)))',
  },
  {
    name: 'br_if, always taken',
    cost: 'branch',
    body: () => '(block (br_if 0 (local.get $y)) (local.set $x (i32.add (local.get $x) (i32.const 1))))',
  },
  {
    name: 'br_if, random',
    pattern: true,
    cost: 'branch',
    pages: 17,
    body: (i) =>
      `(block (br_if 0 (i32.and (i32.load8_u offset=${RANDOM + i} (local.get $p)) (i32.const 1)))
        (local.set $x (i32.mul (local.get $x) (local.get $y))))`,
    base: (i) =>
      `(local.set $x (i32.mul (i32.and (i32.load8_u offset=${RANDOM + i} (local.get $p)) (i32.const 1)) (local.get $y)))`,
  },
  {
    name: 'if and else, random, calls in both arms',
    pattern: true,
    cost: 'branch',
    pages: 17,
    module: '(func $once (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))',
    body: (i) =>
      `(if (i32.and (i32.load8_u offset=${RANDOM + i} (local.get $p)) (i32.const 1))
        (then (local.set $x (call $once (local.get $x)))) (else (local.set $y (call $once (local.get $x)))))`,
  },
  switchOn(16),
  switchOn(64),
  switchOn(4096),
  {
    name: 'call, one parameter',
    cost: 'call',
    module: `(func $leaf (param i32) (result i32) (local i32)
      (if (i32.eq (local.get 0) (i32.const -7)) (then (local.set 1 (call $leaf (i32.const 1)))))
      (i32.add (local.get 0) (local.get 1)))`,
    body: () => '(local.set $x (call $leaf (local.get $x)))',
    base: () => '(local.set $x (i32.add (local.get $x) (local.get $z)))',
  },
  {
    name: 'call, 100 parameters',
    cost: 'call',
    module: `(func $wide (param ${params(100)}) (result i64)
      (if (i64.eq (local.get 0) (i64.const -7)) (then (return (call $wide ${'(local.get 3) '.repeat(100)}))))
      (local.get 99))`,
    copies: 4,
    body: () => `(local.set $a (call $wide ${'(local.get $a) '.repeat(100)}))`,
  },
  {
    name: 'call, 16 results',
    cost: 'call',
    module: `(func $many (param i64) (result ${params(16)})
      (if (i64.eq (local.get 0) (i64.const -7)) (then (return (call $many (i64.const 1)))))
      ${'(local.get 0) '.repeat(16)})`,
    body: () => `(call $many (local.get $a)) ${'(drop) '.repeat(15)} (local.set $a)`,
  },
  {
    name: 'call, 1 000 locals',
    cost: 'local',
    copies: 4,
    module: `(func $roomy (param i64) (result i64) (local ${params(999)})
      (if (i64.eq (local.get 0) (i64.const -7)) (then ${Array.from({ length: 990 }, (_, i) => `(local.set ${i + 1} (call $roomy (local.get ${(i * 7) % 999})))`).join('\n')}))
      (i64.add (local.get 0) (local.get 999)))`,
    body: () => '(local.set $a (call $roomy (local.get $a)))',
  },
  {
    name: 'call, recursion to the depth of the stack',
    cost: 'call',
    copies: 1,
    module: `(func $deep (param i64 i64) (result i64) (if (result i64) (i64.eqz (local.get 0)) (then (local.get 1))
      (else (i64.add (call $deep (i64.sub (local.get 0) (i64.const 1)) (local.get 1)) (local.get 0)))))`,
    body: () => '(local.set $a (call $deep (i64.const 2400) (local.get $a)))',
    per: 2400,
  },
  {
    name: 'call_indirect, one target',
    cost: 'callIndirect',
    module: manyFunctions,
    body: () => '(local.set $x (call_indirect (type $f) (local.get $x) (local.get $z)))',
  },
  {
    name: 'call_indirect, 64 targets, random',
    pattern: true,
    cost: 'callIndirect',
    pages: 17,
    module: manyFunctions,
    body: (i) =>
      `(local.set $x (call_indirect (type $f) (local.get $x)
        (i32.and (i32.load8_u offset=${RANDOM + i} (local.get $p)) (i32.const 63))))`,
  },
  {
    name: 'return_call_indirect, 64 targets, random',
    pattern: true,
    cost: 'callIndirect',
    pages: 17,
    module: `${manyFunctions}
      (func $bounce (param i32 i32) (result i32) (return_call_indirect (type $f) (local.get 0) (local.get 1)))`,
    body: (i) =>
      `(local.set $x (call $bounce (local.get $x)
        (i32.and (i32.load8_u offset=${RANDOM + i} (local.get $p)) (i32.const 63))))`,
  },
  chase(2, false, 16_384),
  chase(2, false),
  chase(5, false),
  chase(17, false),
  chase(33, false),
  chase(65, false),
  chase(129, true),
  {
    name: 'i64.load, independent random addresses, 8 MiB',
    pattern: true,
    cost: 'load64',
    pages: 129,
    body: () =>
      `(local.set $b (i64.xor (local.get $b) (i64.load offset=65536 (i32.and (local.get $x) (i32.const 0x7ffff8)))))
       (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 1664525)) (i32.const 1013904223)))`,
  },
  {
    name: 'i64.load, across cache lines',
    cost: 'load64',
    pages: 17,
    body: (i) => `(local.set $b (i64.xor (local.get $b) (i64.load offset=${RANDOM + 64 * i + 61} (local.get $p))))`,
  },
  {
    name: 'i64.store, independent random addresses, 8 MiB',
    pattern: true,
    cost: 'store64',
    pages: 129,
    body: () =>
      `(i64.store offset=65536 (i32.and (local.get $x) (i32.const 0x7ffff8)) (local.get $b))
       (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 1664525)) (i32.const 1013904223)))`,
  },
  {
    name: 'i64.store, across cache lines and pages',
    pattern: true,
    cost: 'store64',
    pages: 17,
    body: (i) => `(i64.store offset=${RANDOM + 4_093 * i} (local.get $p) (local.get $b))`,
  },
  {
    name: 'i32.store8 and i64.load of the same place',
    pattern: true,
    cost: 'store32',
    pages: 2,
    body: (i) =>
      `(i32.store8 offset=${RANDOM + 16 * i + 3} (local.get $z) (i32.wrap_i64 (local.get $b)))
       (local.set $b (i64.load offset=${RANDOM + 16 * i} (local.get $z)))`,
  },
  { name: 'memory.size', cost: 'memorySize', body: () => '(local.set $x (i32.add (local.get $x) (memory.size)))' },
  {
    name: 'memory.grow by 0',
    cost: 'memoryGrow',
    body: () => '(local.set $x (i32.add (local.get $x) (memory.grow (i32.const 0))))',
  },
  {
    name: 'memory.grow refused',
    cost: 'memoryGrow',
    body: () => '(local.set $x (i32.add (local.get $x) (memory.grow (i32.const 60000))))',
  },
  bulk('memory.copy', 'bulkMemory', 0, COPY),
  bulk('memory.copy', 'bulkMemory', 8, COPY),
  bulk('memory.copy', 'memoryByte', 200, COPY),
  bulk('memory.copy', 'memoryByte', 65_000, COPY),
  bulk('memory.fill', 'bulkMemory', 0, FILL),
  bulk('memory.fill', 'bulkMemory', 8, FILL),
  bulk('memory.fill', 'memoryByte', 200, FILL),
  bulk('memory.fill', 'memoryByte', 65_000, FILL),
  {
    name: 'memory.copy, 65 000 bytes at random in 8 MiB',
    pattern: true,
    cost: 'memoryByte',
    pages: 129,
    copies: 1,
    body: () =>
      `(local.set $x (i32.add (i32.mul (local.get $x) (i32.const 1664525)) (i32.const 1013904223)))
       (memory.copy (i32.and (local.get $x) (i32.const 0x7effff))
         (i32.and (i32.rotl (local.get $x) (i32.const 15)) (i32.const 0x7effff)) (i32.const 65000))`,
  },
  {
    name: 'memory.init, 8 bytes',
    cost: 'segment',
    pages: 2,
    module: '(data $d "0123456789abcdef0123456789abcdef")',
    copies: 4,
    body: () => '(memory.init $d (i32.const 70000) (i32.and (local.get $p) (i32.const 7)) (i32.const 8))',
  },
  { name: 'data.drop', cost: 'segment', module: '(data $d "0123")', body: () => '(data.drop $d)' },
  {
    name: 'table.get and table.set',
    cost: 'tableAccess',
    module: '(table $t 64 64 funcref) (func $some) (elem declare func $some)',
    body: (i) =>
      `(table.set $t (i32.const ${i % 64}) (table.get $t (i32.and (local.get $x) (i32.const 63))))
       (local.set $x (i32.add (local.get $x) (i32.const 1)))`,
  },
  {
    name: 'table.set of ref.func',
    cost: 'tableAccess',
    module: '(table $t 64 64 funcref) (func $some) (elem declare func $some)',
    body: (i) => `(table.set $t (i32.const ${i % 64}) (ref.func $some))`,
  },
  {
    name: 'ref.is_null of table.get',
    cost: 'reference',
    module: '(table $t 64 64 funcref) (func $some) (elem (table $t) (i32.const 0) func $some)',
    body: () =>
      '(local.set $x (i32.add (local.get $x) (ref.is_null (table.get $t (i32.and (local.get $x) (i32.const 1))))))',
  },
  {
    name: 'table.size',
    cost: 'tableSize',
    module: '(table $t 64 64 funcref)',
    body: () => '(local.set $x (i32.add (local.get $x) (table.size $t)))',
  },
  {
    name: 'table.grow by 0',
    cost: 'tableGrow',
    module: '(table $t 64 128 funcref)',
    body: () => '(local.set $x (i32.add (local.get $x) (table.grow $t (ref.null func) (i32.const 0))))',
  },
  {
    name: 'table.fill, 1 element',
    cost: 'bulkTable',
    module: '(table $t 10000 10000 funcref)',
    body: () => '(table.fill $t (i32.and (local.get $p) (i32.const 63)) (ref.null func) (i32.const 1))',
  },
  {
    name: 'table.fill, 9 000 elements of ref.func',
    cost: 'tableElement',
    copies: 1,
    module: '(table $t 10000 10000 funcref) (func $some) (elem declare func $some)',
    body: () => '(table.fill $t (i32.and (local.get $p) (i32.const 63)) (ref.func $some) (i32.const 9000))',
  },
  {
    name: 'table.copy, 0 elements',
    cost: 'bulkTable',
    module: '(table $t 10000 10000 funcref)',
    body: () => '(table.copy $t $t (i32.const 5) (i32.const 7) (i32.const 0))',
  },
  {
    name: 'table.copy, 9 000 elements',
    cost: 'tableElement',
    copies: 1,
    module: '(table $t 10000 10000 funcref) (func $some) (elem (table $t) (i32.const 0) func $some $some)',
    body: () => '(table.copy $t $t (i32.const 5) (i32.and (local.get $p) (i32.const 63)) (i32.const 9000))',
  },
  {
    name: 'table.init, 1 element',
    cost: 'bulkTable',
    module: '(table $t 64 64 funcref) (func $some) (elem $e func $some $some)',
    body: () => '(table.init $t $e (i32.const 5) (i32.const 0) (i32.const 1))',
  },
]

const PREAMBLE = `(local $i i32) (local $x i32) (local $y i32) (local $z i32) (local $p i32)
  (local $a i64) (local $b i64) (local $c i64)`

/** The module of a case; `run(n)` makes n turns and gives a number that all of its work went into. */
export function caseText(test: InstructionCase, body: (i: number) => string): string {
  const { copies = 64, pages = 1 } = test
  const lines = Array.from({ length: copies }, (_, i) => body(i)).join('\n')
  // One page is not of random bytes. The start and the divisor come from memory, so that no compiler knows them.
  const randomBytes = (pages - 1) * 65_536
  return `(module ${test.module ?? ''} (memory (export "memory") ${pages})
    (data (i32.const 0) "\\05\\00\\00\\00\\03\\00\\00\\00\\07\\00\\00\\00\\00\\00\\00\\00")
    (func $random (local $r i64) (local $q i32)
      (local.set $r (i64.const 88172645463325252))
      (loop $more
        (local.set $r (i64.xor (local.get $r) (i64.shl (local.get $r) (i64.const 13))))
        (local.set $r (i64.xor (local.get $r) (i64.shr_u (local.get $r) (i64.const 7))))
        (local.set $r (i64.xor (local.get $r) (i64.shl (local.get $r) (i64.const 17))))
        (i64.store offset=65536 (local.get $q) (local.get $r))
        (br_if $more (i32.lt_u (local.tee $q (i32.add (local.get $q) (i32.const 8))) (i32.const ${randomBytes})))))
    (func (export "prepare") (result i64) ${PREAMBLE} ${randomBytes > 0 ? '(call $random)' : ''}
      ${test.before ?? ''} (i64.const 0))
    (func (export "run") (param $n i32) (result i64) ${PREAMBLE} ${test.locals ?? ''}
      (local.set $y (i32.load (i32.const 0)))
      (local.set $z (i32.load (i32.const 4)))
      (local.set $c (i64.load (i32.const 4)))
      (local.set $c (i64.and (local.get $c) (i64.const 255)))
      (local.set $b (i64.extend_i32_u (local.get $y)))
      (block $out (loop $next
        (br_if $out (i32.ge_u (local.get $i) (local.get $n)))
        ${lines}
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (local.set $p (i32.and (i32.add (local.get $p) (i32.const 67)) (i32.const ${Math.max(65_535, (Math.min(pages - 1, 16) >> 1) * 65_536 - 1)})))
        (br $next)))
      (i64.add (i64.add (i64.extend_i32_u (local.get $x)) (i64.extend_i32_u (local.get $y)))
        (i64.add (i64.extend_i32_u (local.get $z)) (i64.add (local.get $a) (local.get $b))))))`
}
