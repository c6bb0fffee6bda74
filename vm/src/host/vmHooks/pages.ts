/**
 * Memory pages of all frames of a transaction together. An instruction's price cannot see that a hundred nested frames
 * hold their memories at once. So a frame pays for the pages it starts with, and later for what the transaction holds by
 * then: a price that doubles every so many pages, which makes more than 512 pages (32 MiB) at a time unaffordable. When
 * growth is paid differs by schedule: `touchstone/1` prices each page at `memory.grow` and the peak before a frame calls
 * further; `stylus` has both in `pay_for_memory_grow`, as nitro does.
 *
 * Everything else that a frame may hold for as long as it is open counts as pages too, by the bytes it takes on the
 * engines there are: else a hundred frames with tables would hold half a gigabyte for little gas.
 *
 * The shape of our own is that of Stylus's page ramp (docs/protocol/vm_hooks.md, "Memory") in integer arithmetic, four
 * times as wide: Stylus ends at 128 pages, where the deepest chain of calls this VM allows would not fit even with one
 * page each.
 */
import { PAGE_BYTES } from '../../limits.ts'

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
  /** Those that are not of memory, where the rule keeps them apart. */
  held: number
}

/** The price of a transaction's pages in a schedule. */
export interface PageRule {
  /** Most pages at once. */
  readonly most: number
  /** Gas of having held so many pages at once, of at most {@link most}. */
  readonly peakGas: (pages: number) => bigint
  /**
   * Whether things that count as pages besides memory are priced with them. Otherwise they cost nothing, are kept apart, and
   * {@link MAX_OPEN_PAGES} bounds both together.
   */
  readonly pricesHeld: boolean
  /** Growth is paid to `pay_for_memory_grow`, page by page; otherwise `memory.grow` itself costs that. */
  readonly paysForGrowth: boolean
}

/** Why a frame that would hold too much fails, for people. */
export function tooManyPages({ most }: PageRule): string {
  const besides = 'of tables, return data and cached storage, which count as pages too'
  const over =
    most === MAX_OPEN_PAGES
      ? `over ${most} pages: of memory, and ${besides}`
      : `over ${most} pages of memory, or over ${MAX_OPEN_PAGES} with those ${besides}`
  return `out of gas: the frames of this transaction would hold ${over}`
}

/** The price doubles in five steps of this many pages. */
const PAGES_PER_STEP = 4
/** 1000 x 2^(i/5), rounded. */
const FIFTHS_OF_A_DOUBLING = [1_000n, 1_149n, 1_320n, 1_516n, 1_741n] as const

function rampGas(pages: number): bigint {
  const steps = Math.floor(pages / PAGES_PER_STEP)
  const fraction = FIFTHS_OF_A_DOUBLING[steps % 5] ?? 1_000n
  return (fraction << BigInt(Math.floor(steps / 5))) / 1_000n
}

/** Four times as wide as that of Stylus, since what is not memory counts too. */
export const OWN_PAGES: PageRule = {
  most: MAX_OPEN_PAGES,
  peakGas: rampGas,
  pricesHeld: true,
  paysForGrowth: false,
}

/** By pages, from 0 to 128: 31 874 000^(pages / 128) as nitro has it (arbos/programs/memory.go). */
const STYLUS_PEAKS: readonly number[] = [
  1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 5, 6, 7, 8, 9, 11, 12, 14, 17, 19, 22, 25, 29, 33, 38, 43, 50, 57, 65, 75, 85,
  98, 112, 128, 147, 168, 193, 221, 253, 289, 331, 379, 434, 497, 569, 651, 745, 853, 976, 1117, 1279, 1463, 1675, 1917,
  2194, 2511, 2874, 3290, 3765, 4309, 4932, 5645, 6461, 7395, 8464, 9687, 11087, 12689, 14523, 16621, 19024, 21773,
  24919, 28521, 32642, 37359, 42758, 48938, 56010, 64104, 73368, 83971, 96106, 109994, 125890, 144082, 164904, 188735,
  216010, 247226, 282953, 323844, 370643, 424206, 485509, 555672, 635973, 727880, 833067, 953456, 1091243, 1248941,
  1429429, 1636000, 1872423, 2143012, 2452704, 2807151, 3212820, 3677113, 4208502, 4816684, 5512756, 6309419, 7221210,
  8264766, 9459129, 10826093, 12390601, 14181199, 16230562, 18576084, 21260563, 24332984, 27849408, 31873999,
]

export const STYLUS_PAGES: PageRule = {
  most: STYLUS_PEAKS.length - 1,
  peakGas: (pages) => BigInt(STYLUS_PEAKS[pages]!),
  pricesHeld: false,
  paysForGrowth: true,
}

/**
 * The price of a frame for holding `added` pages more, in gas; null when the transaction would hold more than there may be.
 * `linear`: whether each page is charged as well as the peak, which is so for a frame's first pages, and for growth
 * that has not paid that part to the instruction.
 */
export function pagesGas(
  rule: PageRule,
  { open, ever, held }: Readonly<TransactionPages>,
  added: number,
  linear: boolean,
): bigint | null {
  const then = open + added
  if (then > rule.most || then + held > MAX_OPEN_PAGES) return null
  let gas = 0n
  if (linear) gas += PAGE_GAS * BigInt(Math.max(0, then - FREE_PAGES) - Math.max(0, open - FREE_PAGES))
  if (then > ever && then > FREE_PAGES) gas += rule.peakGas(then) - rule.peakGas(ever)
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

/** As {@link pagesGas}, of what counts as pages and is not memory. */
export function heldGas(rule: PageRule, pages: Readonly<TransactionPages>, added: number): bigint | null {
  if (rule.pricesHeld) return pagesGas(rule, pages, added, false)
  return pages.open + pages.held + added > MAX_OPEN_PAGES ? null : 0n
}

export function holdPages(rule: PageRule, pages: TransactionPages, added: number): void {
  if (rule.pricesHeld) openPages(pages, added)
  else pages.held += added
}

export function letGoPages(rule: PageRule, pages: TransactionPages, removed: number): void {
  if (rule.pricesHeld) closePages(pages, removed)
  else pages.held -= removed
}
