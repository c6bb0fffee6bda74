/** What a genesis may name as its prices (docs/protocol/gas.md). */
export const priceSchedules = ['touchstone/1', 'stylus'] as const
export type PriceSchedule = (typeof priceSchedules)[number]
