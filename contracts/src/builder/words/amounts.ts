/** The text an author writes for an amount that native integers may not hold. */

const MOST_U64 = 18_446_744_073_709_551_615n

/** The expression that makes a U256 of the digits of a literal: decimal, or hex with 0x; `_` may stand among them. */
export function u256Maker(digits: string): string {
  const plain = digits.replaceAll('_', '')
  return BigInt(plain) <= MOST_U64 ? `u256(${plain})` : `U256.parse('${plain}')`
}
