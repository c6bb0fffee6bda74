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
