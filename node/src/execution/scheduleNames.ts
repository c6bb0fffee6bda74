/** For who does not load @touchstone/vm. */
export { SCHEDULE_NAMES, type ScheduleName } from '@touchstone/vm/schedule-names'
