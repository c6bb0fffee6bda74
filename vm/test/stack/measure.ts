/** Native bytes of stack for each byte that the rule counts, of one module, in one way to compile it. */
import { type ChildProcess, fork } from 'node:child_process'
import { compile } from '../../src/index.ts'
import { MAX_FUEL } from '../../src/limits.ts'

/** Ways V8 may have compiled a function when it is deep in a recursion. */
export const MODES = {
  /** The baseline compiler alone. */
  baseline: { flags: ['--liftoff-only'], warm: false },
  /** The optimising compiler at once, without knowing what calls lead to. */
  optimised: { flags: ['--no-liftoff'], warm: false },
  /** The optimising compiler after the function ran in baseline code, which noted where calls lead. */
  tiered: { flags: ['--wasm-sync-tier-up', '--wasm-tiering-budget=20000'], warm: true },
} as const
export type Mode = keyof typeof MODES

/** Stack of the thread that overflows, in MiB. */
const NATIVE_MB = 32
/** Frames that are counted; a fraction of a frame adds a part in so many. */
const COUNTED_FRAMES = 40
const ANSWER_MS = 60_000

/** Bytes by the rule for each level of the recursion of `run`. */
export function countedBytes(bytes: Uint8Array): number {
  for (let stackBytes = 65_536; stackBytes <= 2 ** 28; stackBytes *= 4) {
    const instance = compile(bytes, { engine: 'reference', limits: { stackBytes } }).instantiate({ fuel: MAX_FUEL })
    const outcome = instance.invoke('run', [2 ** 30])
    if (outcome.kind !== 'trap' || outcome.trap.code !== 'stack-exhausted') {
      throw new Error(`a recursion without an end: ${outcome.kind === 'trap' ? outcome.trap.message : outcome.kind}`)
    }
    const depth = instance.global('depth') as number
    if (depth >= COUNTED_FRAMES) return stackBytes / (depth + 0.5)
  }
  throw new Error('no budget is enough for a few frames')
}

/** A process for one mode; it lives until {@link close}. */
export class NativeStack {
  private readonly mode: Mode
  private child: ChildProcess | null = null

  constructor(mode: Mode) {
    this.mode = mode
  }

  /** Native bytes for each level of the recursion, or why there is no figure. */
  async bytes(module: Uint8Array): Promise<number | string> {
    const { flags, warm } = MODES[this.mode]
    const child = this.child ?? this.start(flags)
    const answer = await new Promise<number | string>((resolve) => {
      const timer = setTimeout(() => end('no answer'), ANSWER_MS)
      const end = (value: number | string): void => {
        clearTimeout(timer)
        child.off('message', onMessage)
        child.off('exit', onExit)
        resolve(value)
      }
      const onMessage = (value: unknown): void => end(value as number | string)
      const onExit = (code: number | null): void => end(`the process ended with ${code}`)
      child.on('message', onMessage)
      child.on('exit', onExit)
      child.send({ bytes: module, warm })
    })
    if (typeof answer === 'number') return (NATIVE_MB * 2 ** 20) / answer
    if (answer === 'no answer' || answer.startsWith('the process ended')) this.close()
    return answer
  }

  private start(flags: readonly string[]): ChildProcess {
    this.child = fork(new URL('./nativeChild.ts', import.meta.url), [String(NATIVE_MB)], {
      execArgv: [...flags],
      serialization: 'advanced',
    })
    return this.child
  }

  close(): void {
    this.child?.kill('SIGKILL')
    this.child = null
  }
}
