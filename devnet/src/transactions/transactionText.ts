/** A transaction as it was signed, in words: whom it is for, and which function. */
import type { Transaction } from 'viem'
import { calledFunction } from '../contracts/calledFunction.ts'
import type { Attempt } from '../contracts/failure.ts'
import type { Known } from '../contracts/knownContracts.ts'
import { formatFields } from '../contracts/values.ts'
import { printable } from '../output/printable.ts'

/** The transaction's effect, in words, as far as the ABI of whom it is for is known. */
export function describeTransaction(
  { to, input, value }: Pick<Transaction, 'to' | 'input' | 'value'>,
  known: Known,
): { readonly attempt: Attempt; readonly words: string } {
  const target = known.contracts.find(({ address }) => address.toLowerCase() === to?.toLowerCase()) ?? null
  const called = target === null ? null : calledFunction(target, input)
  const wei = value === 0n ? '' : `, with ${value} wei`
  if (to === null) {
    return {
      words: `a new contract${wei}`,
      attempt: { what: 'the deployment', known, target: null, item: null, value },
    }
  }
  const whom = known.label(to)
  if (called === null) {
    const what = input === '0x' ? 'ether alone' : `calldata ${printable(input)}`
    const name = known.nameOf(to) ?? to
    return {
      words: `${whom}, ${what}${wei}`,
      attempt: { what: `the call of ${name}`, known, target, item: null, value },
    }
  }
  const { item, args } = called
  return {
    words: `${whom}, ${printable(item.name)}(${formatFields(item.inputs, args, known.label)})${wei}`,
    attempt: { what: `${target!.name}.${item.name}`, known, target, item, value },
  }
}
