/**
 * A client's actions as a table: each works, seen by what it gives, or is refused with a reason that a person can act on.
 */
import { expect, it } from 'vitest'
import { E2E_TIMEOUT_MS } from '../harness.ts'

export type Works<At> = (at: At) => Promise<void>
/** The reason, and the action. */
export type Refused<At> = readonly [RegExp, (at: At) => Promise<unknown>]
export type Row<At> = Works<At> | Refused<At>

/**
 * `present` are the actions that the installed client has: one that no row is about fails, and so does a row without one.
 */
export function testTable<At>(
  rows: Readonly<Record<string, Row<At>>>,
  present: (at: At) => readonly string[],
  at: () => At,
): void {
  it('has a row for every action of the installed version', () => {
    expect(Object.keys(rows).sort()).toEqual([...present(at())].sort())
  })
  for (const [action, row] of Object.entries(rows)) {
    it(
      `${action} ${typeof row === 'function' ? 'works' : 'is refused'}`,
      async () => {
        if (typeof row === 'function') return await row(at())
        const [reason, call] = row
        // Some refuse before there is a promise.
        await expect((async () => call(at()))()).rejects.toThrow(reason)
      },
      E2E_TIMEOUT_MS,
    )
  }
}
