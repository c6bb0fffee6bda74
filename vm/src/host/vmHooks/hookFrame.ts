/**
 * The state of one running Stylus frame besides its Wasm instance: the output it has written, the return data of its
 * last call, its storage cache, and the accounting of ink and pages.
 */
import { type HostContext, HostTrap, type Memory } from '../../engine/engine.ts'
import { checkMemoryRange } from '../../engine/memoryRange.ts'
import { PAGE_BYTES } from '../../limits.ts'
import { type Environment, EnvironmentError } from '../environment.ts'
import { INK_PER_GAS } from './ink.ts'
import {
  closePages,
  heldGas,
  heldPages,
  holdPages,
  letGoPages,
  openPages,
  pagesGas,
  type TransactionPages,
  tooManyPages,
} from './pages.ts'
import type { HookName, HookPriceList } from './prices.ts'
import { StorageCache } from './storageCache.ts'

const EMPTY = new Uint8Array(0)

export class HookFrame {
  readonly environment: Environment
  readonly prices: HookPriceList
  readonly storage: StorageCache
  /** The last `write_result`. */
  output: Uint8Array = EMPTY
  readonly #pages: TransactionPages
  /** Pages of memory that are in the transaction's account. */
  #countedPages: number
  /** Pages that elements of tables count as. */
  readonly #elementPages: number
  /** Pages that {@link returnData} and the storage cache count as. */
  #heldPages = 0
  #returnData: Uint8Array = EMPTY
  #host: HostContext | null = null

  /** `initialPages` of memory and `elementPages` are in the account already. */
  constructor(
    environment: Environment,
    pages: TransactionPages,
    initialPages: number,
    elementPages: number,
    prices: HookPriceList,
  ) {
    this.environment = environment
    this.prices = prices
    this.storage = new StorageCache(prices.stateCall / INK_PER_GAS)
    this.#pages = pages
    this.#countedPages = initialPages
    this.#elementPages = elementPages
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
    const left = this.gasLeft()
    if (left < gas) throw new HostTrap('out-of-gas', `${gas} gas needed here, ${left} left`)
    this.environment.gasLooked?.(left - gas)
  }

  /** Whole gas left. */
  gasLeft(): bigint {
    return this.host.fuelLeft() / INK_PER_GAS
  }

  /** Ink left, for the contract to see. */
  shownInk(): bigint {
    this.environment.gasLooked?.(null)
    return this.host.fuelLeft()
  }

  /** @throws HostTrap `out-of-bounds-memory`, as reading them would, without copying. */
  checkRange(pointer: number, length: number): void {
    checkMemoryRange(pointer >>> 0, length >>> 0, this.memory.size)
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

  /**
   * Counts the memory grown so far before further frames are started, and pays for the transaction's peak. Where growth
   * was paid before it happened, there is none that does not count.
   */
  countPages(): void {
    const now = this.memory.size / PAGE_BYTES
    if (now <= this.#countedPages) return
    this.#open(now - this.#countedPages, false)
    this.#countedPages = now
  }

  /** Pays for pages before they are added. @throws HostTrap `out-of-gas`. */
  payForGrowth(pages: number): void {
    this.#open(pages, true)
    this.#countedPages += pages
  }

  /** Of the last call or creation. */
  get returnData(): Uint8Array {
    return this.#returnData
  }

  /** Counts what the frame then holds. @throws HostTrap `out-of-gas`. */
  set returnData(bytes: Uint8Array) {
    this.#returnData = EMPTY
    this.#countHeld(bytes.length)
    this.#returnData = bytes
  }

  /** Counts the slots in the storage cache. @throws HostTrap `out-of-gas`. */
  countSlots(): void {
    this.#countHeld(this.#returnData.length)
  }

  #countHeld(returnDataBytes: number): void {
    const now = heldPages(returnDataBytes, this.storage.size)
    if (now === this.#heldPages) return
    const { pages: rule } = this.prices
    if (now > this.#heldPages) {
      const added = now - this.#heldPages
      this.#pay(heldGas(rule, this.#pages, added))
      holdPages(rule, this.#pages, added)
    } else letGoPages(rule, this.#pages, this.#heldPages - now)
    this.#heldPages = now
  }

  /** Pays for the pages, then takes them into the transaction's account. @throws HostTrap `out-of-gas`. */
  #open(added: number, linear: boolean): void {
    this.#pay(pagesGas(this.prices.pages, this.#pages, added, linear))
    openPages(this.#pages, added)
  }

  #pay(gas: bigint | null): void {
    if (gas === null) throw new HostTrap('out-of-gas', tooManyPages(this.prices.pages))
    this.payGas(gas)
  }

  /** Gives the pages back; the frame is over. */
  close(): void {
    closePages(this.#pages, this.#countedPages)
    letGoPages(this.prices.pages, this.#pages, this.#elementPages + this.#heldPages)
  }
}

/** Runs a request to the chain; a refused one traps the frame. */
export function refusalsTrap<T>(request: () => T): T {
  try {
    return request()
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error
    throw new HostTrap(error.code === 'out-of-gas' ? 'out-of-gas' : 'host', error.message)
  }
}
