/** What the command says to words of other tools. */
import { expect, it } from 'vitest'
import { runInProcess } from './testing/runInProcess.ts'

it.each([
  [['compile', '.'], /^hint: {2}devnet build DIR/m],
  [['test'], /^hint: {2}npm test/m],
  [['node'], /^hint: {2}devnet up starts a network; devnet node kill/m],
  [['verify', 'Token', '.'], /^hint: {2}.*devnet verify-source CONTRACT DIR/m],
])('devnet %s is refused with what says it here', async (words, hint) => {
  const { code, err } = await runInProcess(...words)
  expect([code, err]).toEqual([2, expect.stringMatching(hint)])
})

it('says nothing more to words that no tool has', async () => {
  expect((await runInProcess('constructor')).err).not.toContain('hint:')
  expect((await runInProcess('frobnicate')).err).toBe(
    "error: unknown command 'frobnicate'\n(devnet --help lists the commands)\n",
  )
})

it('sends who used a command wrongly to the help of that command', async () => {
  const words = "error: missing required argument 'contract'\n"
  expect((await runInProcess('call')).err).toBe(`${words}(devnet call --help shows how it is used)\n`)
  const { error } = JSON.parse((await runInProcess('--json', 'call')).out) as { error: { hint: string } }
  expect(error.hint).toBe('devnet call --help shows how it is used')
  const none = JSON.parse((await runInProcess('--json', 'frobnicate')).out) as { error: { hint: string } }
  expect(none.error.hint).toBe('devnet --help lists the commands')
})
