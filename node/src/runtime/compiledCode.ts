/**
 * Node's cache of compiled code on disk, where NODE_COMPILE_CACHE names its folder (compiledCodeFolder.mjs). It changes how
 * long a start takes, and nothing else. Why it is used so: docs/rationale/execution.md.
 */
import * as module from 'node:module'
import { join } from 'node:path'

/** Since Node 22.10. */
const { flushCompileCache } = module as Partial<typeof module>

/** For a thread that has started: writes what it compiled unless that is there. Later V8 drops what ran once. */
export function keepCompiledCode(): void {
  flushCompileCache?.()
}

/**
 * The environment of a kind of thread, with a folder of its own in the cache: an entry holds the functions that the
 * thread which wrote it has called, and others call others.
 */
export function environmentOfThread(kind: string): NodeJS.ProcessEnv {
  const folder = process.env['NODE_COMPILE_CACHE']
  // Empty, it means none to Node: a folder of that path would be where the process happens to be.
  return folder === undefined || folder === ''
    ? process.env
    : { ...process.env, NODE_COMPILE_CACHE: join(folder, kind) }
}
