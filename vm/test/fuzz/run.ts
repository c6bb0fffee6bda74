/**
 * `node vm/test/fuzz/run.ts --seconds N --seed S`: compares the engines on random modules for N seconds, seed after
 * seed from S on, and stops at the first difference with the command that shows it again.
 */
import { parseArgs } from 'node:util'
import { fuzzCase } from './fuzzCase.ts'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '30' }, seed: { type: 'string', default: '1' } },
})
const first = Number(values.seed)
const end = performance.now() + Number(values.seconds) * 1000
let seed = first
for (; seed === first || performance.now() < end; seed++) {
  const finding = fuzzCase(seed)
  if (finding === null) continue
  console.error(`seed ${seed}: ${finding.problem}`)
  console.error(finding.module)
  const big = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value)
  console.error(JSON.stringify(finding.plan, big))
  console.error(`again: node vm/test/fuzz/run.ts --seconds 0 --seed ${seed}`)
  process.exit(1)
}
console.log(`${seed - first} modules from seed ${first} on, no difference`)
