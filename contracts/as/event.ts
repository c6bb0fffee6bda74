/** Events: classes marked @event. */

/** Marks a member of an event as a topic: filters find it. At most three per event; strings and bytes become hashes. */
export type Indexed<T> = T

/**
 * Logs an event.
 *
 * @example
 * ```ts
 * @event class Paid { from: Indexed<Address>; amount: U256 }
 *
 * @contract
 * export class Till {
 *   @external @payable pay(): void {
 *     emit(new Paid(msg.sender, msg.value))
 *   }
 * }
 * ```
 */
export function emit<T>(event: T): void {
  event.__emit()
}
