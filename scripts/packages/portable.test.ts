import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { PACKAGES, readImports } from '../importGraph.ts'
import { publishedManifest } from './manifest.ts'
import { OLD_NODE_TEXT, portable } from './portable.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const manifestOf = (name: string) => JSON.parse(read(`${name}/package.json`))

it('names the emitted file where a source was named', () => {
  expect(portable("x(new URL('./entry.ts', import.meta.url))", 'src/a.js')).toBe(
    "x(new URL('./entry.js', import.meta.url))",
  )
  expect(portable("export { A } from './a.ts'; type B = import('../b.ts').B", 'src/a.d.ts')).toBe(
    "export { A } from './a.js'; type B = import('../b.js').B",
  )
  expect(() => portable("new Worker('./entry.ts')", 'src/a.js')).toThrow('src/a.js names a source file')
})

it('gives a file what Node 20 lacks, in the line that is there', () => {
  expect(portable('\nPromise.withResolvers()', 'src/chain/a.js')).toBe(
    "import '../oldNode.js'; \nPromise.withResolvers()",
  )
  expect(portable("import { x } from '@libp2p/tcp'", 'src/a.js')).toMatch(/^import '\.\/oldNode\.js'; import/)
})

it('stands for both as the language has them', async () => {
  const real = { withResolvers: Promise.withResolvers, groupBy: Map.groupBy }
  try {
    Object.assign(Promise, { withResolvers: undefined })
    Object.assign(Map, { groupBy: undefined })
    new Function(OLD_NODE_TEXT)()
    const { promise, resolve } = Promise.withResolvers<number>()
    resolve(3)
    expect(await promise).toBe(3)
    const { promise: refused, reject } = Promise.withResolvers<number>()
    reject(new Error('no'))
    await expect(refused).rejects.toThrow('no')
    expect(Map.groupBy([1, 2, 3], (n) => n % 2 === 0)).toEqual(real.groupBy([1, 2, 3], (n) => n % 2 === 0))
  } finally {
    Object.assign(Promise, { withResolvers: real.withResolvers })
    Object.assign(Map, { groupBy: real.groupBy })
  }
})

it.each(PACKAGES)('publishes %s without what only the repository needs', (name) => {
  const published = publishedManifest(manifestOf(name))
  expect(published.name).toBe(`@touchstone/${name}`)
  expect(published).not.toHaveProperty('private')
  expect(published).not.toHaveProperty('devDependencies')
  // Below `as/` is AssemblyScript, which is compiled with a contract and therefore published as it stands.
  const exported = JSON.stringify(published.exports)
    .replaceAll('.d.ts', '')
    .replaceAll(/"\.\/as\/[^"]*\.ts"/g, '')
  expect(exported).not.toContain('.ts"')
})

it('lists what the programs of a package bring of others, at the version that those are pinned to', () => {
  const published = (name: string) => publishedManifest(manifestOf(name), { level: '10.0.0', ws: '0.0.1' })
  expect(published('devnet').dependencies).toMatchObject({ ...manifestOf('devnet').dependencies, level: '10.0.0' })
  expect(published('vm')).not.toHaveProperty('dependencies')
})

it.each(PACKAGES)('of %s every package that a source takes values or types from is a dependency', (name) => {
  const { dependencies = {}, peerDependencies = {} } = manifestOf(name)
  const used = readImports()
    .filter(({ file }) => file.startsWith(`${name}/src/`))
    .map(({ target }) => /^(?:@[^/]+\/)?[^/]+/.exec(target)![0])
    .filter((target) => !/^(node:|\$)/.test(target) && !(PACKAGES as readonly string[]).includes(target.split('/')[0]!))
  const missing = [...new Set(used)].filter((target) => !(target in dependencies) && !(target in peerDependencies))
  expect(missing).toEqual([])
})
