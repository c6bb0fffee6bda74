import { expect, it } from 'vitest'
import { sumsOf } from './counters.ts'

const text = `# HELP bytes_total Bytes.
# TYPE bytes_total counter
bytes_total{direction="received"} 7
bytes_total{direction="sent"} 5
bytes_total_of_others 100
messages_total{topic="tx",verdict="accept"} 1
messages_total{topic="tx",verdict="ignore"} 2
messages_total{topic="block",verdict="accept"} 40
commits_total 3
`

it('sums the series of a name that have the labels, over all nodes', () => {
  const sums = sumsOf([text, text], {
    sent: ['bytes_total', 'direction="sent"'],
    transactions: ['messages_total', 'topic="tx"'],
    commits: ['commits_total'],
  })
  expect(sums).toEqual({ sent: 10, transactions: 6, commits: 6 })
})

it('takes nothing for 0', () => {
  expect(() => sumsOf([text, ''], { commits: ['commits_total'] })).toThrow('a node has no metric commits_total')
  expect(() => sumsOf([text], { sent: ['bytes_total', 'direction="up"'] })).toThrow('direction="up"')
})
