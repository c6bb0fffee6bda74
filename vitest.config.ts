import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Whole networks: four processes each that wait for each other much of the time. */
const networks = ['devnet/test/e2e/**/*.test.ts']
const never = ['**/node_modules/**', '**/build/**']

/** Files below these start processes or threads, fill disks, measure the machine, or take much longer than to load them. */
const ownFolders =
  /^(scripts|devnet\/test|node\/src\/chain\/worker|node\/test\/(faults|hardware|hostile|process|sim|stack|sync)|vm\/core|vm\/test\/(bombs|fuzz|stack))\//
/** Signs that a test changes its process for others, or measures something that others would disturb. */
const ownMarks =
  /\bvi\.(mock|doMock|resetModules|spyOn|stubGlobal|stubEnv|useFakeTimers)\b|process\.(chdir|env\[[^\]]*\] =)|\bqueryObjects\b/

const { shared, own } = sortTests()

/**
 * The longest files begin first, so that no core waits at the end for one long file; the rest follows by size. A file
 * has its rank from the first of these that begins its path.
 */
const longest = [
  'devnet/test/e2e/chaos',
  'devnet/test/e2e/cli',
  'node/test/sim/simulation',
  'devnet/test/e2e/',
  'node/test/hostile/',
  'vm/test/fuzz/engines',
  'node/test/',
  'node/src/sync/joinLate',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const path = relative(import.meta.dirname, moduleId).replaceAll('\\', '/')
      const place = longest.findIndex((start) => path.startsWith(start))
      return place < 0 ? longest.length : place
    }
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

// One more than there are cores, since networks wait: then the others have the cores.
const maxWorkers = availableParallelism() + 1
/**
 * Node itself imports what shares processes: vite puts a look into an object before each use of what was imported, which
 * interpreters feel. A watching run needs vite to know which tests a file concerns.
 */
const isWatching = !process.argv.includes('run')
const globalSetup = 'scripts/bundle/globalSetup.ts'
const limits = {
  testTimeout: 60_000,
  // Fixtures that tests share are made there, and takes as long as they do.
  hookTimeout: 60_000,
  maxWorkers,
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      // To start a process and to load the same sources into it takes longer than most files: these share processes.
      {
        test: {
          name: 'shared',
          include: shared,
          globalSetup,
          isolate: false,
          experimental: { viteModuleRunner: isWatching },
          ...limits,
        },
      },
      { test: { name: 'parts', include: own, globalSetup, ...limits } },
      {
        test: {
          name: 'networks',
          include: networks,
          exclude: never,
          globalSetup,
          testTimeout: 240_000,
          hookTimeout: 120_000,
          maxWorkers,
        },
      },
    ],
  },
})

/** Every test file but those of networks: may it run in one process with others, one after the other? By its text. */
function sortTests(): { shared: string[]; own: string[] } {
  const files = ['vm', 'node', 'contracts', 'devnet', 'scripts'].flatMap((folder) =>
    readdirSync(join(import.meta.dirname, folder), { recursive: true, encoding: 'utf8' })
      .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
      .filter((path) => path.endsWith('.test.ts') && !/(^|\/)(node_modules|build|templates)\//.test(path))
      .filter((path) => !path.startsWith('devnet/test/e2e/')),
  )
  const isOwn = (path: string) =>
    ownFolders.test(path) || ownMarks.test(readFileSync(join(import.meta.dirname, path), 'utf8'))
  return { shared: files.filter((path) => !isOwn(path)), own: files.filter(isOwn) }
}
