/** The language server of TypeScript 7 over its protocol (LSP 3.17), as an editor talks to it. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const SERVER = join(import.meta.dirname, '../../../node_modules/typescript/bin/tsc')
const HEADER_END = '\r\n\r\n'

export interface Diagnostic {
  /** Counted from 0, as the protocol does. */
  readonly range: { readonly start: { readonly line: number; readonly character: number } }
  readonly message: string
}

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: { readonly items?: readonly unknown[] }
  readonly result?: unknown
  readonly error?: unknown
}

export class LanguageServer {
  readonly #process
  readonly #answers = new Map<number, (answer: Message) => void>()
  #received = Buffer.alloc(0)
  #ids = 0

  private constructor(directory: string) {
    this.#process = spawn(process.execPath, [SERVER, '--lsp', '--stdio'], {
      cwd: directory,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    this.#process.stdout.on('data', (bytes: Buffer) => this.#receive(bytes))
  }

  static async start(directory: string): Promise<LanguageServer> {
    const server = new LanguageServer(directory)
    await server.#ask('initialize', {
      processId: process.pid,
      rootUri: pathToFileURL(directory).href,
      capabilities: { textDocument: { diagnostic: {}, hover: { contentFormat: ['markdown'] } } },
    })
    server.#send({ method: 'initialized', params: {} })
    return server
  }

  open(path: string, text: string): void {
    const textDocument = { uri: pathToFileURL(path).href, languageId: 'typescript', version: 1, text }
    this.#send({ method: 'textDocument/didOpen', params: { textDocument } })
  }

  change(path: string, text: string, version: number): void {
    const textDocument = { uri: pathToFileURL(path).href, version }
    this.#send({ method: 'textDocument/didChange', params: { textDocument, contentChanges: [{ text }] } })
  }

  async diagnostics(path: string): Promise<readonly Diagnostic[]> {
    const textDocument = { uri: pathToFileURL(path).href }
    const { items } = (await this.#ask('textDocument/diagnostic', { textDocument })) as { items: readonly Diagnostic[] }
    return items
  }

  /** What is shown at the first place of the word in the text, as Markdown. */
  async hover(path: string, text: string, word: string): Promise<string> {
    const before = text.slice(0, text.indexOf(word)).split('\n')
    const position = { line: before.length - 1, character: before.at(-1)!.length }
    const shown = await this.#ask('textDocument/hover', { textDocument: { uri: pathToFileURL(path).href }, position })
    return (shown as { contents: { value: string } } | null)?.contents.value ?? ''
  }

  close(): void {
    this.#process.kill()
  }

  #send(message: object): void {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message })
    this.#process.stdin.write(`Content-Length: ${Buffer.byteLength(text)}${HEADER_END}${text}`)
  }

  async #ask(method: string, params: object): Promise<unknown> {
    const id = ++this.#ids
    const answered = new Promise<Message>((resolve) => this.#answers.set(id, resolve))
    this.#send({ id, method, params })
    const { result, error } = await answered
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`)
    return result
  }

  #receive(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes])
    for (;;) {
      const end = this.#received.indexOf(HEADER_END)
      if (end < 0) return
      const length = Number(/Content-Length: (\d+)/i.exec(this.#received.subarray(0, end).toString())![1])
      const start = end + HEADER_END.length
      if (this.#received.length < start + length) return
      const message = JSON.parse(this.#received.subarray(start, start + length).toString()) as Message
      this.#received = this.#received.subarray(start + length)
      this.#take(message)
    }
  }

  #take({ id, method, params, ...answer }: Message): void {
    if (id === undefined) return
    if (method === undefined) this.#answers.get(id)!(answer)
    // An editor without settings of its own.
    else this.#send({ id, result: params?.items?.map(() => null) ?? null })
  }
}
