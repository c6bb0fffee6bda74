/** The states that two executions of one transaction left, compared account by account and slot by slot. */
import { compareBytes } from '../codec/bytes.ts'
import { fromHex, toHex } from '../codec/hex.ts'
import { padWord } from '../state/accountEntry.ts'
import type { JournaledState } from '../state/journaledState.ts'
import type { StateChanges } from '../state/stateStore.ts'
import type { Account } from '../types/account.ts'
import { decodeAccount, EMPTY_ACCOUNT } from '../types/accountCodec.ts'

export interface StateDifference {
  /** 0x and 40 digits. */
  readonly account: string
  readonly field: 'nonce' | 'balance' | 'code hash' | 'slot'
  /** Key of the slot, 0x and 64 digits; null for the other fields. */
  readonly slot: string | null
  /** Before the transaction. Decimal for nonce and balance, else 0x and 64 digits; as the two others. */
  readonly before: string
  readonly left: string
  readonly right: string
}

/** In order of addresses, then of slots. `before`: the state that both began with. */
export function stateDifferences(before: JournaledState, left: StateChanges, right: StateChanges): StateDifference[] {
  const [ofLeft, ofRight] = [changesOf(left), changesOf(right)]
  const found: StateDifference[] = []
  for (const address of bothKeys(ofLeft, ofRight)) {
    const bytes = fromHex(address)
    const start = before.account(bytes) ?? EMPTY_ACCOUNT
    const one = ofLeft.get(address)
    const other = ofRight.get(address)
    const fields = [fieldsOf(start), fieldsOf(one?.account ?? start), fieldsOf(other?.account ?? start)] as const
    for (const field of ['nonce', 'balance', 'code hash'] as const) {
      if (fields[1][field] === fields[2][field]) continue
      found.push({
        ...{ account: address, field, slot: null },
        ...{ before: fields[0][field], left: fields[1][field], right: fields[2][field] },
      })
    }
    for (const slot of bothKeys(one?.slots, other?.slots)) {
      const stored = toHex(before.storage(bytes, fromHex(slot)))
      const values = [one?.slots.get(slot) ?? stored, other?.slots.get(slot) ?? stored] as const
      if (values[0] === values[1]) continue
      found.push({ account: address, field: 'slot', slot, before: stored, left: values[0], right: values[1] })
    }
  }
  return found
}

interface AccountChanges {
  /** Null until a change of the account itself is seen. */
  account: Account | null
  readonly slots: Map<string, string>
}

function changesOf({ flatAccounts, flatSlots }: StateChanges): ReadonlyMap<string, AccountChanges> {
  const changes = new Map<string, AccountChanges>()
  const of = (address: Uint8Array): AccountChanges => {
    const name = toHex(address)
    const known = changes.get(name) ?? { account: null, slots: new Map<string, string>() }
    changes.set(name, known)
    return known
  }
  for (const [address, rlp] of flatAccounts) of(address).account = rlp === null ? EMPTY_ACCOUNT : decodeAccount(rlp)
  for (const [address, key, value] of flatSlots) {
    of(address).slots.set(toHex(key), toHex(value === null ? new Uint8Array(32) : padWord(value)))
  }
  return changes
}

function fieldsOf({ nonce, balance, codeHash }: Account): Record<'nonce' | 'balance' | 'code hash', string> {
  return { nonce: String(nonce), balance: String(balance), 'code hash': toHex(codeHash) }
}

function bothKeys(left?: ReadonlyMap<string, unknown>, right?: ReadonlyMap<string, unknown>): string[] {
  return [...new Set([...(left?.keys() ?? []), ...(right?.keys() ?? [])])].sort((a, b) =>
    compareBytes(fromHex(a), fromHex(b)),
  )
}
