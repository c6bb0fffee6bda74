/**
 * A block of one attack, as far as its gas goes: executed, its receipts hashed, its state hashed and written. The time is
 * the processor's, so that what else a machine does weighs little.
 */
import { watToWasm } from '@touchstone/vm/testing/wat'
import { keccak256 } from '../../../src/crypto/keccak.ts'
import { executeTransaction } from '../../../src/execution/executeTransaction.ts'
import { encodeInitCode } from '../../../src/execution/initCode.ts'
import { createProgramCache } from '../../../src/execution/programCache.ts'
import { keepWarm, type LoadedCode, LoadedCodes } from '../../../src/execution/warmCodes.ts'
import type { JournaledState } from '../../../src/state/journaledState.ts'
import { orderedTrieRoot } from '../../../src/trie/orderedTrie.ts'
import type { ReceiptRecord } from '../../../src/types/receipt.ts'
import { encodeReceipt } from '../../../src/types/receiptCodec.ts'
import type { AccessListEntry, SenderTransaction } from '../../../src/types/transaction.ts'
import { hookImport } from '../../../testing/hooks.ts'
import { hexText } from '../hooks.ts'
import { accountAt, addressOf, BLOCK, BLOCK_GAS, CHAIN_ID, SENDER, STORE, type World, wordOf } from '../world.ts'
import { type Attack, PLAIN_MODULE } from './attack.ts'
import { loopText } from './loopParts.ts'
import { codeOf, moduleCode, moduleText } from './moduleText.ts'

const EMPTY = new Uint8Array(0)
/** Of the machine that the bar is for. */
const PROCESSORS = 2
/** A transaction without more in it. */
const LEAST_GAS = 21_000n

interface Fields {
  readonly to: Uint8Array | null
  readonly data?: Uint8Array
  readonly value?: bigint
  readonly gasLimit?: bigint
  readonly accessList?: readonly AccessListEntry[]
}

/** A block and its time. */
export interface BlockTime {
  readonly gas: number
  /**
   * Processor nanoseconds on two processors: of the executing thread, or half of all threads' where that is more. What V8
   * compiles beside and the database's share are in the latter.
   */
  readonly nanoseconds: number
  readonly transactions: number
  readonly failed: number
}

/** Puts contracts where an attack wants them; then gives transactions until the block is full. */
interface Plan {
  place(state: JournaledState): void
  /** The `i`-th transaction, that may use up to `gas`; null when there is none left. */
  next(i: number, gas: bigint): Fields | null
}

export interface BlockOptions {
  readonly gas: bigint
  /** No cache has any program. Else the same block has been run before. */
  readonly cold: boolean
}

/** Runs one transaction as it stands in a block; null when it cannot be included, as where the gas left is too little. */
function execute(world: World, state: JournaledState, fields: Fields, gasLeft: bigint): ReceiptRecord | null {
  return run(world, state, fields, gasLeft)?.receipt ?? null
}

function run(world: World, state: JournaledState, fields: Fields, gasLeft: bigint) {
  const gasLimit = fields.gasLimit ?? gasLeft
  const tx = {
    transaction: {
      type: 2,
      chainId: CHAIN_ID,
      nonce: state.nonce(SENDER),
      maxPriorityFeePerGas: 1n,
      maxFeePerGas: 10n,
      gasLimit: gasLimit < gasLeft ? gasLimit : gasLeft,
      to: fields.to,
      value: fields.value ?? 0n,
      data: fields.data ?? EMPTY,
      accessList: fields.accessList ?? [],
    },
    sender: SENDER,
    hash: new Uint8Array(32),
  } as unknown as SenderTransaction
  const outcome = executeTransaction(state, tx, BLOCK, gasLeft, world.config)
  return outcome.ok ? outcome : null
}

/** Null for a case that does not work: its contract is refused, or a transaction has no gas for one turn. */
export async function blockTime(world: World, attack: Attack, { gas, cold }: BlockOptions): Promise<BlockTime | null> {
  world.config = { ...world.config, programs: createProgramCache() }
  const plan = planOf(world, attack, gas)
  if (plan === null) return null
  if (!cold && (await runBlock(world, plan, gas)) === null) return null
  return runBlock(world, plan, gas, cold)
}

async function runBlock(world: World, plan: Plan, gas: bigint, cold = false): Promise<BlockTime | null> {
  const state = world.open()
  plan.place(state)
  if (cold) world.config = { ...world.config, programs: createProgramCache() }
  const receipts: ReceiptRecord[] = []
  const loaded = new LoadedCodes()
  let left = gas
  let failed = 0
  const before = process.cpuUsage()
  const threadBefore = process.threadCpuUsage()
  for (let i = 0; left >= LEAST_GAS; i++) {
    const fields = plan.next(i, left)
    if (fields === null) break
    const outcome = run(world, state, fields, left)
    if (outcome === null) break
    const record = outcome.receipt
    loaded.add(outcome.loaded)
    receipts.push(record)
    left -= record.gasUsed
    if (record.receipt.status === 0) failed++
  }
  keepWarm(state, loaded.all())
  orderedTrieRoot(receipts.map(({ receipt }) => encodeReceipt(receipt)))
  await world.commitBeside(state)
  const own = sum(process.threadCpuUsage(threadBefore))
  const all = sum(process.cpuUsage(before))
  if (receipts.length === 0) return null
  const nanoseconds = Math.max(own, all / PROCESSORS) * 1e3
  return { gas: Number(gas - left), nanoseconds, transactions: receipts.length, failed }
}

function sum({ user, system }: NodeJS.CpuUsage): number {
  return user + system
}

function turnsOf(count: number): Uint8Array {
  const data = new Uint8Array(4)
  new DataView(data.buffer).setUint32(0, count, true)
  return data
}

function planOf(world: World, attack: Attack, gas: bigint): Plan | null {
  switch (attack.kind) {
    case 'loop':
      return loopPlan(world, watToWasm(loopText(attack.parts, attack.pages)), gas)
    case 'frames':
      return framesPlan(world, attack, gas)
    case 'ring':
      return ringPlan(world, attack, gas)
    case 'nest':
      return nestPlan(world, attack.module, attack.depth, gas)
    case 'loads':
      return loadsPlan(world, attack, gas)
    case 'creations':
      return attack.inside ? insidePlan(world, attack, gas) : creationsPlan(world, attack, gas)
    case 'transactions':
      return transactionsPlan(world, attack)
  }
}

function put(state: JournaledState, address: Uint8Array, code: Uint8Array): void {
  state.setNonce(address, 1n)
  state.setBalance(address, 10n ** 24n)
  state.setCode(address, code)
  state.endTransaction()
}

/** Turns of a contract that reads their number from calldata, as many as the gas pays for; null where it is not one. */
function loopPlan(
  world: World,
  code: Uint8Array,
  gas: bigint,
  beside: (state: JournaledState) => void = () => {},
  /** Turns that are dearer than later ones. */
  first = 0,
): Plan | null {
  const place = (state: JournaledState): void => {
    beside(state)
    put(state, STORE, code)
  }
  const used = (turns: number): bigint | null => {
    const state = world.open()
    place(state)
    const record = execute(world, state, { to: STORE, data: turnsOf(turns) }, gas)
    return record?.receipt.status === 1 ? record.gasUsed : null
  }
  const none = used(first)
  if (none === null) return null
  const few = used(first + 1)
  if (few === null) return null
  const more = used(first + 9)
  // The dearer of the first and the later turns, so that all are paid; a last turn fewer does not matter.
  const each = Math.max(1, more === null ? Number(few - none) : Number(more - few) / 8)
  const turns = first + Math.floor(Number(gas - few) / each)
  if (turns < 1) return null
  let count = turns
  for (let tries = 0; used(count) === null; tries++) {
    if (tries === 6) return null
    count = Math.max(1, Math.floor(count * 0.8))
  }
  return { place, next: (i) => (i === 0 ? { to: STORE, data: turnsOf(count) } : null) }
}

const CALLEE = addressOf(0xca11ee)

/** More than any case needs to load its code. */
const FIRST_CALL_GAS = 1_000_000

/** `data` is executed before each call; `gas` is what each but the first one gets, -1 for all there is. */
function callingText(callee: Uint8Array, data: string, gas = -1): string {
  const call = (given: number): string =>
    `(drop (call $call (i32.const 160) (i32.const 2048) (i32.const 4) (i32.const 512) (i64.const ${given}) (i32.const 300)))`
  return `(module ${hookImport('call_contract', 'call')} (import "vm_hooks" "read_args" (func $read (param i32)))
    (memory (export "memory") 1) (data (i32.const 160) "${hexText(callee)}")
    (func (export "user_entrypoint") (param i32) (result i32) (local $i i32) (local $n i32)
      (call $read (i32.const 1024)) (local.set $n (i32.load (i32.const 1024)))
      ${gas < 0 ? '' : call(FIRST_CALL_GAS)}
      (block $out (loop $next (br_if $out (i32.ge_u (local.get $i) (local.get $n)))
        ${data}
        ${call(gas)}
        (local.set $i (i32.add (local.get $i) (i32.const 1))) (br $next)))
      (i32.const 0)))`
}

function framesPlan(world: World, attack: Extract<Attack, { kind: 'frames' }>, gas: bigint): Plan | null {
  const code = moduleCode(attack.module, 1)
  return loopPlan(world, watToWasm(callingText(CALLEE, '', attack.gas)), gas, (state) => put(state, CALLEE, code))
}

function ringPlan(world: World, { module: shape, codes }: Extract<Attack, { kind: 'ring' }>, gas: bigint): Plan | null {
  const all = Array.from({ length: codes }, (_, i) => moduleCode(shape, i + 1))
  const text = callingText(
    addressOf(CALLED),
    `(i32.store8 (i32.const 178) (i32.shr_u (i32.rem_u (local.get $i) (i32.const ${codes})) (i32.const 8)))
     (i32.store8 (i32.const 179) (i32.rem_u (local.get $i) (i32.const ${codes})))`,
  )
  return loopPlan(
    world,
    watToWasm(text),
    gas,
    (state) => {
      for (const [i, code] of all.entries()) put(state, addressOf(CALLED + i), code)
    },
    codes,
  )
}

/** Each frame reads how deep it may go on, and its own address. */
function nestPlan(
  world: World,
  shape: Extract<Attack, { kind: 'nest' }>['module'],
  depth: number,
  gas: bigint,
): Plan | null {
  const before = `(call $read_args (i32.const 0)) (call $contract_address (i32.const 160))
    (if (i32.load (i32.const 0)) (then (i32.store (i32.const 0) (i32.sub (i32.load (i32.const 0)) (i32.const 1)))
      (drop (call $static_call_contract (i32.const 160) (i32.const 0) (i32.const 4) (i64.const -1) (i32.const 300)))))`
  const module = watToWasm(moduleText(shape, 1, before, ['read_args', 'contract_address', 'static_call_contract']))
  const code = codeOf(shape, module)
  const data = `(i32.store (i32.const 2048) (i32.const ${depth}))`
  return loopPlan(world, watToWasm(callingText(CALLEE, data)), gas, (state) => put(state, CALLEE, code))
}

const CALLED = 0x2_0000_0000
/** Most contracts that a block's gas could load. */
const MOST_LOADED = 5_000

/** Transactions that each call so many contracts of different code, through one that has their addresses in its calldata. */
function loadsPlan(world: World, attack: Extract<Attack, { kind: 'loads' }>, gas: bigint): Plan {
  const { module: shape, each, warm = false } = attack
  const router =
    watToWasm(`(module ${hookImport('call_contract', 'call')} (import "vm_hooks" "read_args" (func $read (param i32)))
    (memory (export "memory") 1)
    (func (export "user_entrypoint") (param $length i32) (result i32) (local $at i32)
      (call $read (i32.const 1024))
      (block $out (loop $next (br_if $out (i32.ge_u (local.get $at) (local.get $length)))
        (drop (call $call (i32.add (i32.const 1024) (local.get $at)) (i32.const 0) (i32.const 0) (i32.const 512) (i64.const -1) (i32.const 300)))
        (local.set $at (i32.add (local.get $at) (i32.const 20))) (br $next)))
      (i32.const 0)))`)
  const bytes = moduleCode(shape, 0).length
  // No more than the gas can pay for, so that a search does not make thousands of large modules.
  const most = Math.min(MOST_LOADED, Math.ceil(Number(gas) / (5_000 + (bytes / 32) * 40)) + each)
  const codes = Array.from({ length: most }, (_, i) => moduleCode(shape, i + 1))
  const loaded = warm ? loadedCodes(world, codes) : []
  return {
    place(state) {
      put(state, STORE, router)
      for (const [i, code] of codes.entries()) put(state, addressOf(CALLED + i), code)
      keepWarm(state, loaded)
    },
    next(i) {
      const first = i * each
      if (first >= codes.length) return null
      if (each === 1) return { to: addressOf(CALLED + first) }
      const data = new Uint8Array(20 * Math.min(each, codes.length - first))
      for (let k = 0; 20 * k < data.length; k++) data.set(addressOf(CALLED + first + k), 20 * k)
      return { to: STORE, data }
    },
  }
}

/** The last are those that stay warm, so the ones that a block calls first stand there. All weigh the same, or nearly. */
function loadedCodes(world: World, codes: readonly Uint8Array[]): readonly LoadedCode[] {
  const state = world.open()
  put(state, CALLEE, codes[0]!)
  const [first] = run(world, state, { to: CALLEE }, BLOCK_GAS)?.loaded ?? []
  if (first === undefined) return []
  return codes.map((code) => ({ key: keccak256(code), weight: first.weight })).reverse()
}

function initCodeOf({ module, valid }: Extract<Attack, { kind: 'creations' }>, seed: number): Uint8Array {
  return encodeInitCode(moduleCode(module, seed, valid), null)
}

function creationsPlan(world: World, attack: Extract<Attack, { kind: 'creations' }>, gas: bigint): Plan | null {
  // A creation that is refused burns all it was given: no more than what one that is not refused needs.
  let needed = gas
  if (!attack.valid) {
    const record = execute(world, world.open(), { to: null, data: initCodeOf({ ...attack, valid: true }, 0) }, gas)
    if (record?.receipt.status !== 1) return null
    needed = record.gasUsed
  }
  return {
    place() {},
    next: (i) => ({
      to: null,
      data: initCodeOf(attack, i + 1),
      gasLimit: needed,
    }),
  }
}

function insidePlan(world: World, attack: Extract<Attack, { kind: 'creations' }>, gas: bigint): Plan | null {
  const init = initCodeOf(attack, 1)
  const pages = Math.ceil((init.length + 4_096) / 65_536)
  // The last four bytes of the init code are the loop's counter where the module has a custom section for it: none of
  // these shapes cares, so the same code is created again and again, at another address each time.
  const text = `(module ${hookImport('create1', 'create')} (import "vm_hooks" "read_args" (func $read (param i32)))
    (memory (export "memory") ${pages}) (data (i32.const 4096) "${hexText(init)}")
    (func (export "user_entrypoint") (param i32) (result i32) (local $i i32) (local $n i32)
      (call $read (i32.const 1024)) (local.set $n (i32.load (i32.const 1024)))
      (block $out (loop $next (br_if $out (i32.ge_u (local.get $i) (local.get $n)))
        (call $create (i32.const 4096) (i32.const ${init.length}) (i32.const 512) (i32.const 64) (i32.const 128))
        (local.set $i (i32.add (local.get $i) (i32.const 1))) (br $next)))
      (i32.const 0)))`
  return loopPlan(world, codeOf(attack.module, watToWasm(text)), gas)
}

function transactionsPlan(world: World, attack: Extract<Attack, { kind: 'transactions' }>): Plan {
  const data = new Uint8Array(attack.zeros + attack.nonzeros).fill(1, attack.zeros)
  const code = attack.to === 'warm code' ? moduleCode(PLAIN_MODULE, 1) : null
  const loaded = code === null ? [] : loadedCodes(world, [code])
  return {
    place(state) {
      if (code !== null) put(state, CALLEE, code)
      keepWarm(state, loaded)
    },
    next(i) {
      const accessList = Array.from({ length: attack.addresses }, (_, k) => ({
        address: addressOf(0x3_0000_0000 + i * attack.addresses + k),
        storageKeys: Array.from({ length: attack.keys }, (_key, n) => wordOf(n)),
      }))
      return { to: targetOf(attack.to, i), data, value: BigInt(attack.value), accessList }
    },
  }
}

function targetOf(to: Extract<Attack, { kind: 'transactions' }>['to'], i: number): Uint8Array {
  if (to === 'new') return addressOf(0x4_0000_0000 + i)
  if (to === 'old') return accountAt(i)
  if (to === 'self') return SENDER
  if (to === 'warm code') return CALLEE
  return addressOf(Number(to.slice('precompile '.length)))
}
