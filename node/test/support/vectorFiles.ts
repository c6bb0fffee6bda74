/** Test vectors from public repositories live beside this repository, in ../shared/vectors; without them, tests skip. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe } from 'vitest'

const VECTORS = fileURLToPath(new URL('../../../../shared/vectors/', import.meta.url))

/** A suite over the vectors in `folder`; skipped, and said so, where the folder is absent. */
export function describeVectors(folder: string, body: (files: VectorFolder) => void): void {
  const path = join(VECTORS, folder)
  const present = existsSync(path)
  const title = present ? folder : `${folder} (skipped: ../shared/vectors/${folder} is not there)`
  describe.skipIf(!present)(title, () => {
    if (present) body(new VectorFolder(path))
  })
}

export class VectorFolder {
  readonly #path: string
  constructor(path: string) {
    this.#path = path
  }

  /** Names of the JSON files here and below, sorted. */
  names(): string[] {
    return readdirSync(this.#path, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.json'))
      .sort()
  }

  json<T>(name: string): T {
    return JSON.parse(readFileSync(join(this.#path, name), 'utf8')) as T
  }
}
