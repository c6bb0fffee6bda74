/**
 * Node's cache of compiled code on disk, where NODE_COMPILE_CACHE names its folder. It changes how long a start takes, and
 * nothing else. Why it is used so: docs/rationale/execution.md.
 */
import * as module from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Since Node 22.10. */
const { flushCompileCache } = module as Partial<typeof module>

/**
 * The user's own folder for it. Node's default lies in the folder for temporary files, which all users of a machine share:
 * whoever is there first owns it, and what it holds is executed. devnet/bin/devnet.js and the command of the packages name
 * the same.
 */
export function compiledCodeFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'touchstone', 'compiled')
}

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
  return folder === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: join(folder, kind) }
}
