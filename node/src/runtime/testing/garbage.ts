/** A process that keeps 60 MB and makes four times that of garbage: says the bytes that its heap had at most. */
import { boundHostHeaps } from '../hostHeap.ts'

const KEPT = 600
const MADE = 3_000
const NUMBERS = 12_500

if (process.argv[2] === 'bound') boundHostHeaps()
const kept: number[][] = []
let most = 0
for (let made = 0; made < MADE; made++) {
  kept[made % KEPT] = new Array<number>(NUMBERS).fill(0.5)
  if (made % 20 === 0) most = Math.max(most, process.memoryUsage().heapUsed)
}
process.stdout.write(`${most}`)
