/** Hashes of slots that a call keeps: the places of entries and elements are Solidity's, whatever was hashed in between. */

import { concat, type Hex, keccak256, pad, toHex } from 'viem'
import { beforeAll, expect, it } from 'vitest'
import type { Artifact } from '../src/index.ts'
import { BUILD_TIMEOUT } from './fixtures.ts'
import { build } from './sources.ts'
import { TestChain } from './testChain.ts'

const WRITES = 60
/** Some of its fields share a place for what is kept, as those at the slots 0 and 4 do; the key 0 at slot 0 is zeros. */
const SOURCE = `
@contract export class Kept {
  a: Mapping<u64, U256>
  b: Mapping<u64, u64>
  c: StorageArray<u64>
  d: StorageArray<U256>
  e: Mapping<u64, Mapping<u64, U256>>
  f: StorageArray<U256>
  g: StorageArray<u8>
  h: StorageArray<U256>
  @external write(seed: u32): void {
    for (let i = 0; i < 6; i++) { this.c.push(0); this.d.push(U256.ZERO); this.f.push(U256.ZERO); this.g.push(0); this.h.push(U256.ZERO) }
    const held = this.e[5]
    let n = seed
    for (let i: u64 = 1; i <= ${WRITES}; i++) {
      n = unchecked(n * 1103515245 + 12345)
      const key = (n >> 16) % 6, other = (n >> 20) % 6
      switch ((n >> 24) % 9) {
        case 0: this.a[key] = u256(i); break
        case 1: this.b[key] = i; break
        case 2: this.c[<i32>key] = i; break
        case 3: this.d[<i32>key] = u256(i); break
        case 4: this.e[key][other] = u256(i); break
        case 5: this.f[<i32>key] = this.a[other] + u256(i); break
        case 6: this.g[<i32>key] = <u8>i; break
        case 7: this.h[<i32>key] = this.f[<i32>other] + u256(i); break
        default: held[key] = this.e[other][key] + u256(i)
      }
    }
  }
  @external twice(): void { this.a[1] = this.a[1] + U256.ONE }
  @external apart(): void { this.a[1] = this.a[2] + U256.ONE }
}
@contract export class First {
  list: StorageArray<U256>
  @external add(): void { this.list.push(u256(5)) }
}`

const word = (value: bigint | number): Hex => pad(toHex(value), { size: 32 })
const entry = (key: number, slot: Hex): Hex => keccak256(concat([word(key), slot]))
const plus = (slot: Hex, n: number): Hex => word(BigInt(slot) + BigInt(n))

let artifacts: Readonly<Record<string, Artifact>>
beforeAll(async () => {
  artifacts = await build(SOURCE)
}, BUILD_TIMEOUT)

/** The same writes, by the slots that Solidity's rules give. */
function expected(seed: number): ReadonlyMap<Hex, bigint> {
  const slots = new Map<Hex, bigint>()
  const at = (slot: Hex) => slots.get(slot) ?? 0n
  const packed = (slot: Hex, index: number, bytes: number, value: bigint) => {
    const shift = BigInt(8 * bytes * index)
    const mask = ((1n << BigInt(8 * bytes)) - 1n) << shift
    slots.set(slot, (at(slot) & ~mask) | (value << shift))
  }
  const list = (slot: number, index = 0) => plus(keccak256(word(slot)), index)
  for (const slot of [2, 3, 5, 6, 7]) slots.set(word(slot), 6n)
  let n = seed
  for (let i = 1; i <= WRITES; i++) {
    n = (Math.imul(n, 1103515245) + 12345) >>> 0
    const [key, other, value] = [(n >>> 16) % 6, (n >>> 20) % 6, BigInt(i)]
    const kind = (n >>> 24) % 9
    if (kind === 0) slots.set(entry(key, word(0)), value)
    else if (kind === 1) slots.set(entry(key, word(1)), value)
    else if (kind === 2) packed(list(2, key >> 2), key & 3, 8, value)
    else if (kind === 3) slots.set(list(3, key), value)
    else if (kind === 4) slots.set(entry(other, entry(key, word(4))), value)
    else if (kind === 5) slots.set(list(5, key), at(entry(other, word(0))) + value)
    else if (kind === 6) packed(list(6), key, 1, value)
    else if (kind === 7) slots.set(list(7, key), at(list(5, other)) + value)
    else slots.set(entry(key, entry(5, word(4))), at(entry(key, entry(other, word(4)))) + value)
  }
  return slots
}

it('leave every write where Solidity has it', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const chain = new TestChain()
    const contract = chain.deploy(artifacts['Kept']!)
    contract.send('write', [seed])
    for (const [slot, value] of expected(seed)) {
      expect(chain.slot(contract.address, slot), `seed ${seed}`).toBe(word(value))
    }
  }
})

it('are made of a key that is zeros, too', () => {
  const chain = new TestChain()
  const contract = chain.deploy(artifacts['First']!)
  contract.send('add')
  expect(chain.slot(contract.address, keccak256(word(0)))).toBe(word(5))
})

it('make an entry that is read and then written cost one hash', () => {
  const contract = new TestChain().deploy(artifacts['Kept']!)
  for (const name of ['twice', 'apart']) contract.send(name)
  const [twice, apart] = ['twice', 'apart'].map((name) => Number(contract.trySend(name).gasUsed))
  // Another entry is 2 100 gas for its slot, and 250 for its hash.
  expect(apart! - twice!).toBeGreaterThan(2100 + 150)
})
