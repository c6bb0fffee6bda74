/** The rule of a storm that makes its bounds fair: of four validators one may be faulty, two would be no quorum. */
import { expect, test } from 'vitest'
import { OneFaulty } from './oneFaulty.ts'

/** Work that goes on until it is told to end. */
class Work {
  began = false
  ended = false
  #end: () => void = () => undefined
  readonly #index: number

  constructor(index: number) {
    this.#index = index
  }

  async in(faulty: OneFaulty): Promise<void> {
    await faulty.run(this.#index, async () => {
      this.began = true
      await new Promise<void>((end) => {
        this.#end = end
      })
      this.ended = true
    })
  }

  async end(): Promise<void> {
    this.#end()
    await settled()
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

test('one validator may be faulty in many ways, and no two are at a time', async () => {
  const faulty = new OneFaulty()
  const [key, slow, down, later] = [new Work(3), new Work(3), new Work(1), new Work(3)]
  const all = [key, slow, down, later].map((work) => work.in(faulty))
  await settled()
  expect([key.began, slow.began, down.began]).toEqual([true, true, false])
  await key.end()
  expect(down.began).toBe(false)
  await slow.end()
  // Who came first goes first, so that nobody waits for ever.
  expect([down.began, later.began]).toEqual([true, false])
  await down.end()
  expect([down.ended, later.began]).toEqual([true, true])
  await later.end()
  await Promise.all(all)
})

test('what fails makes nobody faulty', async () => {
  const faulty = new OneFaulty()
  await expect(faulty.run(1, () => Promise.reject(new Error('no start')))).rejects.toThrow('no start')
  await expect(faulty.run(2, async () => 'next')).resolves.toBe('next')
})
