/**
 * `npm run bench:bombs [-- FILTER]`: the processor time that modules made to cost much (test/bombs) take at half and at
 * all of their limits, step by step, and the memory they leave behind. A ratio well above 2 is work that grows faster
 * than the module.
 */
import { helpIfAsked } from '../../scripts/options.ts'
import { decode } from '../src/binary/decode.ts'
import { CompiledProgram } from '../src/engine/compiled/program.ts'
import { compile } from '../src/index.ts'
import { DEFAULT_LIMITS } from '../src/limits.ts'
import { validate } from '../src/validate/validateModule.ts'
import { BOMBS } from '../test/bombs/bombs.ts'
import { firstCall } from '../test/bombs/firstCall.ts'

helpIfAsked(import.meta.url)

const ROUNDS = 3

interface Times {
  readonly bytes: number
  readonly decode: number
  readonly validate: number
  readonly rewrite: number
  readonly host: number
  readonly call: number
  readonly reference: number
  readonly rewrittenBytes: number
}

const filter = process.argv[2] ?? ''
console.log('   KiB  decode  validate  rewrite    host    call     all  x2 part  growth  reference  (ms)')
let worst = { name: '', ratio: 0, all: 0 }
for (const { name, make } of BOMBS) {
  if (!name.includes(filter)) continue
  const [half, full] = [0.5, 1].map((part) => best(make(part))) as [Times, Times]
  const ratio = total(full) / Math.max(total(half), 1)
  const cells = [full.decode, full.validate, full.rewrite, full.host, full.call, total(full)].map((time) =>
    time.toFixed(1).padStart(8),
  )
  const growth = (full.rewrittenBytes / full.bytes).toFixed(1).padStart(7)
  const size = String(Math.round(full.bytes / 1024)).padStart(6)
  console.log(
    `${size}${cells.join('')}${ratio.toFixed(2).padStart(9)}${growth}${full.reference.toFixed(1).padStart(10)}  ${name}`,
  )
  if (total(full) > worst.all) worst = { name, ratio, all: total(full) }
}
console.log(`worst: ${worst.all.toFixed(0)} ms, ${worst.name}`)

/** Of this thread on a processor, so that other work on the machine does not count, nor what V8 compiles beside it. */
function threadMilliseconds(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1e3
}

function total({ decode: a, validate: b, rewrite, host, call }: Times): number {
  return a + b + rewrite + host + call
}

function best(bytes: Uint8Array): Times {
  const all = Array.from({ length: ROUNDS }, () => measure(bytes))
  return all.reduce((least, times) => (total(times) < total(least) ? times : least))
}

function measure(bytes: Uint8Array): Times {
  const marks = [threadMilliseconds()]
  const mark = (): number => marks.push(threadMilliseconds())
  const module = decode(bytes, { floats: 'reject', limits: DEFAULT_LIMITS })
  mark()
  validate(module, DEFAULT_LIMITS)
  mark()
  const program = compile(bytes, { engine: 'compiled' })
  if (!(program instanceof CompiledProgram)) throw new Error('another engine')
  mark()
  const { bytes: rewritten } = program.rewritten
  mark()
  program.hostModule
  mark()
  firstCall(program, 1_000_000n)
  mark()
  firstCall(compile(bytes), 1_000_000n)
  mark()
  const step = (i: number): number => marks[i + 1]! - marks[i]!
  return {
    bytes: bytes.length,
    decode: step(0),
    validate: step(1),
    rewrite: step(3),
    host: step(4),
    call: step(5),
    reference: step(6),
    rewrittenBytes: rewritten.length,
  }
}
