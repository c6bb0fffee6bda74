/** The SDK's source files (contracts/as), as the compiler's library. */

import { readdirSync, readFileSync } from 'node:fs'
import { asc } from './compiler.ts'
import { SDK_IMPORT } from './sources.ts'

const SDK_DIRECTORY = new URL('../../as/', import.meta.url)

/** SDK files by their path without extension, in order of path; Bytes1 to Bytes31 made from Bytes32 among them. */
export function readSdk(): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  const paths = readdirSync(SDK_DIRECTORY, { recursive: true })
    .map((path) => String(path).replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts'))
  for (const path of [...paths, 'fixedBytes.ts'].sort()) {
    const text = path === 'fixedBytes.ts' ? '' : readFileSync(new URL(path, SDK_DIRECTORY), 'utf8')
    files.set(path.slice(0, -3), text)
  }
  files.set('fixedBytes', smallerBytes(files.get('bytes32') ?? ''))
  return files
}

/** Makes the SDK importable, and its allocator the runtime. */
export function installSdk(files: ReadonlyMap<string, string>): void {
  for (const [path, text] of files) asc.libraryFiles[`${SDK_IMPORT}/${path}`] = text
  asc.libraryFiles['rt/stub'] = files.get('allocator') ?? ''
}

function smallerBytes(bytes32: string): string {
  const start = bytes32.indexOf('@final')
  const imports = bytes32.slice(0, bytes32.indexOf('const SIZE')).replace(/^\/\*\*[\s\S]*?\*\/\n/, '')
  const classes = Array.from({ length: 31 }, (_, i) =>
    bytes32
      .slice(start)
      .replaceAll('Bytes32', `Bytes${i + 1}`)
      .replaceAll(/\bSIZE\b/g, String(i + 1)),
  )
  return imports + classes.join('\n')
}
