/** What it costs to get a contract running: rewriting, a pooled call, a first call. */
import { decodeAndValidate } from '../src/compile.ts'
import { rewriteModule } from '../src/engine/compiled/rewriteModule.ts'
import { compile } from '../src/index.ts'
import { DEFAULT_LIMITS } from '../src/limits.ts'
import { SCHEDULES } from '../src/metering/schedule.ts'
import { seeded } from '../test/random.ts'
import { watToWasm } from '../test/wat.ts'
import { median, timed } from './measure.ts'

export interface StartFigures {
  readonly rewriteMegabytesPerSecond: number
  readonly pooledCallMicroseconds: number
  readonly coldMilliseconds: number
  readonly coldBytes: number
}

export function measureStart(): StartFigures {
  const contract = watToWasm(contractText(140))
  return {
    rewriteMegabytesPerSecond: rewriteSpeed(watToWasm(contractText(2_000))),
    pooledCallMicroseconds: pooledCall(),
    coldMilliseconds: median([0, 1, 2, 3, 4].map((i) => coldCall(watToWasm(contractText(140, i + 1))))),
    coldBytes: contract.length,
  }
}

/** Many functions of the kind compilers make: loads, arithmetic, branches, a loop, calls of earlier functions. */
function contractText(functions: number, seed = 0): string {
  const random = seeded(seed)
  const texts = Array.from({ length: functions }, (_, i) => {
    const call = i === 0 ? '(local.get 0)' : `(call $f${random.below(i)} (local.get 0) (local.get 1))`
    return `(func $f${i} (param i32 i32) (result i32) (local i32 i64)
      (local.set 2 (i32.and (i32.add (local.get 0) (i32.const ${random.below(1000)})) (i32.const 0xfff8)))
      (if (i32.lt_u (local.get 1) (i32.const ${random.below(50)}))
        (then (local.set 3 (i64.add (i64.load offset=8 (local.get 2)) (i64.const ${random.below(100_000)})))
          (i64.store (local.get 2) (i64.mul (local.get 3) (i64.const 31))))
        (else (i32.store offset=${random.below(100)} (local.get 2) (i32.xor (local.get 0) (local.get 1)))))
      (block $out (loop $next (br_if $out (i32.ge_u (local.get 1) (i32.const ${random.below(9)})))
        (local.set 1 (i32.add (local.get 1) (i32.const 1))) (br $next)))
      (br_if 0 (local.get 2) (i32.eqz (local.get 0))) (drop)
      ${i % 8 === 7 ? call : '(i32.rotl (local.get 0) (local.get 2))'})`
  })
  return `(module (memory (export "memory") 16) (data (i32.const 1024) "a contract's constants")
    ${texts.join('\n')} (func (export "run") (param i32) (result i32) (call $f${functions - 1} (local.get 0) (i32.const 1))))`
}

function rewriteSpeed(bytes: Uint8Array): number {
  const validated = decodeAndValidate(bytes, 'reject', { ...DEFAULT_LIMITS, functions: 20_000 })
  const times = Array.from({ length: 9 }, () =>
    timed(() => rewriteModule(validated, SCHEDULES['touchstone/1'], DEFAULT_LIMITS)),
  )
  return bytes.length / 1e6 / (median(times) / 1e3)
}

function pooledCall(): number {
  const program = compile(watToWasm(contractText(20)), { engine: 'compiled' })
  const call = (): void => {
    const instance = program.instantiate({ fuel: 10n ** 9n })
    if (instance.invoke('run', [7]).kind !== 'return') throw new Error('the call failed')
    instance.release()
  }
  for (let i = 0; i < 500; i++) call()
  const times = Array.from({ length: 21 }, () =>
    timed(() => {
      for (let i = 0; i < 200; i++) call()
    }),
  )
  return (median(times) / 200) * 1e3
}

function coldCall(bytes: Uint8Array): number {
  return timed(() => {
    const instance = compile(bytes, { engine: 'compiled' }).instantiate({ fuel: 10n ** 9n })
    if (instance.invoke('run', [7]).kind !== 'return') throw new Error('the call failed')
  })
}
