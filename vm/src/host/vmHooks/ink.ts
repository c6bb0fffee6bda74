/** Ink for one gas: what `tx_ink_price` answers. */
export const INK_PER_GAS = 10_000n
