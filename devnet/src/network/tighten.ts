/** The folder of a network that an earlier version made open to all: what holds keys in it becomes its owner's alone. */
import { lstatSync, readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { makePrivate } from '@touchstone/node/private-files'
import { MAX_NODE_COUNT } from './limits.ts'
import type { NetworkPaths } from './paths.ts'

/** Of a network that is set up. @returns how many files and folders others could open. @throws the system's error. */
export function tightenNetwork(paths: NetworkPaths): number {
  const nodes = Array.from({ length: MAX_NODE_COUNT }, (_, position) => paths.node(position + 1))
  const files = [paths.manifest, paths.genesis, paths.running, paths.control, paths.deployments]
  const own = [
    ...files,
    ...nodes.flatMap(({ root, config, log }) => [root, config, log]),
    ...(holdsNothingElse(paths, [...files, ...nodes.map(({ root }) => root)]) ? [paths.root] : []),
  ]
  return own.filter((path) => isOwn(path) && makePrivate(path)).length
}

/** A folder that somebody keeps other things in as well is theirs to open or close. */
function holdsNothingElse({ root }: NetworkPaths, own: readonly string[]): boolean {
  const names = new Set(own.flatMap((path) => [basename(path), `${basename(path)}.new`]))
  return readdirSync(root).every((name) => names.has(name))
}

/** There, and not a link to something of another place. */
function isOwn(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === false
}
