/** Changes in the folders of a project that a person edits, told once it is quiet: an editor writes a file in steps. */
import { existsSync, type FSWatcher, watch } from 'node:fs'
import { join } from 'node:path'

export interface SourceChange {
  /** Contracts, which their tests follow. */
  readonly contracts: boolean
  /** Paths relative to the project, by name; the first few. */
  readonly paths: readonly string[]
}

/** Milliseconds without a further change. */
const QUIET_MS = 100
/** Paths that are remembered of one change. */
const MAX_PATHS = 16
/** Editors write others beside the files they save. */
const SOURCE = /\.(ts|mts|js|mjs|json|sol|c|h|rs|toml)$/

export class SourceWatch {
  readonly #watchers: FSWatcher[] = []
  readonly #paths = new Set<string>()
  #contracts = false
  #timer: NodeJS.Timeout | undefined
  #waiting: { resolve(change: SourceChange): void; reject(error: Error): void } | null = null
  #failure: Error | null = null

  /**
   * Watches `assembly/`, or where there is none the folder itself and its `src/`, and, if there is one, `test/`.
   * @throws the system's error when it watches no more folders.
   */
  constructor(directory: string) {
    if (existsSync(join(directory, 'assembly'))) this.#follow(directory, 'assembly', true)
    else {
      this.#follow(directory, '', true)
      if (existsSync(join(directory, 'src'))) this.#follow(directory, 'src', true)
    }
    if (existsSync(join(directory, 'test'))) this.#follow(directory, 'test', false)
  }

  /** The next change since the one before was taken. One waits at a time. */
  next(): Promise<SourceChange> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      if (this.#failure !== null) reject(this.#failure)
      else if (this.#paths.size > 0) this.#whenQuiet()
    })
  }

  close(): void {
    clearTimeout(this.#timer)
    for (const watcher of this.#watchers) watcher.close()
  }

  #follow(directory: string, folder: string, contracts: boolean): void {
    const watcher = watch(join(directory, folder), { recursive: folder !== '' })
    watcher.on('change', (_event, file) => {
      const name = String(file ?? '').replaceAll('\\', '/')
      const path = folder === '' ? name : `${folder}/${name}`
      if (!SOURCE.test(path)) return
      if (this.#paths.size < MAX_PATHS) this.#paths.add(path)
      this.#contracts ||= contracts
      this.#whenQuiet()
    })
    watcher.on('error', (error: Error) => {
      this.#failure = error
      this.#waiting?.reject(error)
    })
    this.#watchers.push(watcher)
  }

  #whenQuiet(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      const waiting = this.#waiting
      if (waiting === null) return
      const change = { contracts: this.#contracts, paths: [...this.#paths].sort() }
      this.#paths.clear()
      this.#contracts = false
      this.#waiting = null
      waiting.resolve(change)
    }, QUIET_MS)
  }
}
