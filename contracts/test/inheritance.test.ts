/** Constructors and overrides: as Solidity and TypeScript have them, or refused. */

import { describe, expect, it } from 'vitest'
import { BUILD_TIMEOUT } from './fixtures.ts'
import { build, complaints, IMPORTS, problems } from './sources.ts'
import { TestChain } from './testChain.ts'

const BASE = '@contract export abstract class A { @view owner: Address; constructor(o: Address) { this.owner = o } }\n'

describe('constructors', () => {
  it('run that of the base once, first, whatever happens', async () => {
    const nested = 'super(o) stands for itself at the top of the constructor, in no branch, loop or function'
    const refused: readonly (readonly [string, string])[] = [
      ['this.x = 1', 'write super(o) first: the constructor of A runs once'],
      ['super(o); super(o)', 'super(o) is called above already; a constructor runs once'],
      ['if (o.isZero) super(o)', nested],
      ['for (;;) { super(o) }', nested],
      ['const f = () => { super(Address.zero) }', nested],
      ['this.x = 1; super(o)', "'this' cannot be used before super(o) has run"],
      ['super(this.owner)', "'this' cannot be used before super(o) has run"],
      ['super.set(o); super(o)', "'super' cannot be used before super(o) has run"],
      ['if (o.isZero) return; super(o)', 'this return would leave out super(o)'],
    ]
    for (const [body, complaint] of refused) {
      const derived = `@contract export class B extends A { x: u8; constructor(o: Address) { ${body} } }`
      expect([body, ...(await complaints(BASE + derived))]).toEqual([body, complaint])
    }
    const plain = '@contract export abstract class A { a: u8 }\n'
    expect(await complaints(`${plain}@contract export class B extends A { constructor() { } }`)).toEqual([
      'write super() first: the constructor of A runs once',
    ])
    expect(await complaints(`${plain}@contract export class B extends A { constructor() { super(1) } }`)).toEqual([
      'the constructor of A takes nothing: write super()',
    ])
    expect(await complaints('@contract export class B { constructor() { super() } }')).toEqual([
      'B extends no contract, so there is no super to call',
    ])
  })

  it(
    'of a base in another file are those of a contract without its own: parameters, payable, types',
    async () => {
      const { B, C } = await build({
        'index.ts': `import { Base, P } from './base'
          @contract export class B extends Base { }
          @contract export class C extends B {
            @view more: u8
            constructor(more: u8) { const a = more; super(new P(1), 'c'); this.more = a }
          }`,
        'base.ts': `${IMPORTS}
          @struct export class P { a: u64 }
          @contract export abstract class Base {
            @view p: P; @view paid: U256; @view name: string = 'early'
            @payable constructor(p: P, name: string) { this.p = p; this.paid = msg.value; this.name = this.name + name }
          }`,
      })
      expect(B!.abi[0]).toMatchObject({
        type: 'constructor',
        stateMutability: 'payable',
        inputs: [
          { name: 'p', type: 'tuple' },
          { name: 'name', type: 'string' },
        ],
      })
      const chain = new TestChain()
      const b = chain.deploy(B!, [{ a: 5n }, ' bird'], { value: 3n })
      expect(['p', 'paid', 'name'].map((name) => b.send(name))).toEqual([5n, 3n, 'early bird'])
      const c = chain.deploy(C!, [9])
      expect(['p', 'paid', 'name', 'more'].map((name) => c.send(name))).toEqual([1n, 0n, 'earlyc', 9])
    },
    BUILD_TIMEOUT,
  )
})

it(
  'initialisers keep their lines and comments',
  async () => {
    const { A } = await build(`@contract export class A {
      @view x: U256 = // why
        u256( // hundred
          100 /* of
          them */
        ) // there
      @view y: string = 'two'; @view z: U256 = u256(3)
    }`)
    const contract = new TestChain().deploy(A!)
    expect(['x', 'y', 'z'].map((name) => contract.send(name))).toEqual([100n, 'two', 3n])
    expect(await problems('@contract export class A {\n x: U256 = u256( // hundred\n  missing\n )\n}')).toEqual([
      expect.stringMatching(/^index\.ts:3: .*\bmissing\b/),
    ])
  },
  BUILD_TIMEOUT,
)

describe('overrides', () => {
  it('keep or tighten what callers were told', async () => {
    const said = await complaints(`
      @contract export abstract class A {
        @view f(): U256 { return u256(1) } @external g(): U256 { return u256(1) } @external h(): void {} @payable i(): void {}
        @pure j(a: U256): U256 { return a } @external k(a: U256): U256 { return a } @fallback @payable l(): void {}
      }
      @contract export class B extends A {
        @external override f(): U256 { return u256(2) }
        @view override g(): U256 { return u256(2) }
        @payable override h(): void {}
        @external override i(): void {}
        @view override j(a: U256): U256 { return a }
        @external override k(a: u64): U256 { return u256(a) }
        @fallback l(): void {}
      }`)
    expect(said).toEqual([
      'an override of a view function is view or pure, not nonpayable',
      'an override of a nonpayable function is nonpayable or view or pure, not payable',
      'an override of a payable function is payable, not nonpayable',
      'an override of a pure function is pure, not view',
      'an override is k(uint256): uint256 as in its base, not k(uint64): uint256',
      'an override of a payable function is payable, not nonpayable',
    ])
  })
})
