/**
 * How other terminals find a running network's control channel: a file beside the chain that only its owner can read. It
 * holds a loopback port and a random word that every order must carry, so that neither other users of the machine nor
 * web pages in a browser can steer the network.
 */
import { readJsonFile, writeJsonFile } from '../jsonFile.ts'
import type { NetworkPaths } from '../paths.ts'

export interface ControlFile {
  readonly port: number
  /** 64 hex digits. */
  readonly token: string
}

export function writeControlFile(paths: NetworkPaths, file: ControlFile): void {
  writeJsonFile(paths.control, file)
}

/** Null when there is none, or it is not one. */
export function readControlFile(paths: NetworkPaths): ControlFile | null {
  const file = readJsonFile(paths.control) as Partial<ControlFile> | null
  if (file === null || !Number.isInteger(file.port) || typeof file.token !== 'string') return null
  return { port: file.port!, token: file.token }
}
