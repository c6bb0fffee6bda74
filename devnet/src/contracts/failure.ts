/** Says in words why a call or transaction failed: revert reasons, custom errors by name, traps with their place. */
import { type Abi, BaseError, decodeErrorResult, type Hex } from 'viem'
import { CliError } from '../output/errors.ts'
import { printable } from '../output/printable.ts'
import { formatList } from './values.ts'

/** UTF-16 units of a reason that are shown. */
const mostReason = 1_000

/** Wraps anything viem throws for a call, estimate or send. */
export function callFailure(what: string, error: unknown, abi: Abi): CliError {
  return new CliError(`${printable(what, mostReason)} failed: ${printable(reason(error, abi), mostReason)}`, {
    cause: error,
  })
}

/** The words for revert data, given the contract's ABI; null when the data says nothing. */
export function describeRevertData(abi: Abi, data: Hex): string | null {
  if (data === '0x') return null
  try {
    const { errorName, args } = decodeErrorResult({ abi, data })
    if (errorName === 'Error') return String(args?.[0])
    return `${printable(errorName)}(${formatList(args ?? [])})`
  } catch {
    return null
  }
}

function reason(error: unknown, abi: Abi): string {
  if (!(error instanceof BaseError)) return error instanceof Error ? error.message : String(error)
  const withData = error.walk((cause) => revertData(cause) !== null)
  const data = withData === null ? null : revertData(withData)
  const decoded = data === null ? null : describeRevertData(abi, data)
  if (decoded !== null) return decoded
  const innermost = error.walk()
  return innermost instanceof BaseError ? innermost.details || innermost.shortMessage : (innermost as Error).message
}

/** JSON-RPC errors carry revert data as a hex string in `data`. */
function revertData(error: unknown): Hex | null {
  const data = (error as { data?: unknown } | null)?.data
  return typeof data === 'string' && /^0x[0-9a-f]*$/i.test(data) && data !== '0x' ? (data as Hex) : null
}
