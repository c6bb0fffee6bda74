/**
 * Reads every `catch` in the code that consensus reaches and fails on one that may swallow an error it does not know by
 * type. A failure of this machine (a stack overflow, no memory) is an exception too; swallowed, it becomes a result that
 * other machines do not get. docs/rationale/state.md, "Why does no exception decide what is valid?", says more.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseAst } from 'rolldown/parseAst'
import { describe, expect, it } from 'vitest'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')

/** The code that executes blocks, and the code that decodes messages of others. */
const folders = [
  'vm/src',
  ...['execution', 'crypto', 'codec', 'state', 'trie', 'types', 'chain', 'divergence', 'replay'].map(
    (room) => `node/src/${room}`,
  ),
]

/** Catches that the rule cannot follow, by the file and the statement in question, and why they are right. */
const exceptions: readonly { readonly file: string; readonly statement: string; readonly reason: string }[] = [
  {
    file: 'vm/src/engine/compiled/instance.ts',
    statement: 'throw new InstantiationTrap(instantiationTrap(error).toTrap())',
    reason: 'instantiationTrap throws again what is no RuntimeError of the host',
  },
  {
    file: 'vm/src/engine/compiled/instance.ts',
    statement: 'return this.#stopped(error, before)',
    reason: '#stopped() throws again what trapOf() does not know',
  },
  {
    file: 'vm/src/engine/compiled/hostedModule.ts',
    statement: 'throw error instanceof HostExit ? error : new HostFault(error)',
    reason: 'it only carries the error through the host; instance.ts throws what is in it',
  },
  {
    file: 'vm/src/engine/compiled/hostedModule.ts',
    statement: 'throw new HostFault(error)',
    reason: 'as above',
  },
  {
    file: 'vm/src/engine/idlePool.ts',
    statement: 'return make()',
    reason:
      'only after a RangeError, the host being out of room; the second failure is thrown as the first would have been',
  },
  {
    file: 'node/src/chain/secondLine.ts',
    statement: 'return { ok: false, fault: faultOf(error, block, transaction, config.engine) }',
    reason: 'the one place where any error is caught: none is a result, and the block is executed again',
  },
  {
    file: 'node/src/divergence/explain.ts',
    statement: 'return { finding: null, trouble: textOf(error) }',
    reason:
      'for people: the block was found invalid, or the replay unequal, before, and stays so whatever comes out here',
  },
  {
    file: 'node/src/chain/worker/executionMarkFile.ts',
    statement: 'throw storeErrorOf(error, path)',
    reason:
      'an error of the operating system, told by its `syscall`: the disk is at fault, and everything else is thrown on',
  },
  {
    file: 'node/src/chain/worker/quarantine.ts',
    statement: 'throw storeErrorOf(error, directory)',
    reason: 'files of its own, outside every execution; whatever goes wrong with them stops the node',
  },
  {
    file: 'node/src/chain/worker/quarantine.ts',
    statement: 'return null',
    reason: 'no such file, by its code: a person deleted it while the directory was read; nothing is executed there',
  },
  {
    file: 'node/src/chain/commitDrafts.ts',
    statement: 'if (!isStoreError(error)) throw error',
    reason:
      'a read of the store that failed, told by its name; the commit itself reads again and throws what is still wrong',
  },
  {
    file: 'node/src/chain/inProcessChain.ts',
    statement: '() => {}',
    reason: 'the same promise is given to the caller, who gets the error; this one only puts the next call in its turn',
  },
  {
    file: 'node/src/chain/worker/entry.ts',
    statement: 'port.close()',
    reason: "the error goes whole to the caller in the other thread, where any but the chain's own stops the node",
  },
  {
    file: 'node/src/chain/worker/entry.ts',
    statement: "send({ kind: 'error', id, error: errorToWire(error) })",
    reason: 'as above',
  },
  {
    file: 'node/src/chain/worker/practise.ts',
    statement: 'return false',
    reason:
      'a RangeError of practice, outside every execution: it gives no result, and ends with the engines made as new',
  },
  {
    file: 'node/src/chain/statePruner.ts',
    statement: 'this.#failure = error instanceof Error ? error : new Error(String(error))',
    reason: 'kept, and thrown at the next block, where it stops the node; no result comes out of letting states go',
  },
  {
    file: 'node/src/chain/statePruner.ts',
    statement: '() => {}',
    reason:
      'the same promise is given to the caller, who gets the error; this one only puts the next write in its turn',
  },
  {
    file: 'node/src/chain/worker/calls/entry.ts',
    statement: 'throw error',
    reason: 'the error that was caught, or the reason of a missing node that whyMissing found, which is a ChainError',
  },
  {
    file: 'node/src/chain/worker/calls/entry.ts',
    statement: "send({ kind: 'error', error: errorToWire(error) })",
    reason: 'after the line above only errors that are known by type come here',
  },
  {
    file: 'node/src/crypto/nativeProvider.ts',
    statement: 'return null',
    reason:
      'at the start of a thread, before anything is executed: no file of the library, by its code, so another recovers',
  },
  {
    file: 'node/src/chain/worker/calls/callPool.ts',
    statement: 'return false',
    reason:
      'starts a thread for calls, which are no part of consensus; what went wrong is logged and told to who asked',
  },
]

describe('no catch in what consensus reaches swallows an error that it does not know by type', () => {
  const found = folders.flatMap((folder) => sourcesOf(join(root, folder))).flatMap(faultsOf)

  it('in any file', () => {
    const unknown = found.filter(
      ({ file, statement }) => !exceptions.some((e) => e.file === file && e.statement === statement),
    )
    expect(unknown.map(({ file, line, statement, what }) => `${file}:${line}: ${what}: ${statement}`)).toEqual([])
  })

  it('and every exception to the rule is one still', () => {
    const stale = exceptions.filter(
      (e) => !found.some(({ file, statement }) => e.file === file && e.statement === statement),
    )
    expect(stale).toEqual([])
  })
})

describe('the rule', () => {
  const problems = (body: string): string[] => faultsIn('x.ts', `function f() { ${body} }`).map(({ what }) => what)

  it.each([
    'try { a() } catch (e) { throw e }',
    'try { a() } catch (e) { if (!(e instanceof X)) throw e; return 1 }',
    'try { a() } catch (e) { if (!(e instanceof X) || e.code !== 1) throw e; return 1 }',
    'try { a() } catch (e) { if (!(e instanceof X) && !(e instanceof Y)) throw e; return e.code }',
    'try { a() } catch (e) { if (e instanceof X || e instanceof Y) return 1; if (e instanceof Z) return 2; throw e }',
    'try { a() } catch (e) { if (e instanceof X) { return 1 } else { b(); throw e } }',
    'try { a() } catch (e) { throw e instanceof X ? e.within(1) : e }',
    'try { a() } catch (e) { if (!(e instanceof X)) throw e; throw new Y(e) }',
    'try { a() } finally { b() }',
    'a().catch((e) => { if (!(e instanceof X)) throw e })',
  ])('passes %s', (body) => expect(problems(body)).toEqual([]))

  it.each([
    ['try { a() } catch { return 1 }', 'a catch without a binding'],
    ['try { a() } catch {}', 'a catch without a binding'],
    ['try { a() } catch (e) {}', 'ends without knowing the error'],
    ['try { a() } catch (e) { return e.message }', 'returns without knowing the error'],
    ['try { a() } catch (e) { if (e.code === 1) throw e; return 1 }', 'returns without knowing the error'],
    ['try { a() } catch (e) { if (e instanceof X && b) throw e; return 1 }', 'returns without knowing the error'],
    ['try { a() } catch (e) { if (!(e instanceof X) && b) throw e; return 1 }', 'returns without knowing the error'],
    ['try { a() } catch (e) { if (e instanceof X) return 1 }', 'ends without knowing the error'],
    ['try { a() } catch (e) { if (!(e instanceof Error)) throw e }', 'ends without knowing the error'],
    ['try { a() } catch (e) { if (!(e instanceof RangeError)) throw e }', 'ends without knowing the error'],
    ['try { a() } catch (e) { throw new X(e) }', 'throws another error without knowing this one'],
    ['for (;;) { try { a() } catch (e) { continue } }', 'leaves without knowing the error'],
    ['try { a() } finally { return 1 }', 'a finally that leaves drops the error'],
    ['a().catch(() => {})', 'a handler without a parameter'],
    ['a().catch((e) => 1)', 'returns without knowing the error'],
    ['a().then(b, (e) => { c(e) })', 'ends without knowing the error'],
    ['a().catch(handle)', 'a handler that is not written here'],
  ])('refuses %s', (body, what) => expect(problems(body)).toEqual([what]))
})

interface Fault {
  readonly file: string
  readonly line: number
  readonly what: string
  /** The text of the statement at fault. */
  readonly statement: string
}

/** A node of ESTree, as far as this file looks at it. */
interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  // biome-ignore lint/suspicious/noExplicitAny: the properties of a node depend on its type
  readonly [property: string]: any
}

function sourcesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.ts$/.test(entry.name) && !/\.test\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.split(sep).includes('testing'))
}

function faultsOf(path: string): Fault[] {
  return faultsIn(relative(root, path).split(sep).join('/'), readFileSync(path, 'utf8'))
}

function faultsIn(file: string, text: string): Fault[] {
  const faults: Fault[] = []
  const fault = (node: Node, what: string): void => {
    const line = text.slice(0, node.start).split('\n').length
    faults.push({ file, line, what, statement: text.slice(node.start, node.end).trim().replace(/;$/, '') })
  }
  walk(parseAst(text, { lang: 'ts' }) as unknown as Node, (node) => {
    if (node.type === 'CatchClause') {
      if (node['param'] === null) fault(node, 'a catch without a binding')
      else checkBody(node['body'], nameOf(node['param']), fault)
    }
    if (node.type === 'TryStatement' && node['finalizer'] !== null && leavesBy(node['finalizer'])) {
      fault(node['finalizer'], 'a finally that leaves drops the error')
    }
    const handler = rejectionHandler(node)
    if (handler !== null) checkHandler(handler, fault)
  })
  return faults
}

type Report = (node: Node, what: string) => void

/** The handler of `promise.catch(handler)` or `promise.then(_, handler)`. */
function rejectionHandler(node: Node): Node | null {
  if (node.type !== 'CallExpression' || node['callee'].type !== 'MemberExpression') return null
  const method = nameOf(node['callee'].property)
  const [first, second] = node['arguments'] as Node[]
  return (method === 'catch' ? first : method === 'then' ? second : undefined) ?? null
}

function checkHandler(handler: Node, fault: Report): void {
  if (handler.type !== 'ArrowFunctionExpression' && handler.type !== 'FunctionExpression') {
    fault(handler, 'a handler that is not written here')
    return
  }
  const [parameter] = handler['params'] as Node[]
  if (parameter === undefined) fault(handler, 'a handler without a parameter')
  else if (handler['body'].type === 'BlockStatement') checkBody(handler['body'], nameOf(parameter), fault)
  else fault(handler, 'returns without knowing the error')
}

function checkBody(body: Node, error: string, fault: Report): void {
  const end = follow(body, { error, known: false }, fault)
  const last = (body['body'] as Node[]).at(-1) ?? body
  if (end === 'unknown') fault(last, 'ends without knowing the error')
}

interface Knowledge {
  readonly error: string
  /** Whether the error's type was tested on the way here, so that it is one that is expected. */
  readonly known: boolean
}

/** The knowledge after a statement; `left` when nothing comes after it. */
function follow(statement: Node, at: Knowledge, fault: Report): 'known' | 'unknown' | 'left' {
  const { error, known } = at
  switch (statement.type) {
    case 'BlockStatement': {
      let now = known
      for (const inner of statement['body'] as Node[]) {
        const after = follow(inner, { error, known: now }, fault)
        if (after === 'left') return 'left'
        now = after === 'known'
      }
      return now ? 'known' : 'unknown'
    }
    case 'IfStatement': {
      const { test, consequent, alternate } = statement as unknown as Record<string, Node | null>
      const then = follow(consequent!, { error, known: known || tells(test!, error, true) }, fault)
      const otherwise = known || tells(test!, error, false)
      const not =
        alternate === null ? (otherwise ? 'known' : 'unknown') : follow(alternate!, { error, known: otherwise }, fault)
      if (then === 'left') return not
      if (not === 'left') return then
      return then === 'known' && not === 'known' ? 'known' : 'unknown'
    }
    case 'ThrowStatement':
      if (!isThrownOn(statement['argument'], at)) fault(statement, 'throws another error without knowing this one')
      return 'left'
    case 'ReturnStatement':
      if (!known) fault(statement, 'returns without knowing the error')
      return 'left'
    case 'BreakStatement':
    case 'ContinueStatement':
      if (!known) fault(statement, 'leaves without knowing the error')
      return 'left'
    default:
      return known ? 'known' : 'unknown'
  }
}

/** Whether what is thrown is the error itself, unless its type is known. */
function isThrownOn(thrown: Node, { error, known }: Knowledge): boolean {
  if (known || (thrown.type === 'Identifier' && nameOf(thrown) === error)) return true
  if (thrown.type !== 'ConditionalExpression') return false
  const { test, consequent, alternate } = thrown as unknown as Record<string, Node>
  return (
    isThrownOn(consequent!, { error, known: tells(test!, error, true) }) &&
    isThrownOn(alternate!, { error, known: tells(test!, error, false) })
  )
}

/** The classes of every exception, or of a stack overflow: knowing that is knowing nothing. */
const tooWide = ['Error', 'RangeError', 'Object']

/** Whether a condition that came out as `outcome` says of which type the error is. */
function tells(test: Node, error: string, outcome: boolean): boolean {
  if (test.type === 'ParenthesizedExpression') return tells(test['expression'], error, outcome)
  if (test.type === 'UnaryExpression' && test['operator'] === '!') return tells(test['argument'], error, !outcome)
  if (test.type === 'LogicalExpression' && test['operator'] !== '??') {
    const left = tells(test['left'], error, outcome)
    const right = tells(test['right'], error, outcome)
    // Both sides of an `and` hold when it does; of an `or`, neither when it does not.
    return (test['operator'] === '&&') === outcome ? left || right : left && right
  }
  if (test.type !== 'BinaryExpression' || test['operator'] !== 'instanceof' || !outcome) return false
  return nameOf(test['left']) === error && !tooWide.includes(nameOf(test['right']))
}

/** Whether a statement leaves the block around it other than at its end. */
function leavesBy(block: Node): boolean {
  let leaves = false
  walk(block, (node) => {
    if (/^(Return|Break|Continue)Statement$/.test(node.type)) leaves = true
  })
  return leaves
}

function nameOf(node: Node): string {
  return node.type === 'Identifier' ? node['name'] : ''
}

function walk(node: Node, visit: (node: Node) => void): void {
  visit(node)
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child === 'object' && child !== null && typeof child.type === 'string') walk(child, visit)
    }
  }
}
