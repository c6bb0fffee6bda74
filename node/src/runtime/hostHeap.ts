/**
 * V8's settings for the heaps of a node, and for what works on them. They change how long things take and how much memory
 * lies about, never what comes out. Why they are what they are: docs/rationale/execution.md.
 */
import { setFlagsFromString } from 'node:v8'

/**
 * Percent by which old objects may grow over what was alive until V8 collects again. V8 lets a heap grow to four times
 * that: a contract that makes instances with large tables, 5 MB each and garbage at once, took a gigabyte in the worker's.
 */
const GROWTH_PERCENT = 60

/**
 * Megabytes of old objects at which a heap is collected first, whose growth nothing is known of yet. V8 begins with
 * hundreds.
 */
const FIRST_COLLECTION_MB = 64

/** Megabytes of a half of the young objects of the main thread. V8 takes up to 32, twice, and keeps them. */
const MAIN_SEMI_SPACE_MB = 4

/** The same of a worker, as `resourceLimits` say it: three times a half. */
export const WORKER_YOUNG_MB = 3 * MAIN_SEMI_SPACE_MB

/**
 * Threads of V8 beside those of the node, which compile and collect. V8 takes up to four in each process, which divide
 * collections of a few megabytes among them, and wait for each other on processors that several nodes share.
 */
const BACKGROUND_THREADS = 1

/**
 * Options of Node for a process that is a node, which have to stand before its file: heaps of main threads are made
 * before any code runs.
 */
export const NODE_PROCESS_OPTIONS: readonly string[] = [
  '--disable-warning=ExperimentalWarning',
  `--max-semi-space-size=${MAIN_SEMI_SPACE_MB}`,
  `--v8-pool-size=${BACKGROUND_THREADS}`,
]

/**
 * Variables for such a process, where its parent has no others. The C library of most Linuxes gives each thread an arena of
 * its own to allocate from, and what one has given back the others do not get: 4 MB of a node at rest. Others ignore it.
 */
export const NODE_PROCESS_ENVIRONMENT: Readonly<Record<string, string>> = { MALLOC_ARENA_MAX: '1' }

/** For the whole process; to be called before the first worker starts. */
export function boundHostHeaps(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`)
  setFlagsFromString(`--initial-old-space-size=${FIRST_COLLECTION_MB}`)
}
