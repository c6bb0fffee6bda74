/** Constants in source maps: a value only where no other variable may be meant by the name. */
import { expect, it } from 'vitest'
import { compileProgram } from './compileProgram.ts'
import { readSdk } from './sdk.ts'

const SOURCE = `@contract
export class Fees {
  @view paid: u64
  @external pay(amount: u64): void {
    const fee: u64 = 30
    const rate: u64 = 7
    this.paid = fee + amount * rate
    {
      const fee = this.bump(amount)
      this.paid = amount
    }
    if (amount > 5) {
      const step: u64 = 1
      this.paid = step
    } else {
      const step: u64 = 2
      this.paid = fee - step
    }
  }
  private bump(by: u64): u64 {
    this.paid = by
    return by
  }
}
`

it('has the value of a constant, but of one that another variable hides, which nothing reads', async () => {
  const path = 'assembly/index.ts'
  const { modules } = await compileProgram(path, (file) => (file === path ? SOURCE : null), readSdk())
  const { x_touchstone_locals } = JSON.parse(modules[0]!.sourceMap)
  const constants = (x_touchstone_locals.variables as unknown[][])
    .map(([name, , , , first, , constant]) => [name, first, constant])
    .filter(([name]) => !['amount', 'by'].includes(String(name)))
  expect(constants).toEqual([
    ['fee', 5, undefined],
    ['rate', 6, '7'],
    ['step', 13, '1'],
    ['step', 16, '2'],
  ])
})
