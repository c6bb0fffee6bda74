/**
 * Loops of every shape: counted up and down, by any step, zero too, against constants, parameters and bounds that
 * change; signed, unsigned and unequal, wrapping around; tested at the top, at the bottom or in the middle; with
 * several exits and several ways back; nested; and loops that only a branch inside leaves.
 */
import type { FunctionGenerator, Int, Tree } from './generateModule.ts'

const COMPARISONS = ['ne', 'ne', 'lt_s', 'lt_u', 'gt_s', 'gt_u', 'le_s', 'le_u', 'ge_s', 'ge_u', 'eq'] as const
const STEPS = ['1', '1', '1', '-1', '-1', '2', '3', '4', '-2', '-3', '6', '12', '0', '0x40000000', '0x80000000']

export function loopStatement(f: FunctionGenerator, depth: number): Tree[] {
  const { random } = f
  if (random.below(3) === 0) return almostCounted(f, depth)
  if (random.below(4) === 0) return constantTurns(f, depth)
  const type: Int = random.below(4) === 0 ? 'i64' : 'i32'
  // Half of the loops turn a few times only; the others may turn for ever.
  const plain = random.below(2) === 0
  const counter = plain || random.below(3) ? f.newLocal(type) : f.local(type)
  const [exit, again] = [f.newLabel(), f.newLabel()]
  const start: Tree[] =
    !plain && random.below(4) === 0 ? [] : [['local.set', counter, plain ? [`${type}.const`, '0'] : initial(f, type)]]
  const bound: Tree = plain ? [`${type}.const`, random.pick(['0', '1', '2', '3', '6', '12', '40'])] : boundOf(f, type)
  const step: Tree = plain
    ? [`${type}.const`, random.pick(['1', '1', '2', '3', '5'])]
    : random.below(5) === 0
      ? ['local.get', f.local(type)]
      : [`${type}.const`, random.pick(STEPS)]
  const advanced: Tree = [plain || random.below(4) ? `${type}.add` : `${type}.sub`, ['local.get', counter], step]
  const advance: Tree = ['local.set', counter, advanced]
  const test = (value: Tree): Tree => {
    if (plain) return random.below(4) ? [`${type}.lt_u`, value, bound] : [`${type}.gt_s`, bound, value]
    const comparison = `${type}.${random.pick(COMPARISONS)}`
    const order = random.below(4) ? [value, bound] : [bound, value]
    if (random.below(6) === 0) return type === 'i32' ? value : ['i64.ne', value, ['i64.const', '0']]
    return random.below(6) === 0 ? ['i32.eqz', [comparison, ...order]] : [comparison, ...order]
  }
  const body = (): Tree[] =>
    f.within({ name: exit, carries: [], loop: false }, () =>
      f.within({ name: again, carries: [], loop: true }, () => bodyOf(f, depth)),
    )
  const current: Tree = ['local.get', counter]
  // Nothing stands between what sets the counter and the loop: only then is its start known as a constant.
  if (random.below(4) === 0) {
    const inside = f.within({ name: again, carries: [], loop: true }, () => bodyOf(f, depth))
    const early = random.below(2) === 0
    const stepped = early ? [] : [advance]
    return [
      ...start,
      [
        'loop',
        again,
        ...inside,
        ...stepped,
        ['br_if', again, test(early ? ['local.tee', counter, advanced] : current)],
      ],
    ]
  }
  switch (random.below(7)) {
    case 0:
      // Tested at the bottom.
      return [...start, ['block', exit, ['loop', again, ...body(), advance, ['br_if', again, test(current)]]]]
    case 1:
      return [
        ...start,
        ['block', exit, ['loop', again, ...body(), ['br_if', again, test(['local.tee', counter, advanced])]]],
      ]
    case 2:
      // Tested at the top.
      return [
        ...start,
        [
          'block',
          exit,
          [
            'loop',
            again,
            ['br_if', exit, plain ? ['i32.eqz', test(current)] : test(current)],
            ...body(),
            advance,
            ['br', again],
          ],
        ],
      ]
    case 3:
      return [
        ...start,
        ['block', exit, ['loop', again, ['if', test(current), ['then', ...body(), advance, ['br', again]]]]],
      ]
    case 4:
      // Tested in the middle, and perhaps at the bottom too.
      return [
        ...start,
        [
          'block',
          exit,
          [
            'loop',
            again,
            ...body(),
            ['br_if', exit, test(current)],
            advance,
            ...body(),
            random.below(3) ? ['br', again] : ['br_if', again, test(current)],
          ],
        ],
      ]
    case 5:
      // Two ways back.
      return [
        ...start,
        [
          'block',
          exit,
          ['loop', again, advance, ['br_if', again, test(current)], ...body(), ['br_if', again, test(current)]],
        ],
      ]
    default:
      // A value carried around.
      return [
        ...start,
        [
          'block',
          exit,
          [`${type}.const`, '3'],
          [
            'loop',
            again,
            ['param', type],
            ['local.set', counter],
            ...bodyOf(f, depth),
            advanced,
            ['br_if', again, test(current)],
            ['drop'],
          ],
        ],
      ]
  }
}

/**
 * A loop whose start, step and bound are constants, with a bound that is met after some turns or just missed, also where
 * numbers wrap around.
 */
function constantTurns(f: FunctionGenerator, depth: number): Tree[] {
  const { random } = f
  const counter = f.newLocal('i32')
  const again = f.newLabel()
  const start = random.pick([0, 0, 1, 10, -5, 0x7ffffffa, -0x7ffffffb, -12])
  const step = random.pick([1, 1, 2, 3, 4, 6, -1, -2, -3, -6, 0x20000001, -0x10000003])
  const bound = (start + step * random.below(10) + random.pick([0, 0, 0, 1, -1])) | 0
  const comparison = random.pick([
    'ne',
    ...(step > 0 ? ['lt_s', 'lt_u', 'le_s', 'le_u'] : ['gt_s', 'gt_u', 'ge_s', 'ge_u']),
  ])
  const early = random.below(2) === 0
  const advanced: Tree = ['i32.add', ['local.get', counter], ['i32.const', String(step)]]
  const tested: Tree = early ? ['local.tee', counter, advanced] : ['local.get', counter]
  const inside = f.within({ name: again, carries: [], loop: true }, () => bodyOf(f, depth))
  const advance: Tree[] = early ? [] : [['local.set', counter, advanced]]
  return [
    ['local.set', counter, ['i32.const', String(start)]],
    [
      'loop',
      again,
      ...inside,
      ...advance,
      ['br_if', again, [`i32.${comparison}`, tested, ['i32.const', String(bound)]]],
    ],
  ]
}

/**
 * A loop whose turns are told by locals when it is entered, and that does one thing now and then which makes that
 * wrong: writes its counter, its step or its bound, leaves or turns early, leaves a step out.
 */
function almostCounted(f: FunctionGenerator, depth: number): Tree[] {
  const { random } = f
  const [counter, bound, step] = [f.newLocal('i32'), f.newLocal('i32'), f.newLocal('i32')]
  const [exit, again] = [f.newLabel(), f.newLabel()]
  const small = (mask: string): Tree => ['i32.and', f.expression('i32', 1), ['i32.const', mask]]
  const far: Tree = ['i32.const', random.pick(['0xfffffff8', '0x7ffffff8', '0x80000000'])]
  const start = random.below(5) === 0 ? ['i32.add', small('7'), far] : small('7')
  const end = random.below(5) === 0 ? ['i32.add', small('7'), far] : small('31')
  const up = random.below(4) > 0
  const by: Tree =
    random.below(4) === 0 ? ['local.get', step] : ['i32.const', random.pick(['1', '1', '1', '2', '3', '4', '6'])]
  const advanced: Tree = [up ? 'i32.add' : 'i32.sub', ['local.get', counter], by]
  const early = random.below(2) === 0
  const tested: Tree = early ? ['local.tee', counter, advanced] : ['local.get', counter]
  const sides: Tree[] = [tested, ['local.get', bound]]
  const comparison = random.pick(up ? ['lt_s', 'lt_u', 'le_s', 'le_u', 'ne'] : ['gt_s', 'gt_u', 'ge_s', 'ge_u', 'ne'])
  const test: Tree = [`i32.${comparison}`, ...sides]
  const advance: Tree[] = early ? [] : [['local.set', counter, advanced]]
  const nudge = (local: string): Tree => [
    'local.set',
    local,
    ['i32.add', ['local.get', local], ['i32.const', random.pick(['1', '-1'])]],
  ]
  const odd = (): Tree => (random.below(2) ? ['local.get', counter] : f.expression('i32', 1))
  const sometimes = (...then: Tree[]): Tree => ['if', ['i32.and', odd(), ['i32.const', '1']], ['then', ...then]]
  const oddities: (() => Tree[])[] = [
    () => [nudge(bound)],
    () => [nudge(counter)],
    () => [sometimes(nudge(counter))],
    () => [sometimes(nudge(bound))],
    () => [nudge(step)],
    () => [sometimes(['br', exit])],
    () => [sometimes(['br', again])],
    () => [['loop', ...advance, sometimes(['br', '1'])]],
    () => [sometimes(['return', ...f.results(1)])],
  ]
  const oddity = random.below(3) === 0 ? random.pick(oddities)() : []
  const inner = f.within({ name: exit, carries: [], loop: false }, () => (random.below(2) ? bodyOf(f, depth) : []))
  const set: Tree[] = [
    ['local.set', counter, start],
    ['local.set', bound, end],
    ['local.set', step, ['i32.and', f.expression('i32', 1), ['i32.const', '3']]],
  ]
  const stepped = random.below(8) === 0 ? [sometimes(...advance)] : advance
  const leave: Tree = ['br_if', exit, ['i32.eqz', test]]
  const innerLoop = (...body: Tree[]): Tree => ['loop', ...body, sometimes(['br', '1'])]
  const rest: Tree[] = [...inner, ...oddity]
  const shapes: (() => Tree[])[] = [
    () => [...rest, ...stepped, ['br_if', again, test]],
    () => [...rest, ...stepped, ['br_if', again, test]],
    () => [leave, ...rest, ...stepped, ['br', again]],
    () => [leave, ...rest, ...stepped, ['br', again]],
    // The test, or the step, is not made once on every turn.
    () => [sometimes(leave), ...rest, ...stepped, ['br', again]],
    () => [innerLoop(leave), ...rest, ...stepped, ['br', again]],
    () => [leave, ...rest, innerLoop(...advance), ['br', again]],
    () => [...rest, ...stepped, innerLoop(['br_if', again, test])],
  ]
  const turns = random.pick(shapes)()
  return [...set, ['block', exit, ['loop', again, ...turns]]]
}

/** Often plain, so that loops are counted ones; the counter is a local as any other, so sometimes it is written. */
function bodyOf(f: FunctionGenerator, depth: number): Tree[] {
  const { random } = f
  switch (random.below(5)) {
    case 0:
      return []
    case 1:
      return f.statements(depth - 1)
    case 2:
      return [['local.set', f.local('i32'), f.expression('i32', 2)], ...(random.below(3) ? [] : f.branch())]
    case 3:
      return [['if', f.expression('i32', 1), ['then', ['local.set', f.local('i64'), f.expression('i64', 2)]]]]
    default:
      return depth > 1 ? loopStatement(f, depth - 1) : []
  }
}

function initial(f: FunctionGenerator, type: Int): Tree {
  const { random } = f
  if (random.below(3) === 0) return f.expression(type, 1)
  return [`${type}.const`, random.pick(['0', '0', '1', '10', '-5', '0x7ffffffc', '0xfffffff0', '0x80000002'])]
}

function boundOf(f: FunctionGenerator, type: Int): Tree {
  const { random } = f
  if (random.below(2))
    return [`${type}.const`, random.pick(['0', '4', '7', '12', '-1', '100', '0x7fffffff', '0xfffffffd', '0x80000000'])]
  return random.below(4) ? ['local.get', f.local(type)] : ['global.get', type === 'i32' ? '$g0' : '$g1']
}
