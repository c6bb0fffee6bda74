/** The schedules of prices there are (docs/protocol/gas.md). */
export const SCHEDULE_NAMES = ['touchstone/1', 'stylus'] as const

export type ScheduleName = (typeof SCHEDULE_NAMES)[number]
