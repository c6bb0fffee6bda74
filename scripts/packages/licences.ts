/** The licences of packages that are bundled, as their own files say them: most ask to go with every copy. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface BundledPackage {
  /** Absolute. */
  readonly folder: string
  readonly manifest: Readonly<Record<string, unknown>>
}

/** Those under which what we publish may hold a copy, if their text goes with it. */
const TAKEN: ReadonlySet<string> = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'Apache-2.0 OR MIT',
  '(Apache-2.0 AND MIT)',
  'MIT OR Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
])

/** Where that licence may be chosen. */
const OFFER_APACHE: ReadonlySet<string> = new Set(['Apache-2.0', 'Apache-2.0 OR MIT', 'MIT OR Apache-2.0'])

const LICENCE_FILE = /^(licen[cs]e|copying|notice)([-.].*)?$/i

/** Folders of the packages of files in `node_modules`, each once, in order. */
export function packageFolders(files: readonly string[]): string[] {
  const inPackage = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/
  const folders = files.flatMap((file) => inPackage.exec(file.replaceAll('\\', '/'))?.[0] ?? [])
  return [...new Set(folders)].sort()
}

/**
 * @param apache the text of the Apache License 2.0, which must go with a copy: most packages that offer it bring none
 * @throws for a package whose licence is another, or which has to go with words that it does not bring
 */
export function licencesOf(packages: readonly BundledPackage[], apache: string): string {
  const parts = packages.map(({ folder, manifest }) => {
    const title = `${manifest['name']} ${manifest['version']}`
    const licence = manifest['license']
    if (typeof licence !== 'string' || !TAKEN.has(licence)) {
      throw new Error(
        `${title} is bundled, and its licence is ${JSON.stringify(licence)}: ${[...TAKEN].join(', ')} are taken`,
      )
    }
    const texts = readdirSync(folder)
      .filter((name) => LICENCE_FILE.test(name) && !name.endsWith('.js'))
      .sort()
      .map((name) => readFileSync(join(folder, name), 'utf8').trim())
    if (texts.length === 0 && !OFFER_APACHE.has(licence)) {
      throw new Error(`${title} is bundled, and has no file with its licence (${licence}), which goes with every copy`)
    }
    return [`${title} (${licence})`, ...texts].join('\n\n')
  })
  return `${[HEAD, ...parts, `${APACHE_HEAD}\n\n${apache.trim()}`].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`
}

const HEAD = 'The files of the folder "programs" hold, beside our own code, code of these packages.'
const APACHE_HEAD = 'Packages above that offer the Apache License 2.0 are copied under it. This is its text.'
