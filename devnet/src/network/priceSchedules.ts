/** The schedules of prices that a genesis may name (docs/protocol/gas.md). */
export const priceSchedules = ['touchstone/1', 'stylus'] as const
export type PriceSchedule = (typeof priceSchedules)[number]
