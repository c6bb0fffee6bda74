/** The clean-up of a host after a fault of its own: an exception that left an engine and is no result. */
import { forgetRunning } from './compiled/instance.ts'
import { forgetInterpreterCalls } from './interpreter/instance.ts'
import { forgetLinkedCalls } from './reference/instance.ts'

/**
 * Puts every engine of this thread in the state it is in when nothing runs. For a host that catches what left `invoke` or
 * `instantiate` as an exception and goes on: whatever was cut short may have left counters behind. Nothing may be running.
 */
export function forgetExecutions(): void {
  forgetRunning()
  forgetInterpreterCalls()
  forgetLinkedCalls()
}
