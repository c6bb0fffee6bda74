/** Decoded Solidity values as people read them. */

export function formatValue(value: unknown): string {
  if (typeof value === 'string') return /^0x[0-9a-f]*$/i.test(value) ? value : JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(formatValue).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([name, field]) => `${name}: ${formatValue(field)}`)
      .join(', ')}}`
  }
  return String(value)
}

/** 1234567 as 1,234,567, the same on every locale. */
export function groupDigits(value: bigint | number): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ',')
}
