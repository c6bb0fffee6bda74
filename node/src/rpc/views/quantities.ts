/** The hex text types of JSON-RPC answers. */
export type Hex = `0x${string}`

export function countToQuantity(value: number): Hex {
  return `0x${value.toString(16)}`
}
