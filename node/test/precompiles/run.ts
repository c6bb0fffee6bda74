/**
 * `npm run fuzz:precompiles -- [--seconds N] [--seed S] [--case I]`: compares the precompiles with the oracle for N
 * seconds (30 unless told) from seed S on, or one case. Ends with 1 at the first difference or exception.
 */
import { readOptions } from '../../../scripts/options.ts'
import { precompileSession } from './session.ts'

const { values } = readOptions(import.meta.url, {
  options: {
    seconds: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    case: { type: 'string' },
  },
})
const seed = wholeNumber('seed', values.seed)
const seconds = wholeNumber('seconds', values.seconds)
const only = values.case === undefined ? null : wholeNumber('case', values.case)
const end = performance.now() + seconds * 1000
const { finding, cases, outputs } = precompileSession(seed, only ?? 0, (number) =>
  only === null ? performance.now() < end : number === only,
)
const total = Object.values(cases).reduce((sum, count) => sum + count, 0)
const byAddress = Object.entries(cases).map(
  ([address, count]) => `${address}: ${count} (${outputs[Number(address)] ?? 0})`,
)
console.log(`${total} cases from seed ${seed}; by address, with output in parentheses: ${byAddress.join(', ')}`)
if (finding !== null) {
  console.error(finding)
  process.exitCode = 1
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  console.error(`--${name} ${text}: a whole number is expected`)
  process.exit(2)
}
