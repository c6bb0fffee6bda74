/**
 * The messages of the Debug Adapter Protocol that the adapter uses, as far as it uses them
 * (microsoft.github.io/debug-adapter-protocol). Those that come in are a stranger's: each field is looked at before use.
 */

export interface DapRequest {
  readonly seq: number
  readonly command: string
  readonly arguments: Readonly<Record<string, unknown>>
}

export interface DapSource {
  readonly name: string
  readonly path?: string
  readonly sourceReference?: number
}

export interface DapBreakpoint {
  readonly verified: boolean
  readonly line?: number
  readonly message?: string
  readonly source?: DapSource
}

/** A request that cannot be answered, in words. */
export class DapError extends Error {
  override readonly name = 'DapError'
}

/** Null for what is no request. */
export function requestOf(message: unknown): DapRequest | null {
  if (!isRecord(message) || message['type'] !== 'request') return null
  const { seq, command, arguments: given } = message
  if (typeof seq !== 'number' || typeof command !== 'string') return null
  return { seq, command, arguments: isRecord(given) ? given : {} }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function textIn(from: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = from[name]
  return typeof value === 'string' ? value : null
}

export function numberIn(from: Readonly<Record<string, unknown>>, name: string, otherwise: number): number {
  const value = from[name]
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : otherwise
}

export function listIn(from: Readonly<Record<string, unknown>>, name: string): readonly unknown[] {
  const value = from[name]
  return Array.isArray(value) ? value : []
}
