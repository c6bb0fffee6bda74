/**
 * What one running Stylus frame holds besides its Wasm instance: the output it has written, the return data of its
 * last call, its storage cache, and the accounting of ink and pages.
 */
import { type HostContext, HostTrap, type Memory } from '../../engine/engine.ts'
import { type Environment, EnvironmentError } from '../environment.ts'
import { closePages, MAX_OPEN_PAGES, openPages, PAGE_BYTES, type TransactionPages } from './pages.ts'
import { type HookName, type HookPriceList, INK_PER_GAS } from './prices.ts'
import { StorageCache } from './storageCache.ts'

const EMPTY = new Uint8Array(0)

export class HookFrame {
  readonly environment: Environment
  readonly prices: HookPriceList
  readonly storage: StorageCache
  /** The last `write_result`. */
  output: Uint8Array = EMPTY
  /** Of the last call or creation. */
  returnData: Uint8Array = EMPTY
  readonly #pages: TransactionPages
  #countedPages: number
  #host: HostContext | null = null

  constructor(environment: Environment, pages: TransactionPages, initialPages: number, prices: HookPriceList) {
    this.environment = environment
    this.prices = prices
    this.storage = new StorageCache(prices.stateCall / INK_PER_GAS)
    this.#pages = pages
    this.#countedPages = initialPages
  }

  /** Set before each host function runs: the engine hands it in with the arguments. */
  enter(host: HostContext): void {
    this.#host = host
  }

  get host(): HostContext {
    if (this.#host === null) throw new Error('a host function ran outside a frame')
    return this.#host
  }

  get memory(): Memory {
    const memory = this.host.memory
    if (memory === null) throw new Error('a contract without a memory passed the ABI check')
    return memory
  }

  /** Pays the fixed price of a function. */
  payBase(name: HookName): void {
    this.host.chargeFuel(this.prices.base[name])
  }

  /** @throws HostTrap `out-of-gas`. */
  payInk(ink: bigint): void {
    this.host.chargeFuel(ink)
  }

  /** @throws HostTrap `out-of-gas`. */
  payGas(gas: bigint): void {
    this.host.chargeFuel(gas * INK_PER_GAS)
  }

  /** Fails the frame unless it has that much, without taking it. @throws HostTrap `out-of-gas`. */
  requireGas(gas: bigint): void {
    const left = this.host.fuelLeft()
    if (left < gas * INK_PER_GAS) {
      throw new HostTrap('out-of-gas', `out of gas: ${gas} gas needed here, ${left / INK_PER_GAS} left`)
    }
  }

  /** Whole gas left. */
  gasLeft(): bigint {
    return this.host.fuelLeft() / INK_PER_GAS
  }

  read(pointer: number, length: number): Uint8Array {
    return this.memory.read(pointer >>> 0, length >>> 0)
  }

  write(pointer: number, bytes: Uint8Array): void {
    this.memory.write(pointer >>> 0, bytes)
  }

  /** Little-endian, as every Wasm integer in memory. */
  writeU32(pointer: number, value: number): void {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setUint32(0, value, true)
    this.write(pointer, bytes)
  }

  /** Counts the memory grown so far before further frames are started, and pays for the transaction's peak. */
  countPages(): void {
    const now = this.memory.size / PAGE_BYTES
    if (now <= this.#countedPages) return
    const gas = openPages(this.#pages, now - this.#countedPages, false)
    if (gas === null) {
      throw new HostTrap(
        'out-of-gas',
        `out of gas: the frames of this transaction would hold over ${MAX_OPEN_PAGES} memory pages`,
      )
    }
    this.#countedPages = now
    this.payGas(gas)
  }

  /** Gives the pages back; the frame is over. */
  close(): void {
    closePages(this.#pages, this.#countedPages)
  }
}

/** Runs a request to the chain; what the chain refuses traps the frame. */
export function refusalsTrap<T>(request: () => T): T {
  try {
    return request()
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error
    throw new HostTrap(error.code === 'out-of-gas' ? 'out-of-gas' : 'host', error.message)
  }
}
