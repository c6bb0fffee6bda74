/**
 * geth's prestateTracer: the accounts that were touched as they were before; in diff mode those that changed, before
 * and after.
 */
import { equalBytes } from '../../../codec/bytes.ts'
import { toHex, toQuantity } from '../../../codec/hex.ts'
import { keccak256 } from '../../../crypto/keccak.ts'
import type { Trace } from '../../../execution/trace/listening.ts'
import type { TracedAccount } from '../../../execution/trace/tracedState.ts'
import type { HexText } from './boundedHex.ts'
import type { TracerConfig } from './config.ts'

type Accounts = Record<string, object>

export function prestateTrace(
  { before, after }: NonNullable<Trace['state']>,
  config: TracerConfig,
  hex: HexText,
): object {
  if (config.diffMode !== true) return prestate(before, config, hex)
  const pre: Accounts = {}
  const post: Accounts = {}
  for (const [at, was] of before.entries()) {
    const is = after[at]!
    const changed = changesOf(was, is, config, hex)
    if (changed === null) continue
    const name = toHex(was.address)
    if (was.exists) {
      const storage = was.storage.filter((slot, i) => isChanged(was, is, i) && !isZero(slot))
      pre[name] = accountView({ ...was, storage }, config, hex)
    }
    if (is.exists) post[name] = changed
  }
  return { pre, post }
}

function prestate(before: readonly TracedAccount[], config: TracerConfig, hex: HexText): Accounts {
  const accounts: Accounts = {}
  for (const account of before) {
    // An account that a transaction creates was not there before.
    if (account.exists) accounts[toHex(account.address)] = accountView(account, config, hex)
  }
  return accounts
}

function accountView({ balance, nonce, code, storage }: TracedAccount, config: TracerConfig, hex: HexText): object {
  const slots = config.disableStorage === true ? [] : storage
  return {
    balance: toQuantity(balance),
    ...(nonce === 0n ? {} : { nonce: Number(nonce) }),
    ...(code.length === 0 || config.disableCode === true ? {} : { code: hex(code), codeHash: toHex(keccak256(code)) }),
    ...(slots.length === 0 ? {} : { storage: storageView(slots) }),
  }
}

/** The changed fields of an account; null when none changed. */
function changesOf(was: TracedAccount, is: TracedAccount, config: TracerConfig, hex: HexText): object | null {
  const slots = config.disableStorage === true ? [] : is.storage.filter((_, i) => isChanged(was, is, i))
  const [balance, nonce, code] = [was.balance !== is.balance, was.nonce !== is.nonce, !equalBytes(was.code, is.code)]
  if (!balance && !nonce && !code && slots.length === 0 && was.exists === is.exists) return null
  const kept = slots.filter((slot) => !isZero(slot))
  return {
    ...(balance ? { balance: toQuantity(is.balance) } : {}),
    ...(nonce ? { nonce: Number(is.nonce) } : {}),
    ...(code && config.disableCode !== true ? { code: hex(is.code), codeHash: toHex(keccak256(is.code)) } : {}),
    ...(kept.length === 0 ? {} : { storage: storageView(kept) }),
  }
}

function isChanged(was: TracedAccount, is: TracedAccount, slot: number): boolean {
  return !equalBytes(was.storage[slot]![1], is.storage[slot]![1])
}

/** Slots of zeros are not there, so that diff mode leaves them out, as geth does. */
function isZero([, value]: TracedAccount['storage'][number]): boolean {
  return value.every((byte) => byte === 0)
}

function storageView(slots: TracedAccount['storage']): Readonly<Record<string, string>> {
  return Object.fromEntries(slots.map(([key, value]) => [toHex(key), toHex(value)]))
}
