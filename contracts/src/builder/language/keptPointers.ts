/**
 * Whether the code that a loop runs keeps pointers to memory that the loop has taken, so that they outlive a round: asked of
 * the module before it is optimised, where every function of the author's is still one and every call is resolved.
 *
 * The author's functions may not write to memory or to globals at all, nor take numbers for addresses; objects of classes
 * marked @struct and the like are only made, and by constructors without statements. Of the SDK they may call what makes
 * values, reads and writes storage, logs or reverts: none of that keeps a pointer (its globals are flags, what it writes in
 * memory it has taken itself, and where entries of mappings are it forgets with the memory). Of AssemblyScript's library
 * they may read arrays and join and compare strings. What a package from npm does is not looked at, so a loop that calls
 * one keeps its memory.
 */

import { unquoted } from '../callGraph.ts'
import type { BinaryenModule } from '../compiler.ts'
import { internals } from '../internals.ts'
import { isInPackage } from '../packages.ts'
import { isPart, SDK_IMPORT } from '../sources.ts'
import type { Session } from './hooks.ts'
import { GIVES_BACK } from './loops.ts'

/** A function, or a loop in one: what stands in it, and in what it encloses. */
interface Code {
  readonly calls: Set<string>
  writes: boolean
}

interface Loop extends Code {
  /** The function that it stands in. */
  readonly within: string
}

interface ModuleCode {
  readonly functions: ReadonlyMap<string, Code>
  /** By the constants that say whether they give memory back. */
  readonly loops: ReadonlyMap<string, Loop>
}

const TOKEN = new RegExp(
  [
    String.raw`;;[^\n]*`,
    String.raw`\(;.*?;\)`,
    String.raw`"(?:[^"\\]|\\.)*"`,
    String.raw`\((?<word>[\w.]+)(?:\s+\$(?<name>"(?:[^"\\]|\\.)*"|[^\s()]+))?`,
    String.raw`\)`,
  ].join('|'),
  'g',
)

/** Instructions that write to memory, to a table or to globals, or call what is not named. */
const WRITES =
  /^(?:i32\.store|i64\.store|f32\.store|f64\.store|v128\.store|memory\.|table\.|global\.set$|call_indirect$|return_call)/

/** Adds for each loop the constant that says whether it gives memory back. */
export function decideLoops(module: BinaryenModule, session: Session, records: ReadonlySet<string>): void {
  if (session.loops.length === 0) return
  const code = moduleCode(module.emitText())
  for (const name of session.loops) {
    const loop = code.loops.get(name)
    // Code that was compiled twice has left names that nothing has.
    if (loop === undefined) continue
    const gives = !keepsPointers(loop, code.functions, session.usesAddresses, records)
    module.addGlobal(name, internals.TypeRef.I32, false, module.i32.const(gives ? 1 : 0))
  }
}

function keepsPointers(
  loop: Loop,
  functions: ReadonlyMap<string, Code>,
  usesAddresses: ReadonlySet<string>,
  records: ReadonlySet<string>,
): boolean {
  if (loop.writes || usesAddresses.has(loop.within)) return true
  const reached = new Set<string>()
  const toVisit: [caller: string | null, name: string][] = [...loop.calls].map((name) => [null, name])
  for (let next = toVisit.pop(); next !== undefined; next = toVisit.pop()) {
    const [caller, name] = next
    const file = FILE.exec(name)?.[1]
    if (file !== undefined && isInPackage(`~lib/${file}`)) return true
    if (!isAuthors(name)) {
      if ((caller === null || isAuthors(caller)) && !isHarmless(name, caller, records)) return true
    } else if (!isGenerated(name, records)) {
      const isMaker = isConstructorOf(name, records) || isFilling(name, caller, records)
      if (usesAddresses.has(name) || (functions.get(name)?.writes === true && !isMaker)) return true
    }
    if (reached.has(name)) continue
    reached.add(name)
    for (const callee of functions.get(name)?.calls ?? []) toVisit.push([name, callee])
  }
  return false
}

/** The file in the name of a library function. */
const FILE = /^~lib\/((?:[\w@.-]+\/)*[\w@.-]+)\//

function isAuthors(name: string): boolean {
  return !name.startsWith('~') || isPart(name)
}

/** Methods that the build gives to records, and the classes that stand for structs in storage. */
const RECORD_METHODS = /^(.*)#__(?:dynamic|head|body|write|read|typed|slots|width|load|save|clear|emit|revert|zero)$/
const STORED = /(?:^|\/)__Stored_\w+#/

function isGenerated(name: string, records: ReadonlySet<string>): boolean {
  return STORED.test(name) || records.has(RECORD_METHODS.exec(name)?.[1] ?? '')
}

function isConstructorOf(name: string, records: ReadonlySet<string>): boolean {
  return name.endsWith('#constructor') && records.has(name.slice(0, -'#constructor'.length))
}

/** Whether a constructor fills in a member of its own object. */
function isFilling(name: string, caller: string | null, records: ReadonlySet<string>): boolean {
  const [of, member] = name.split('#set:')
  return member !== undefined && caller === `${of}#constructor` && isConstructorOf(caller, records)
}

const SDK_ROOT = `~lib/${SDK_IMPORT}/`
/**
 * Parts of the SDK that keep what they are given: interfaces of other contracts keep wei for their next call, arrays of
 * fixed length their elements.
 */
const KEEPS = /^(?:call\/RemoteContract|fixedArray\/FixedArray<.*>#(?:set|__set|__put)$)/
/** Functions of AssemblyScript's library that may be called. */
const LIBRARY = new RegExp(
  `^~lib/(?:${[
    'array/Array<.*>#(?:__get|get:length)',
    'staticarray/StaticArray<.*>#(?:__get|get:length)',
    'string/String#(?:concat|charCodeAt|get:length|substring|slice)',
    'string/String\\.(?:__concat|__eq|__ne)',
  ].join('|')})$`,
)
/** Functions that make an object. */
const MAKING = /^~lib\/(?:rt\/stub\/(?:__alloc|__new)|object\/Object#constructor)$/

/** Whether a library function may be called by the author's code (`caller`; null in the loop itself). */
function isHarmless(name: string, caller: string | null, records: ReadonlySet<string>): boolean {
  if (name.startsWith(SDK_ROOT)) return !KEEPS.test(name.slice(SDK_ROOT.length))
  if (LIBRARY.test(name) || LOOPS.test(name)) return true
  return caller !== null && (isConstructorOf(caller, records) || isGenerated(caller, records)) && MAKING.test(name)
}

/** The build's own calls at the beginning of a loop and of its rounds. */
const LOOPS = /^~lib\/rt\/stub\/(?:loopLimit|keepForLoop|giveBack)$/

/** Reads a module's text (WebAssembly core specification, 6: text format). */
function moduleCode(text: string): ModuleCode {
  const functions = new Map<string, Code>()
  const loops = new Map<string, Loop>()
  /** Functions and loops around the place, each with its depth. */
  const around: { readonly code: Loop; readonly depth: number }[] = []
  let depth = 0
  for (const { 0: token, groups } of text.matchAll(TOKEN)) {
    if (token.startsWith('"') || token.startsWith(';;') || token.startsWith('(;')) continue
    if (token === ')') {
      depth--
      while ((around.at(-1)?.depth ?? -1) > depth) around.pop()
      continue
    }
    depth++
    const { word, name: quoted } = groups as { word: string; name?: string }
    const name = quoted === undefined ? '' : unquoted(quoted)
    if (word === 'func' || word === 'loop') {
      const within = word === 'func' ? name : (around[0]?.code.within ?? '')
      const code: Loop = { calls: new Set(), writes: false, within }
      if (word === 'func') functions.set(name, code)
      around.push({ code, depth })
    } else if (word === 'call') for (const { code } of around) code.calls.add(name)
    else if (word === 'global.get' && name.startsWith(GIVES_BACK)) {
      const innermost = around.at(-1)
      if (innermost !== undefined) loops.set(name, innermost.code)
    } else if (WRITES.test(word) && name !== '~argumentsLength') for (const { code } of around) code.writes = true
  }
  return { functions, loops }
}
