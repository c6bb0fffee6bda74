/**
 * Memory pages of all frames of a transaction together. Each frame's own growth is priced by the instruction schedule
 * at `memory.grow`, but the schedule cannot see that a hundred nested frames hold their memories at once. So a frame
 * pays for the pages it starts with, and before it calls further, for what the transaction holds by then: a price
 * that doubles every twenty pages, which makes more than 512 pages (32 MiB) at a time unaffordable.
 *
 * Everything else that a frame may hold for as long as it is open counts as pages too, by the bytes it takes on the
 * engines there are: else a hundred frames with tables would hold half a gigabyte for little gas.
 *
 * The shape is that of Stylus's page ramp (docs/protocol/vm_hooks.md, "Memory") in integer arithmetic, four times as wide:
 * Stylus ends at 128 pages, where the deepest chain of calls this VM allows would not fit even with one page each.
 */

/** Bytes of a WebAssembly page. */
export const PAGE_BYTES = 65_536
/** Pages a transaction holds without a linear charge. */
export const FREE_PAGES = 2
/** For each page beyond, at the start of a frame. */
export const PAGE_GAS = 1_000n
/** Most pages the frames of a transaction may hold at once. */
export const MAX_OPEN_PAGES = 512

/** Bytes that an element of a table takes in an instance. */
const TABLE_ELEMENT_BYTES = 32
/** Bytes that an element of an element segment takes. */
const SEGMENT_ELEMENT_BYTES = 8
/** Bytes that a slot in the storage cache takes: its key, what is known and what is to be stored. */
const CACHED_SLOT_BYTES = 512

/** Pages that tables and element segments of a frame's instance count as; less than a page is free. */
export function elementPages(module: { readonly tableElements: number; readonly segmentElements: number }): number {
  const bytes = TABLE_ELEMENT_BYTES * module.tableElements + SEGMENT_ELEMENT_BYTES * module.segmentElements
  return Math.floor(bytes / PAGE_BYTES)
}

/** Pages that the last return data and the storage cache of a frame count as; less than a page of each is free. */
export function heldPages(returnDataBytes: number, cachedSlots: number): number {
  return Math.floor(returnDataBytes / PAGE_BYTES) + Math.floor((CACHED_SLOT_BYTES * cachedSlots) / PAGE_BYTES)
}

/** Pages held now and at most so far by the frames of one transaction; the chain makes one for each. */
export interface TransactionPages {
  open: number
  ever: number
}

/** Why a frame that would hold too much fails, for people. */
export const TOO_MANY_PAGES = `out of gas: the frames of this transaction would hold over ${MAX_OPEN_PAGES} pages: of memory, and of tables, return data and cached storage, which count as pages too`

/** The price doubles in five steps of this many pages. */
const PAGES_PER_STEP = 4
/** 1000 x 2^(i/5), rounded. */
const FIFTHS_OF_A_DOUBLING = [1_000n, 1_149n, 1_320n, 1_516n, 1_741n] as const

/** Gas of having held `pages` pages at once. */
function rampGas(pages: number): bigint {
  const steps = Math.floor(pages / PAGES_PER_STEP)
  const fraction = FIFTHS_OF_A_DOUBLING[steps % 5] ?? 1_000n
  return (fraction << BigInt(Math.floor(steps / 5))) / 1_000n
}

/**
 * What a frame pays to hold `added` pages more, in gas; null when the transaction would hold more than
 * {@link MAX_OPEN_PAGES}. `linear`: whether each page is charged as well as the peak, which is so for a frame's first
 * pages; growth has paid that part to the instruction schedule.
 */
export function pagesGas({ open, ever }: Readonly<TransactionPages>, added: number, linear: boolean): bigint | null {
  const then = open + added
  if (then > MAX_OPEN_PAGES) return null
  let gas = 0n
  if (linear) gas += PAGE_GAS * BigInt(Math.max(0, then - FREE_PAGES) - Math.max(0, open - FREE_PAGES))
  if (then > ever && then > FREE_PAGES) gas += rampGas(then) - rampGas(ever)
  return gas
}

/** Takes them into the account. Only once they are paid: a peak that nobody paid for would be free for who comes next. */
export function openPages(pages: TransactionPages, added: number): void {
  pages.open += added
  pages.ever = Math.max(pages.ever, pages.open)
}

/** The pages are given back when the frame that held them ends. */
export function closePages(pages: TransactionPages, removed: number): void {
  pages.open -= removed
}
