/** A debug adapter over an execution: requests of an editor in, responses and events out. */
import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { DebugThread } from '../debugThread.ts'
import { MAX_BREAKPOINTS } from '../limits.ts'
import type {
  Breakpoint,
  Move,
  SourceFile,
  StackEntry,
  Stop,
  StopsAtFaults,
  Variable,
  VariablesOf,
} from '../protocol.ts'
import {
  type DapBreakpoint,
  DapError,
  type DapRequest,
  type DapSource,
  isRecord,
  listIn,
  numberIn,
  textIn,
} from './adapterTypes.ts'

/** The call or transaction that an editor asks for; by the command line where it names nothing. */
export interface LaunchArguments {
  readonly what: string | null
  readonly function: string | null
  readonly args: readonly string[]
}

export type Launch = (wanted: LaunchArguments) => Promise<{ readonly thread: DebugThread; readonly stop: Stop }>

const THREAD = 1
const SCOPES: readonly (readonly [VariablesOf, string])[] = [
  ['locals', 'Locals'],
  ['operands', 'Operand stack'],
  ['globals', 'Globals'],
  ['storage', 'Storage'],
  ['frame', 'Call'],
]
/** Numbers of scopes: the function of the stack, and which scope of it. */
const SCOPES_OF_FUNCTION = 8
/** Above them are the numbers of variables that have parts. */
const FIRST_PARTS = 2 ** 30
const MAX_PARTS = 65_536

const CAPABILITIES = {
  supportsConfigurationDoneRequest: true,
  supportsStepBack: true,
  supportsSteppingGranularity: true,
  supportsFunctionBreakpoints: true,
  supportsEvaluateForHovers: true,
  supportsExceptionInfoRequest: true,
  supportsReadMemoryRequest: true,
  supportsDisassembleRequest: true,
  supportsLoadedSourcesRequest: true,
  supportsTerminateRequest: true,
  exceptionBreakpointFilters: [
    { filter: 'last', label: 'The failure that ends it', default: true },
    { filter: 'all', label: 'Failures that callers make do with too', default: false },
  ],
}

const REASONS: Readonly<Record<Stop['reason'], string>> = {
  ...{ entry: 'entry', step: 'step', breakpoint: 'breakpoint', fault: 'exception', pause: 'pause' },
  ...{ start: 'entry', end: 'step' },
}

export class DebugAdapter {
  readonly #launch: Launch
  readonly #send: (message: object) => void
  #sent = 0
  #thread: DebugThread | null = null
  #stop: Stop | null = null
  #isMoving = false
  readonly #lineBreakpoints = new Map<string, readonly Breakpoint[]>()
  #functionBreakpoints: readonly Breakpoint[] = []
  #faults: StopsAtFaults = 'last'
  #stopsOnEntry = true
  /** Parts of variables that the editor was told of since it stopped. */
  #parts: (readonly Variable[])[] = []
  /** Files that the editor cannot open itself, by their numbers less 1. */
  readonly #texts: string[] = []

  /** `send` is given responses and events. */
  constructor(launch: Launch, send: (message: object) => void) {
    this.#launch = launch
    this.#send = send
  }

  /** False when the editor has ended the session. Errors are answers. */
  async handle(request: DapRequest): Promise<boolean> {
    const { seq, command } = request
    const response = { type: 'response', request_seq: seq, command }
    try {
      const body = await this.#answer(request)
      this.#put({ ...response, success: true, ...(body === undefined ? {} : { body }) })
      this.#after(command)
    } catch (error) {
      // A CliError, or the words of a node: the editor shows it.
      if (!(error instanceof Error)) throw error
      const message = { id: 1, format: '{words}', variables: { words: error.message }, showUser: true }
      this.#put({ ...response, success: false, message: error.message, body: { error: message } })
    }
    return command !== 'disconnect' && command !== 'terminate'
  }

  async end(): Promise<void> {
    const thread = this.#thread
    // Before it ends: a move that ends with it is no failure.
    this.#thread = null
    await thread?.end()
  }

  #put(message: object): void {
    this.#send({ seq: ++this.#sent, ...message })
  }

  #event(event: string, body: object = {}): void {
    this.#put({ type: 'event', event, body })
  }

  /** Events that come behind the response. */
  #after(command: string): void {
    if ((command === 'launch' || command === 'attach') && this.#thread !== null) this.#event('initialized')
    if (command === 'configurationDone' && this.#stop !== null && !this.#isMoving) {
      if (this.#stopsOnEntry || this.#stop.reason === 'fault') this.#tellStop(this.#stop)
      else this.#begin({ how: 'continue', back: false })
    }
    if (command === 'disconnect' || command === 'terminate') this.#event('terminated')
  }

  #answer({ command, arguments: given }: DapRequest): Promise<unknown> | unknown {
    switch (command) {
      case 'initialize':
        return CAPABILITIES
      case 'launch':
      case 'attach':
        return this.#start(given)
      case 'configurationDone':
        return undefined
      case 'threads':
        return { threads: [{ id: THREAD, name: this.#running().title }] }
      case 'setBreakpoints':
        return this.#setLines(given)
      case 'setFunctionBreakpoints':
        return this.#setFunctions(given)
      case 'setExceptionBreakpoints':
        return this.#setFaults(given)
      case 'stackTrace':
        return this.#stack(numberIn(given, 'startFrame', 0), numberIn(given, 'levels', 0))
      case 'scopes':
        return { scopes: this.#scopes(numberIn(given, 'frameId', 1) - 1) }
      case 'variables':
        return this.#variables(numberIn(given, 'variablesReference', 0))
      case 'evaluate':
        return this.#evaluate(textIn(given, 'expression') ?? '', numberIn(given, 'frameId', 1) - 1)
      case 'source':
        return this.#source(given)
      case 'loadedSources':
        return this.#sources()
      case 'exceptionInfo':
        return { exceptionId: 'failure', breakMode: 'always', description: this.#stop?.words ?? '' }
      case 'readMemory':
        return this.#memory(given)
      case 'disassemble':
        return this.#disassemble(given)
      case 'pause':
        this.#running().pause()
        return undefined
      case 'disconnect':
      case 'terminate':
        return this.end()
      default:
        return this.#move(command, textIn(given, 'granularity') === 'instruction')
    }
  }

  async #start(given: DapRequest['arguments']): Promise<undefined> {
    if (this.#thread !== null) throw new DapError('a transaction is debugged already')
    this.#stopsOnEntry = given['stopOnEntry'] !== false
    const { thread, stop } = await this.#launch({
      what: textIn(given, 'transaction') ?? textIn(given, 'contract'),
      function: textIn(given, 'function'),
      args: listIn(given, 'args').map(String),
    })
    this.#thread = thread
    this.#stop = stop
    return undefined
  }

  #running(): DebugThread {
    if (this.#thread === null) throw new DapError('nothing is debugged: launch it first')
    return this.#thread
  }

  /** Nothing is asked of what moves. */
  #standing(): DebugThread {
    if (this.#isMoving) throw new DapError('it runs: pause it first')
    return this.#running()
  }

  #move(command: string, isInstruction: boolean): object {
    const move = moveOf(command, isInstruction)
    if (move === null) throw new DapError(`there is no ${command} here`)
    this.#standing()
    const isOver = this.#stop?.reason === 'end' && 'back' in move && !move.back
    // The editor hears of the stop behind the response.
    if (isOver) queueMicrotask(() => this.#event('terminated'))
    else this.#begin(move)
    return command.endsWith('ontinue') ? { allThreadsContinued: true } : {}
  }

  #begin(move: Move): void {
    this.#isMoving = true
    this.#parts = []
    this.#running()
      .move(move)
      .then(
        (stop) => {
          this.#isMoving = false
          this.#stop = stop
          this.#tellStop(stop)
        },
        (error: Error) => {
          if (this.#thread === null) return
          this.#event('output', { category: 'stderr', output: `${error.message}\n` })
          this.#event('terminated')
        },
      )
  }

  #tellStop({ reason, words }: Stop): void {
    const description = reason === 'end' ? `at the end: ${words}` : undefined
    this.#event('stopped', {
      ...{ reason: REASONS[reason], threadId: THREAD, allThreadsStopped: true },
      ...(description === undefined ? {} : { description }),
      ...(words === null ? {} : { text: words }),
    })
    if (description !== undefined) this.#event('output', { category: 'console', output: `${description}\n` })
  }

  async #setLines(given: DapRequest['arguments']): Promise<object> {
    const source = isRecord(given['source']) ? given['source'] : {}
    const path = textIn(source, 'path') ?? this.#texts[numberIn(source, 'sourceReference', 0) - 1] ?? ''
    const files = await this.#running().ask({ ask: 'sources' })
    const file = fileAt(files, path)?.file ?? path
    const wanted: Breakpoint[] = listIn(given, 'breakpoints')
      .slice(0, MAX_BREAKPOINTS)
      .map((one) => ({ kind: 'line', file, line: isRecord(one) ? numberIn(one, 'line', 0) : 0 }))
    this.#lineBreakpoints.set(path, wanted)
    return { breakpoints: await this.#set(wanted) }
  }

  async #setFunctions(given: DapRequest['arguments']): Promise<object> {
    this.#functionBreakpoints = listIn(given, 'breakpoints')
      .slice(0, MAX_BREAKPOINTS)
      .map((one): Breakpoint => {
        const name = isRecord(one) ? (textIn(one, 'name') ?? '') : ''
        return name.startsWith('host ') ? { kind: 'host', name: name.slice(5).trim() } : { kind: 'function', name }
      })
    return { breakpoints: await this.#set(this.#functionBreakpoints) }
  }

  async #setFaults(given: DapRequest['arguments']): Promise<object> {
    const filters = listIn(given, 'filters')
    this.#faults = filters.includes('all') ? 'all' : filters.includes('last') ? 'last' : 'none'
    await this.#set([])
    return {}
  }

  /** Sets all, and tells of those. */
  async #set(those: readonly Breakpoint[]): Promise<DapBreakpoint[]> {
    const list = [...this.#lineBreakpoints.values(), this.#functionBreakpoints].flat()
    const set = await this.#running().ask({ ask: 'breakpoints', list, faults: this.#faults })
    return those.map((one) => {
      const { at, line } = set[list.indexOf(one)]!
      if (at === null) return { verified: false, message: 'this transaction runs no code that comes from there' }
      return { verified: true, ...(line === null ? {} : { line }) }
    })
  }

  async #stack(from: number, levels: number): Promise<object> {
    const count = levels > 0 ? levels : Number.MAX_SAFE_INTEGER
    const { entries, total } = await this.#standing().ask({ ask: 'stack', from, count })
    return { stackFrames: entries.map((entry) => this.#stackFrame(entry)), totalFrames: total }
  }

  #stackFrame(entry: StackEntry): object {
    const { index, file, root, line, contract, inside, inlined } = entry
    const name = [entry.function, ...inlined.toReversed()].join(' > ')
    return {
      ...{ id: index + 1, name: `${contract}: ${name}`, line: line ?? 0, column: line === null ? 0 : 1 },
      ...(file === null ? { presentationHint: 'subtle' } : { source: this.#sourceOf({ contract, file, root }) }),
      ...(inside === null ? {} : { presentationHint: 'normal' }),
      instructionPointerReference: `code:${index}`,
    }
  }

  /** By its path where the file is there, and else by a number under which its text can be had. */
  #sourceOf({ file, root }: SourceFile): DapSource {
    const path = root === null ? null : resolve(root, file)
    if (path !== null && !file.startsWith('~') && existsSync(path)) return { name: basename(file), path }
    let at = this.#texts.indexOf(file)
    if (at < 0) at = this.#texts.push(file) - 1
    return { name: file, sourceReference: at + 1 }
  }

  #scopes(index: number): object[] {
    return SCOPES.map(([of, name], i) => ({
      ...{ name, variablesReference: (index + 1) * SCOPES_OF_FUNCTION + i, expensive: of === 'storage' },
      ...(of === 'locals' ? { presentationHint: 'locals' } : {}),
    }))
  }

  async #variables(reference: number): Promise<object> {
    const parts = this.#parts[reference - FIRST_PARTS]
    if (reference >= FIRST_PARTS) {
      if (parts === undefined) throw new DapError(`there is no variable ${reference} here`)
      return { variables: parts.map((one) => this.#shown(one)) }
    }
    const scope = SCOPES[reference % SCOPES_OF_FUNCTION]
    const index = Math.floor(reference / SCOPES_OF_FUNCTION) - 1
    if (scope === undefined || index < 0) throw new DapError(`there is no scope ${reference}`)
    const variables = await this.#standing().ask({ ask: 'variables', index, of: scope[0] })
    return { variables: variables.map((one) => this.#shown(one)) }
  }

  /** With a number under which its parts can be had, as long as it stands there. */
  #shown({ children, isKept: _isKept, ...variable }: Variable): object {
    const hasParts = children !== undefined && children.length > 0 && this.#parts.length < MAX_PARTS
    return { ...variable, variablesReference: hasParts ? FIRST_PARTS - 1 + this.#parts.push(children) : 0 }
  }

  async #evaluate(expression: string, index: number): Promise<object> {
    const name = expression.trim()
    const value = await this.#standing().ask({ ask: 'value', index, name })
    if (value === null) throw new DapError(`there is no ${JSON.stringify(name)} here`)
    const { value: result, name: _name, ...shown } = this.#shown(value) as Variable
    return { result, ...shown, memoryReference: `memory:${index}` }
  }

  async #source(given: DapRequest['arguments']): Promise<object> {
    const file = this.#texts[numberIn(given, 'sourceReference', 0) - 1]
    const text = file === undefined ? null : await this.#running().ask({ ask: 'text', file })
    if (text === null) throw new DapError('the text of this file is not known')
    return { content: text }
  }

  async #sources(): Promise<object> {
    const files = await this.#running().ask({ ask: 'sources' })
    return { sources: files.map((file) => this.#sourceOf(file)) }
  }

  async #memory(given: DapRequest['arguments']): Promise<object> {
    const index = referenceIn(given, 'memory')
    const offset = Math.max(0, numberIn(given, 'offset', 0))
    const count = Math.max(0, numberIn(given, 'count', 0))
    const { hex } = await this.#standing().ask({ ask: 'memory', index, offset, count })
    const data = Buffer.from(hex.slice(2), 'hex')
    return { address: `0x${offset.toString(16)}`, data: data.toString('base64'), unreadableBytes: count - data.length }
  }

  async #disassemble(given: DapRequest['arguments']): Promise<object> {
    const index = referenceIn(given, 'code')
    const count = numberIn(given, 'instructionCount', 0)
    const before = -numberIn(given, 'instructionOffset', 0)
    const code = await this.#standing().ask({ ask: 'code', index, before, count })
    const instructions = code.map(({ offset, text, function: name, line }) => ({
      ...{ address: `0x${offset.toString(16)}`, instruction: text, symbol: name },
      ...(line === null ? {} : { line }),
    }))
    return { instructions }
  }
}

function moveOf(command: string, isInstruction: boolean): Move | null {
  switch (command) {
    case 'next':
      return { how: isInstruction ? 'instruction' : 'over', back: false }
    case 'stepIn':
      return { how: isInstruction ? 'instruction' : 'into', back: false }
    case 'stepOut':
      return { how: 'out', back: false }
    case 'stepBack':
      return { how: isInstruction ? 'instruction' : 'over', back: true }
    case 'continue':
      return { how: 'continue', back: false }
    case 'reverseContinue':
      return { how: 'continue', back: true }
    default:
      return null
  }
}

/** `memory:2` is that of function 2 of the stack. */
function referenceIn(given: DapRequest['arguments'], kind: string): number {
  const found = /^(\w+):(\d{1,9})$/.exec(textIn(given, 'memoryReference') ?? '')
  if (found === null || found[1] !== kind) throw new DapError(`a reference to ${kind} is ${kind}:N`)
  return Number(found[2])
}

function fileAt(files: readonly SourceFile[], path: string): SourceFile | null {
  const exact = files.find(({ file, root }) => file === path || (root !== null && resolve(root, file) === path))
  return exact ?? files.find(({ file }) => path.endsWith(`/${file}`)) ?? null
}
