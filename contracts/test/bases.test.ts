/** Several bases of one contract: Solidity's line, one storage, each constructor once; and what is refused. */

import { type Abi, getAddress } from 'viem'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Artifact } from '../src/index.ts'
import { BUILD_TIMEOUT } from './fixtures.ts'
import { build, complaints, failure } from './sources.ts'
import { account, TestChain } from './testChain.ts'

const SDK = '@touchstone/contracts/as'
const from = (part: string, ...names: readonly string[]) =>
  `import { ${names.join(', ')} } from '${SDK}/parts/${part}'\n`

/** The diamond of Solidity's documentation, and a token of four parts. Each file is compiled for each contract. */
const FILES = {
  'index.ts': `import { Address, Bases, construct, U256, u256 } from '${SDK}'
${from('erc20Pausable', 'ERC20Pausable')}${from('erc20Permit', 'ERC20Permit')}${from('ownable', 'Ownable')}
import { Left, Right } from './diamond'
@contract export class Gold extends Bases<ERC20Permit, Ownable, ERC20Pausable> {
  @view cap: U256 = u256(1000)
  constructor(holder: Address, supply: U256) {
    super()
    construct<ERC20Permit>('Gold', 'GLD')
    construct<Ownable>(holder)
    this._mint(holder, supply)
  }
  @external pause(): void { this.onlyOwner(); this._pause() }
  @external unpause(): void { this.onlyOwner(); this._unpause() }
  protected _update(from: Address, to: Address, value: U256): void {
    super._update(from, to, value)
    assert(this.totalSupply <= this.cap)
  }
}
@contract export class Diamond /* { */ extends Bases<Left, Right> /* ; { */ {
  @view own: u8;
  static letter(): string { return 'D' }
  @view more: u8;
  constructor() { super(); construct<Right>/* ( */('right'); this.log('D') }
  @external say(): string { return 'D' + super.say() }
  @external mark(): void { super.mark() }
}
/** Ownable, a part of the SDK, has one of these contracts for its base here. */
@contract export class Other extends Bases<Right, Left, Ownable> {
  constructor(owner: Address) { super(); construct<Right>('r'); construct<Ownable>(owner) }
  @external say(): string { assert(Diamond.letter() == 'D'); return 'O' + super.say() }
  @external mark(): void { super.mark() }
}
`,
  'diamond.ts': `import { Address, Bases, U256, u256 } from '${SDK}'
@contract export abstract class Basic {
  @view trail: string = ':'
  @view small: u64
  constructor() { this.log('A') }
  @external say(): string { return 'A' }
  @external mark(): void { this.small = 1; this.log('a') }
  protected log(text: string): void { this.trail = this.trail + text }
}
@contract export abstract class Left extends Bases<Basic> {
  @view left: u64
  constructor() { super(); this.log('L') }
  @external say(): string { return 'L' + super.say() }
  @external mark(): void { this.left = 2; this.log('l'); super.mark() }
}
@contract export abstract class Right extends Bases<Basic> {
  @view right: U256
  constructor(text: string) { super(); this.log('R'); this.log(text) }
  @external say(): string { return 'R' + super.say() }
  @external mark(): void { this.right = u256(3); this.log('r'); super.mark() }
}
`,
}

let artifacts: Readonly<Record<string, Artifact>>
beforeAll(async () => {
  artifacts = await build(FILES)
}, BUILD_TIMEOUT)

const places = (name: string) =>
  artifacts[name]!.storageLayout.storage.map(({ label, slot, offset }) => `${label} ${slot}:${offset}`)

describe('a contract of several bases', () => {
  it('is one of all of them, of ready parts too', () => {
    const gold = new TestChain().deploy(artifacts['Gold']!, [account(0), 900n])
    const names = (artifacts['Gold']!.abi as Abi).flatMap((item) => (item.type === 'function' ? [item.name] : []))
    expect(names).toEqual(expect.arrayContaining(['permit', 'transfer', 'owner', 'paused', 'pause', 'nonces', 'cap']))
    expect(['name', 'totalSupply', 'owner', 'cap'].map((name) => gold.send(name))).toEqual([
      'Gold',
      900n,
      getAddress(account(0)),
      1000n,
    ])
    gold.send('transfer', [account(1), 5n])
    gold.send('pause')
    expect(failure(gold, 'transfer', [account(1), 5n])).toBe('EnforcedPause()')
    gold.send('unpause')
    gold.send('transfer', [account(1), 5n])
    expect(gold.send('balanceOf', [account(1)])).toBe(10n)
    expect(places('Gold')).toEqual([
      'name 0:0',
      'symbol 1:0',
      'totalSupply 2:0',
      'balanceOf 3:0',
      'allowance 4:0',
      'nonces 5:0',
      'owner 6:0',
      'paused 6:20',
      'cap 7:0',
    ])
  })

  it('calls along the line of C3, the base written last first, and constructs each once, the basic ones first', () => {
    const chain = new TestChain()
    const diamond = chain.deploy(artifacts['Diamond']!)
    expect(diamond.send('say')).toBe('DRLA')
    expect(diamond.send('trail')).toBe(':ALRrightD')
    diamond.send('mark')
    expect(['trail', 'small', 'left', 'right'].map((name) => diamond.send(name))).toEqual([':ALRrightDrla', 1n, 2n, 3n])
    // The u64 of two contracts that are neighbours in the line share a slot, as solc's do.
    expect(places('Diamond')).toEqual(['trail 0:0', 'small 1:0', 'left 1:8', 'right 2:0', 'own 3:0', 'more 3:1'])

    const other = chain.deploy(artifacts['Other']!, [account(4)])
    expect(other.send('owner')).toBe(getAddress(account(4)))
    expect([other.send('say'), other.send('trail')]).toEqual(['OLRA', ':ALRr'])
    other.send('mark')
    expect(['trail', 'small', 'left', 'right'].map((name) => other.send(name))).toEqual([':ALRrlra', 1n, 2n, 3n])
    expect(places('Other')).toEqual(['trail 0:0', 'small 1:0', 'right 2:0', 'left 3:0', 'owner 3:8'])
  })
})

const AB = `import { Bases, construct } from '${SDK}'; `
const pair = (a: string, b: string, c = '', rest = 'Bases<A, B>') =>
  `${AB}@contract export abstract class A { ${a} }\n@contract export abstract class B { ${b} }\n@contract export class C extends ${rest} { ${c} }`

it('is refused where two of them cannot be one, in words that say which', async () => {
  const both = (what: string) => `A and B both have '${what}'`
  const one = ': a contract has one, so they cannot be bases of the same one'
  const refused: readonly (readonly [string, readonly string[]])[] = [
    [pair('@view x: U256', 'x: u8'), [both('x') + one]],
    [pair('@view x: U256', '@view x(): U256 { return u256(1) }'), [both('x') + one]],
    [pair('private p(): void {}', 'p(): void {}'), [both('p') + one]],
    [pair('static readonly n: u8 = 1', '@view n: u8'), [both('n') + one]],
    [
      pair('@view f(): U256 { return u256(1) }', '@view f(): u8 { return 1 }'),
      [`${both('f')}, as f(): uint256 and as f(): uint8: they cannot be bases of the same contract`],
    ],
    [
      pair('protected f(): void {}', 'protected f(n: u8): void {}'),
      [
        `${both('f')}, as f of 0 parameters that callers do not see and as f of 1 parameters that callers do not see: they cannot be bases of the same contract`,
      ],
    ],
    [pair('@external f(): void {}', '@external f(): void {}'), [`${both('f')}, and C does not say which it means`]],
    [pair('@fallback f(): void {}', '@fallback g(): void {}'), ['A and B both have a @fallback: write one in C']],
    [
      pair('@view f(): void {}', '@external f(): void {}', '@external f(): void {}'),
      ['an override of a view function is view or pure, not nonpayable'],
    ],
    [
      pair('private p(): void {}', '', 'private p(): void {}'),
      ['A has a private method p, which C would override: choose another name'],
    ],
    [pair('', 'protected p(): void {}', 'private p(): void {}'), ['p overrides that of B, so it cannot be private']],
    [pair('x: u8', '', 'x: u8'), ['x is a field of A already']],
    [pair('', '', '', 'Bases<A, A>'), ['A is a base of C already']],
    [pair('', '', '', 'Bases<A, Mapping>'), ['Mapping is not a class marked @contract']],
    [pair('', '', '', 'Bases'), ['Bases names the contracts to inherit from: Bases<ERC20, Ownable>']],
    [
      `${AB}@contract export abstract class A {}\n@contract export abstract class B extends A {}\n@contract export class C extends Bases<B, A> {}`,
      ['these bases have no order: B would stand both before and behind A'],
    ],
  ]
  for (const [text, said] of refused) expect([text, ...(await complaints(text))]).toEqual([text, ...said])
})

it('constructs no base before its own base: what takes nothing is then named, too', async () => {
  const text = (constructs: string) =>
    `${AB}@contract export abstract class O { @view o: u8; constructor(n: u8) { this.o = n } }
@contract export abstract class R extends Bases<O> { @view r: u8; constructor() { super(); this.r = this.o } }
@contract export class C extends Bases<O, R> { constructor() { super(); ${constructs} } }`
  expect(await complaints(text('construct<O>(7)'))).toEqual([
    'the constructor of R would run before that of O, its base',
  ])
  const { C } = await build({ 'index.ts': text('construct<O>(7); construct<R>()') })
  expect(new TestChain().deploy(C!).send('r')).toBe(7)
})

it('constructs each base once, in order, before anything else', async () => {
  const a = 'constructor(n: u8) { }'
  const construct = (body: string, bases = 'Bases<A, B>') => pair(a, a, `x: u8; constructor() { ${body} }`, bases)
  const refused: readonly (readonly [string, readonly string[]])[] = [
    [
      pair(a, a),
      ['A', 'B'].map(
        (name) =>
          `write a constructor with super() and construct<${name}>(n): ${name} is a base of C, and nothing constructs it`,
      ),
    ],
    [construct('super(); construct<A>(1)'), ['write construct<B>(n): B is a base of C, and nothing constructs it']],
    [construct('construct<A>(1); construct<B>(1)'), ['write super() first: then construct<Base>(...) for each base']],
    [
      construct('super(1); construct<A>(1); construct<B>(1)'),
      ['of several bases each is constructed by its name: write super(), then construct<A>(...)'],
    ],
    [
      construct('super(); construct<B>(1); construct<A>(1)'),
      ['construct<A>(...) stands after the constructor of B, which comes later in the line'],
    ],
    [
      construct('super(); construct<A>(1); construct<A>(1); construct<B>(1)'),
      ['A would be constructed more than once: in the constructor of C'],
    ],
    [
      construct('super(); if (this.x == 0) construct<A>(1); construct<B>(1)'),
      [
        "'this' cannot be used before all bases are constructed",
        'construct<A>(...) stands for itself at the top of the constructor, in no branch, loop or function',
      ],
    ],
    [
      construct('super(); construct<A>(1); if (1 > 2) return; construct<B>(1)'),
      ['this return would leave out construct<B>(...)'],
    ],
    [
      construct('super(); construct<A>(1); super.f(); construct<B>(1)'),
      ["'super' cannot be used before all bases are constructed"],
    ],
    [construct('super(); construct<A>(1); construct<B>(1); construct<C>(1)'), ['C is no base of C']],
    [
      construct('super(1); construct<A>(1)', 'A'),
      ['construct<Base>(...) is for one of several bases: here super(...) does it'],
    ],
    [
      `${AB}@contract export abstract class O { ${a} }\n@contract export abstract class A extends O { constructor() { super(1) } }\n@contract export abstract class B extends O { constructor() { super(2) } }\n@contract export class C extends Bases<A, B> {}`,
      ['O would be constructed more than once: in the constructor of B and in that of A'],
    ],
  ]
  for (const [text, said] of refused) expect([text, ...(await complaints(text))]).toEqual([text, ...said])
})
