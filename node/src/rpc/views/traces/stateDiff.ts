/** OpenEthereum's stateDiff: what changed, field by field: `=` unchanged, `+` new, `-` gone, `*` from one to another. */
import { equalBytes } from '../../../codec/bytes.ts'
import { toHex, toQuantity } from '../../../codec/hex.ts'
import type { Trace } from '../../../execution/trace/listening.ts'
import type { HexText } from './boundedHex.ts'

type Change = '=' | { readonly '+': string } | { readonly '-': string } | { readonly '*': { from: string; to: string } }

export function stateDiff(
  { before, after }: NonNullable<Trace['state']>,
  hex: HexText,
): Readonly<Record<string, object>> {
  const accounts: Record<string, object> = {}
  for (const [at, was] of before.entries()) {
    const is = after[at]!
    const change = (from: string, to: string): Change => {
      if (was.exists && is.exists) return from === to ? '=' : { '*': { from, to } }
      return is.exists ? { '+': to } : { '-': from }
    }
    const storage: Record<string, Change> = {}
    for (const [slot, [key, value]] of was.storage.entries()) {
      const now = is.storage[slot]![1]
      if (!equalBytes(value, now)) storage[toHex(key)] = change(toHex(value), toHex(now))
    }
    const shown = {
      balance: change(toQuantity(was.balance), toQuantity(is.balance)),
      code: was.exists && is.exists && equalBytes(was.code, is.code) ? '=' : change(hex(was.code), hex(is.code)),
      nonce: change(toQuantity(was.nonce), toQuantity(is.nonce)),
      storage,
    }
    const isSame = [shown.balance, shown.code, shown.nonce].every((one) => one === '=')
    if (was.exists || is.exists) if (!isSame || Object.keys(storage).length > 0) accounts[toHex(was.address)] = shown
  }
  return accounts
}
