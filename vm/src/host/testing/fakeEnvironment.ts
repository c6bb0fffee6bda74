/** For tests: an environment over plain maps that records what was asked of it, and a memory without an engine. */
import { type HostContext, HostTrap, type Memory } from '../../engine/engine.ts'
import { PAGE_BYTES } from '../../limits.ts'
import type { ScheduleName } from '../../metering/scheduleNames.ts'
import {
  type BlockContext,
  type CallRequest,
  type CallResult,
  type CreateRequest,
  type CreateResult,
  type Environment,
  EnvironmentError,
  type FrameContext,
} from '../environment.ts'
import { HookFrame } from '../vmHooks/hookFrame.ts'
import { vmHooks } from '../vmHooks/hooks.ts'
import type { TransactionPages } from '../vmHooks/pages.ts'
import { type HookName, hookPrices } from '../vmHooks/prices.ts'

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

export const block: BlockContext = {
  number: 7n,
  timestamp: 1_700_000_000n,
  coinbase: new Uint8Array(20).fill(0xc0),
  gasLimit: 30_000_000n,
  baseFee: 1_000_000_007n,
  prevRandao: new Uint8Array(32),
}

export const frameContext: FrameContext = {
  self: new Uint8Array(20).fill(0x51),
  codeAddress: new Uint8Array(20).fill(0x51),
  caller: new Uint8Array(20).fill(0xca),
  origin: new Uint8Array(20).fill(0x0e),
  value: 5n,
  input: Uint8Array.of(1, 2, 3, 4, 5),
  isStatic: false,
  depth: 0,
  reentrant: false,
  gasPrice: 2_000_000_000n,
  chainId: 31_337n,
  block,
}

export class FakeEnvironment implements Environment {
  readonly frame: FrameContext
  readonly pages: TransactionPages = { open: 0, ever: 0, held: 0 }
  readonly slots = new Map<string, Uint8Array>()
  readonly transients = new Map<string, Uint8Array>()
  readonly stores: [string, string][] = []
  readonly calls: CallRequest[] = []
  readonly creates: CreateRequest[] = []
  readonly logs: { topics: readonly Uint8Array[]; data: Uint8Array }[] = []
  readonly printed: string[] = []
  debugRoom = 1_000
  loads = 0
  accountCode: Uint8Array = Uint8Array.of(0xef, 0xf0, 0, 0, 9, 9)
  callResult: CallResult = { success: true, output: Uint8Array.of(7, 8, 9), gasUsed: 1_000n }
  createResult: CreateResult = {
    address: new Uint8Array(20).fill(0xad),
    output: new Uint8Array(0),
    gasUsed: 40_000n,
  }

  constructor(frame: Partial<FrameContext> = {}) {
    this.frame = { ...frameContext, ...frame }
  }

  storageLoad(key: Uint8Array) {
    this.loads++
    return { value: this.slots.get(hex(key)) ?? new Uint8Array(32), gas: 2_100n }
  }
  storageStore(key: Uint8Array, value: Uint8Array) {
    this.#write()
    this.slots.set(hex(key), value)
    this.stores.push([hex(key), hex(value)])
    return { gas: 20_000n }
  }
  transientLoad(key: Uint8Array) {
    return { value: this.transients.get(hex(key)) ?? new Uint8Array(32), gas: 100n }
  }
  transientStore(key: Uint8Array, value: Uint8Array) {
    this.#write()
    this.transients.set(hex(key), value)
    return { gas: 100n }
  }
  balance() {
    return { value: 12_345n, gas: 2_600n }
  }
  code() {
    return { value: this.accountCode, gas: 2_600n }
  }
  codeSize() {
    return { value: this.accountCode.length, gas: 2_600n }
  }
  codeHash() {
    return { value: new Uint8Array(32).fill(0xcc), gas: 100n }
  }
  call(request: CallRequest) {
    if (request.value !== 0n) this.#write()
    this.calls.push(request)
    return this.callResult
  }
  create(request: CreateRequest) {
    this.#write()
    this.creates.push(request)
    return this.createResult
  }
  emitLog(topics: readonly Uint8Array[], data: Uint8Array) {
    this.#write()
    this.logs.push({ topics, data })
    return { gas: 375n * BigInt(1 + topics.length) + 8n * BigInt(data.length) }
  }
  /** Not keccak: the length, then the first bytes. The hash itself is the chain's business. */
  keccak256(data: Uint8Array) {
    const digest = new Uint8Array(32)
    new DataView(digest.buffer).setUint32(0, data.length, false)
    digest.set(data.subarray(0, 28), 4)
    return digest
  }
  debug(text: string) {
    this.printed.push(text)
  }

  #write(): void {
    if (this.frame.isStatic) throw new EnvironmentError('write-protection', 'not allowed in a static call')
  }
}

/**
 * A frame of one memory page whose host functions are called from the test as a contract would; `pages` is what the
 * memory has grown to.
 */
export class FakeFrame {
  readonly environment: FakeEnvironment
  readonly bytes: Uint8Array
  readonly frame: HookFrame
  fuel: bigint
  readonly #host: HostContext

  constructor(frame: Partial<FrameContext> = {}, fuel = 10n ** 12n, pages = 1, schedule: ScheduleName = 'stylus') {
    this.environment = new FakeEnvironment(frame)
    this.bytes = new Uint8Array(pages * PAGE_BYTES)
    this.fuel = fuel
    this.frame = new HookFrame(this.environment, this.environment.pages, 1, 0, hookPrices(schedule))
    const { bytes } = this
    const check = (offset: number, length: number): void => {
      if (offset + length > bytes.length) throw new HostTrap('out-of-bounds-memory', `out of bounds: ${offset}`)
    }
    const memory: Memory = {
      size: bytes.length,
      read: (offset, length) => {
        check(offset, length)
        return bytes.slice(offset, offset + length)
      },
      write: (offset, data) => {
        check(offset, data.length)
        bytes.set(data, offset)
      },
      grow: () => -1,
    }
    this.#host = {
      memory,
      fuelLeft: () => this.fuel,
      chargeFuel: (amount) => {
        if (amount > this.fuel) throw new HostTrap('out-of-gas', 'out of gas')
        this.fuel -= amount
      },
    }
  }

  /** Calls a host function; the result and the ink it took. */
  call(name: HookName, ...args: (number | bigint)[]): { readonly result: unknown; readonly ink: bigint } {
    const before = this.fuel
    this.frame.enter(this.#host)
    const result = vmHooks[name].run(this.frame, ...args)
    return { result, ink: before - this.fuel }
  }

  put(offset: number, bytes: Uint8Array | readonly number[]): void {
    this.bytes.set(bytes, offset)
  }

  putWord(offset: number, value: bigint): void {
    for (let i = 31, rest = value; i >= 0; i--, rest >>= 8n) this.bytes[offset + i] = Number(rest & 255n)
  }

  word(offset: number): bigint {
    return BigInt(`0x${hex(this.bytes.subarray(offset, offset + 32))}`)
  }

  /** The fixed price by the schedule `stylus`, which fake frames have, to subtract. */
  static base(name: HookName): bigint {
    return hookPrices('stylus').base[name]
  }
}
