/**
 * Amounts as people write them. Without viem, whose modules take every command that has an amount among its options a
 * third of a second.
 */
import { usageError } from '../output/errors.ts'

const units: ReadonlyMap<string, number> = new Map([
  ['wei', 0],
  ['gwei', 9],
  ['ether', 18],
  ['eth', 18],
])

/** Wei from text such as 12, 0x0c, 1.5ether. @throws CliError */
export function parseAmount(text: string, what: string): bigint {
  const match = /^(0x[0-9a-f]+|\d[\d_]*(?:\.\d+)?)\s*([a-z]*)$/i.exec(text)
  const decimals = match === null ? undefined : units.get(match[2]!.toLowerCase() || 'wei')
  if (match === null || decimals === undefined) {
    throw usageError(
      `${what}: "${text}" is not an amount`,
      `write wei as a whole number, or a unit: ${[...units.keys()].join(', ')} (1.5ether)`,
    )
  }
  const number = match[1]!.replaceAll('_', '')
  if (/^0x/i.test(number)) return BigInt(number) * 10n ** BigInt(decimals)
  const [whole = '', fraction = ''] = number.split('.')
  if (fraction.length > decimals) throw usageError(`${what}: "${text}" is not a whole number of wei`)
  return BigInt(whole + fraction.padEnd(decimals, '0'))
}
