/** The debugger that a person, or a script from a pipe, talks to line by line. */
import { usageError } from '../output/errors.ts'
import { printable } from '../output/printable.ts'
import type { Terminal } from '../output/terminal.ts'
import {
  codeLines,
  hostCallLines,
  memoryLines,
  stackLines,
  stopLines,
  variableLines,
  wholeVariableLines,
} from './debugText.ts'
import type { DebugThread } from './debugThread.ts'
import { MAX_BREAKPOINTS } from './limits.ts'
import type { Breakpoint, Move, Stop, StopsAtFaults, VariablesOf } from './protocol.ts'

const MOVES: Readonly<Record<string, Move>> = {
  step: { how: 'into', back: false },
  next: { how: 'over', back: false },
  out: { how: 'out', back: false },
  continue: { how: 'continue', back: false },
  stepi: { how: 'instruction', back: false },
  rstep: { how: 'into', back: true },
  rnext: { how: 'over', back: true },
  rout: { how: 'out', back: true },
  rcontinue: { how: 'continue', back: true },
  rstepi: { how: 'instruction', back: true },
}

const SHORT: Readonly<Record<string, string>> = {
  ...{ s: 'step', n: 'next', o: 'out', c: 'continue', si: 'stepi' },
  ...{ rs: 'rstep', rn: 'rnext', ro: 'rout', rc: 'rcontinue', rsi: 'rstepi', b: 'break' },
  ...{ bt: 'stack', p: 'print', l: 'list', q: 'quit', h: 'help', f: 'frame', d: 'delete' },
}

const VARIABLES: readonly VariablesOf[] = ['locals', 'operands', 'globals', 'storage']

const HELP = [
  's, n, o        step into, over, out; c continues, si is one instruction',
  'rs, rn, ro     the same backwards; rc, rsi',
  'goto N         to instruction N; "goto fault" where it fails',
  'b PLACE        breakpoint: 34, index.ts:34, a function, or "host NAME" for calls of a host function',
  'd [N]          delete breakpoint N, or all; "breakpoints" lists them',
  'catch WHICH    stop at failures: last (the one that ended it), all, none',
  'bt             call stack across contracts; "f N" chooses a function of it',
  'p NAME         a local, $N, "operand N", "global N", a slot 0x…, or what "info" lists',
  '               of a local parts too: account.at.x, list[2], *to',
  'locals, operands, globals, storage, info, hosts, list, code, mem ADDRESS [BYTES]',
  'q              quit; an empty line does the last command again',
]

/** Lines of source before and after the one where it is. */
const CONTEXT_LINES = 5
const CODE_BEFORE = 6
const CODE_SHOWN = 16
const MEMORY_SHOWN = 64
const MAX_STACK_LINES = 40

export class DebugConsole {
  readonly #thread: DebugThread
  readonly #terminal: Terminal
  #stop: Stop
  #selected = 0
  #breakpoints: Breakpoint[] = []
  #faults: StopsAtFaults = 'last'
  #last = ''
  #isPausing = false
  #isGivenUp = false

  constructor(thread: DebugThread, stop: Stop, terminal: Terminal) {
    this.#thread = thread
    this.#stop = stop
    this.#terminal = terminal
  }

  /** Where it is. */
  greet(): void {
    this.#tell(this.#stop, stopLines(this.#stop, this.#terminal.color))
  }

  /** False ends it. @throws CliError for what it does not understand. */
  async run(line: string): Promise<boolean> {
    const text = line.trim() === '' ? this.#last : line.trim()
    this.#last = text
    if (text === '') return true
    const [word = '', ...words] = text.split(/\s+/)
    const name = SHORT[word] ?? word
    if (name === 'quit') return false
    const move = MOVES[name]
    try {
      if (move !== undefined) await this.#move(move)
      else await this.#other(name, words)
    } catch (error) {
      // Its thread is ended in the middle of the answer.
      if (!this.#isGivenUp) throw error
    }
    return !this.#isGivenUp
  }

  /** Stops it where it is; one that does not stop for it is given up the second time. */
  async pause(): Promise<void> {
    if (!this.#isPausing) {
      this.#isPausing = true
      return this.#thread.pause()
    }
    this.#isGivenUp = true
    await this.#thread.end()
  }

  async #other(name: string, words: readonly string[]): Promise<void> {
    const { color } = this.#terminal
    const index = this.#selected
    const thread = this.#thread
    if (VARIABLES.some((group) => group === name)) {
      const variables = await thread.ask({ ask: 'variables', index, of: name as VariablesOf })
      return this.#tell(variables, variableLines(variables, `no ${name} here`))
    }
    switch (name) {
      case 'goto':
        return this.#move(await this.#target(words[0] ?? ''))
      case 'break':
        return this.#break(words)
      case 'delete':
        return this.#delete(words[0])
      case 'breakpoints':
        return this.#tell(
          this.#breakpoints,
          this.#breakpoints.map((one, i) => `${i + 1}  ${breakpointText(one)}`),
        )
      case 'catch': {
        const which = words[0]
        if (which !== 'last' && which !== 'all' && which !== 'none') throw usageError('catch last, all or none')
        this.#faults = which
        await this.#setBreakpoints()
        return this.#tell({ catch: which }, [`stops at failures: ${which}`])
      }
      case 'stack': {
        const { entries, total } = await thread.ask({ ask: 'stack', from: 0, count: MAX_STACK_LINES })
        return this.#tell(entries, stackLines(entries, total, index, color))
      }
      case 'frame':
        return this.#frame(words[0])
      case 'print': {
        const wanted = words.join(' ')
        const value = await thread.ask({ ask: 'value', index, name: wanted })
        if (value === null) throw usageError(`there is no ${JSON.stringify(wanted)} here; "locals" lists the names`)
        return this.#tell(value, wholeVariableLines(value))
      }
      case 'info': {
        const values = await thread.ask({ ask: 'variables', index, of: 'frame' })
        return this.#tell(values, variableLines(values, 'nothing runs'))
      }
      case 'hosts': {
        const calls = await thread.ask({ ask: 'hostCalls' })
        return this.#tell(calls, hostCallLines(calls))
      }
      case 'code': {
        const code = await thread.ask({ ask: 'code', index, before: CODE_BEFORE, count: CODE_SHOWN })
        return this.#tell(code, code.length === 0 ? ['nothing runs'] : codeLines(code, color))
      }
      case 'mem': {
        const [offset, count = MEMORY_SHOWN] = words.map(Number)
        if (!isCount(offset) || !isCount(count)) throw usageError('mem ADDRESS [BYTES]')
        const { hex, size } = await thread.ask({ ask: 'memory', index, offset, count })
        const lines = memoryLines(hex, offset)
        return this.#tell({ offset, hex, size }, lines.length === 0 ? [`the memory has ${size} bytes`] : lines)
      }
      case 'list':
        return this.#list()
      case 'help':
        return this.#tell(HELP, HELP)
      default:
        throw usageError(`there is no command ${JSON.stringify(name)}`, '"help" lists the commands')
    }
  }

  async #move(move: Move): Promise<void> {
    this.#stop = await this.#thread.move(move)
    this.#isPausing = false
    this.#selected = 0
    this.#tell(this.#stop, stopLines(this.#stop, this.#terminal.color))
  }

  async #target(word: string): Promise<Move> {
    if (word === 'fault') {
      const { fault } = await this.#thread.ask({ ask: 'summary' })
      if (fault === null) throw usageError('it does not fail')
      return { how: 'to', step: fault }
    }
    const step = Number(word.replaceAll(',', ''))
    if (!Number.isInteger(step) || step < 1) throw usageError('goto N, from 1 up, or goto fault')
    return { how: 'to', step }
  }

  async #break(words: readonly string[]): Promise<void> {
    if (this.#breakpoints.length >= MAX_BREAKPOINTS)
      throw usageError(`there are ${MAX_BREAKPOINTS} breakpoints already`)
    const breakpoint = await this.#parsed(words)
    this.#breakpoints.push(breakpoint)
    const set = (await this.#setBreakpoints()).at(-1)!
    if (set.at === null) {
      this.#breakpoints.pop()
      await this.#setBreakpoints()
      throw usageError(`no code that this transaction runs is at ${breakpointText(breakpoint)}`)
    }
    const number = this.#breakpoints.length
    this.#tell({ breakpoint: number, at: set.at }, [`breakpoint ${number} at ${printable(set.at, 200)}`])
  }

  async #parsed(words: readonly string[]): Promise<Breakpoint> {
    const [first = '', second] = words
    if (first === 'host' && second !== undefined) return { kind: 'host', name: second }
    const place = /^(?:(.+):)?(\d+)$/.exec(first)
    if (place === null) {
      if (first === '') throw usageError('break PLACE: a line, FILE:LINE, a function, or host NAME')
      return { kind: 'function', name: first }
    }
    const file = place[1] ?? (await this.#file())
    if (file === null) throw usageError('it is in no file: name one, FILE:LINE')
    return { kind: 'line', file, line: Number(place[2]) }
  }

  /** The one where it is, or, in a library, the author's first. */
  async #file(): Promise<string | null> {
    const sources = await this.#thread.ask({ ask: 'sources' })
    const here = sources.find(({ file }) => file === this.#stop.place?.file)
    return (here ?? sources[0])?.file ?? null
  }

  async #delete(word: string | undefined): Promise<void> {
    const at = Number(word)
    if (word !== undefined && this.#breakpoints[at - 1] === undefined)
      throw usageError(`there is no breakpoint ${word}`)
    this.#breakpoints = word === undefined ? [] : this.#breakpoints.filter((_, i) => i !== at - 1)
    await this.#setBreakpoints()
    this.#tell(this.#breakpoints, [`${this.#breakpoints.length} breakpoints are left`])
  }

  #setBreakpoints() {
    return this.#thread.ask({ ask: 'breakpoints', list: this.#breakpoints, faults: this.#faults })
  }

  async #frame(word: string | undefined): Promise<void> {
    const index = Number(word)
    const { entries } = await this.#thread.ask({ ask: 'stack', from: index, count: 1 })
    const [entry] = entries
    if (!isCount(index) || entry === undefined) throw usageError(`there is no function ${word ?? ''} in the stack`)
    this.#selected = index
    this.#tell(entry, stackLines([entry], 1, index, this.#terminal.color))
  }

  async #list(): Promise<void> {
    const { entries } = await this.#thread.ask({ ask: 'stack', from: this.#selected, count: 1 })
    const [entry] = entries
    const text = entry?.file == null ? null : await this.#thread.ask({ ask: 'text', file: entry.file })
    if (entry?.line == null || text === null) throw usageError('the source of this place is not known; "code" shows it')
    const lines = text.split('\n')
    const from = Math.max(1, entry.line - CONTEXT_LINES)
    const shown = lines.slice(from - 1, entry.line + CONTEXT_LINES).map((line, i) => {
      const row = `${from + i === entry.line ? '>' : ' '}${String(from + i).padStart(5)}  ${printable(line, 200)}`
      return from + i === entry.line ? this.#terminal.color.bold(row) : row
    })
    this.#tell({ file: entry.file, line: entry.line }, shown)
  }

  #tell(json: unknown, lines: readonly string[]): void {
    if (this.#terminal.json) this.#terminal.printJsonNow(json)
    else this.#terminal.printLines(lines)
  }
}

function isCount(value: number | undefined): value is number {
  return Number.isSafeInteger(value) && value! >= 0
}

function breakpointText(breakpoint: Breakpoint): string {
  if (breakpoint.kind === 'line') return `${breakpoint.file}:${breakpoint.line}`
  return breakpoint.kind === 'host' ? `calls of ${breakpoint.name}` : breakpoint.name
}
