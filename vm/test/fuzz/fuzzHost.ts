/**
 * The host of the fuzz: functions that read the fuel left and take some, end or trap the frame, run the module again in
 * a new instance with part of the fuel, as one contract calls another, and call back into the instance that called. All
 * they are called with and see is noted.
 */
import {
  type HostContext,
  HostExit,
  type HostFunction,
  HostTrap,
  type Imports,
  type Instance,
  InstantiationTrap,
  type Outcome,
  type Program,
  type WasmValue,
} from '../../src/index.ts'
import { HOST } from './generateModule.ts'

/** Runs inside runs; the outermost is 0. */
const MOST_DEPTH = 2
/** Inner runs of one outermost run. */
const MOST_INNER = 12
/** The result of `enter` and `again` where no inner run is made. */
const NOTHING = -7

export class FuzzHost {
  /** One line per call of a host function. */
  readonly calls: string[] = []
  readonly imports: Imports
  private readonly program: Program
  private readonly args: readonly WasmValue[]
  /** The instances that are running, outermost first. */
  private readonly open: Instance[] = []
  private inner = 0

  constructor(program: Program, args: readonly WasmValue[]) {
    this.program = program
    this.args = args
    this.imports = { e: this.functions() }
  }

  /** Runs `run` of a new instance. */
  start(fuel: bigint): { readonly instance: Instance | null; readonly outcome: Outcome } {
    let instance: Instance
    try {
      instance = this.program.instantiate({ imports: this.imports, fuel })
    } catch (error) {
      if (error instanceof InstantiationTrap) {
        return { instance: null, outcome: { kind: 'trap', trap: error.trap, fuelUsed: fuel } }
      }
      // Nobody can tell the fuel used by a start function that exits.
      if (error instanceof HostExit) {
        return { instance: null, outcome: { kind: 'exit', status: error.status, fuelUsed: 0n } }
      }
      throw error
    }
    return { instance, outcome: this.invoke(instance) }
  }

  private invoke(instance: Instance): Outcome {
    this.open.push(instance)
    try {
      return instance.invoke('run', this.args)
    } finally {
      this.open.pop()
    }
  }

  private functions(): Record<string, HostFunction> {
    const host = (name: string, call: (context: HostContext, ...args: never[]) => WasmValue | undefined) => ({
      type: HOST[name]!,
      call: (...all: unknown[]) => {
        const context = all.pop() as HostContext
        this.note(name, context, all as WasmValue[])
        return call(context, ...(all as never[]))
      },
    })
    return {
      tick: host('tick', () => undefined),
      fuel: host('fuel', (context) => context.fuelLeft()),
      take: host('take', (context, a: number) => {
        context.chargeFuel(BigInt(a & 15))
        return a & 3
      }),
      stop: host('stop', (_context, a: number) => {
        if ((a & 3) === 0) throw new HostExit(a)
        if ((a & 3) === 1) throw new HostTrap('host', 'stopped')
        return undefined
      }),
      enter: host('enter', (context, a: number) => this.enter(context, a)),
      again: host('again', () => this.again()),
    }
  }

  private note(name: string, context: HostContext, args: readonly WasmValue[]): void {
    const { memory } = context
    const seen = memory === null ? 'no memory' : `${memory.size} bytes, ${memory.size >= 24 ? memory.read(16, 8) : ''}`
    this.calls.push(`${name}(${args.join()}) with ${context.fuelLeft()} left, ${seen}, ${this.open.length} deep`)
  }

  /** A new instance gets up to 63/64 of the fuel; the fuel it used is taken from the caller. */
  private enter(context: HostContext, a: number): bigint {
    if (this.open.length > MOST_DEPTH || this.inner >= MOST_INNER) return BigInt(NOTHING)
    this.inner++
    const { instance, outcome } = this.start((context.fuelLeft() * BigInt(a & 63)) / 64n)
    this.calls.push(`entered: ${outcomeWords(outcome)}`)
    instance?.release()
    context.chargeFuel(outcome.fuelUsed)
    return outcome.kind === 'return' ? BigInt(outcome.values.length) : -1n
  }

  /** Back into the instance that called, on the same fuel. */
  private again(): number {
    const instance = this.open.at(-1)
    if (instance === undefined || this.open.length > MOST_DEPTH || this.inner >= MOST_INNER) return NOTHING
    this.inner++
    const outcome = this.invoke(instance)
    this.calls.push(`called back: ${outcomeWords(outcome)}`)
    // The contents of an instance after a trap are not defined, so its caller ends as well.
    if (outcome.kind === 'trap') throw new HostTrap('host', 'it trapped inside')
    return outcome.kind === 'return' ? 1 : 0
  }
}

export function outcomeWords(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'return':
      return `returns ${outcome.values.map((value) => (typeof value === 'object' ? typeof value : value)).join()} for ${outcome.fuelUsed} fuel`
    case 'exit':
      return `exits ${outcome.status} for ${outcome.fuelUsed} fuel`
    case 'trap':
      return `traps for ${outcome.fuelUsed} fuel`
  }
}
