/** The replay as one file of plain JavaScript: for versions of Node that strip no types, and for a browser. */
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const entry = fileURLToPath(new URL('../../src/replay/entry.ts', import.meta.url))

export interface ReplayBundle {
  readonly code: string
  /** The imports left in the file; a pure one has none. */
  readonly imports: readonly string[]
  /** Every source file and package file in it, by absolute path. */
  readonly modules: readonly string[]
}

/** Exports what node/src/replay/entry.ts exports. Bundled for no platform, so nothing of one is filled in. */
export async function bundleReplay(): Promise<ReplayBundle> {
  const bundle = await rolldown({ input: entry, platform: 'neutral', resolve: { conditionNames: ['import'] } })
  try {
    const { output } = await bundle.generate({ format: 'esm', codeSplitting: false })
    const [chunk] = output
    return { code: chunk.code, imports: [...chunk.imports, ...chunk.dynamicImports], modules: chunk.moduleIds }
  } finally {
    await bundle.close()
  }
}
