/**
 * Every JSON.parse outside of tests, and why no number goes wrong there. What is not in the list uses codec/exactJson.ts.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

const known: Readonly<Record<string, string>> = {
  'node/src/codec/exactJson.ts': 'puts numbers in quotes first',
  'node/src/rpc/controls/stateFile.ts': 'text, and nonces as numbers, which are checked to be safe integers',
  'node/src/rpc/json.ts': 'ids go back as they are written; numbers are taken for counts only, which are checked',
  'node/src/chain/worker/quarantine.ts': 'written by the node; a count that is checked to be a safe integer, else text',
  'node/src/runtime/logging/readableLine.ts': 'lines without long numbers; the others are read by exactJson.ts',
  'node/src/runtime/version.ts': "the package's own version, text",
  'contracts/src/builder/contentHash.ts': 'versions of the compiler and its optimizer, text',
  'contracts/src/builder/stamp.ts': 'stamps and artifacts of the build tool itself: text, and the size of a module',
  'contracts/src/builder/localUses.ts': "the compiler's source map, text",
  'contracts/src/builder/sourceMapFile.ts': "the compiler's source map, text",
  'contracts/src/coverageData.ts': 'counts that tests of one machine wrote, far below 2^53',
  'contracts/src/sourceMap.ts':
    'a source map, text; its version is compared with 3, and numbers are checked to be safe integers',
  'contracts/src/predeploys.ts': 'artifacts of the build tool itself: text, and the size of a module',
  'devnet/src/debug/dap/framing.ts': 'messages of an editor: text, and numbers that are checked to be safe integers',
  'devnet/src/commands/init.ts': "the package's own version, text",
  'devnet/src/contracts/artifact.ts': 'an ABI and hex, text',
  'devnet/src/contracts/interfaceFile.ts': 'an ABI, text',
  'devnet/src/contracts/moduleFile.ts': 'hex, text',
  'devnet/src/network/nodeRpc.ts': 'quantities of JSON-RPC, text, and small figures of a status',
  'devnet/src/network/control/client.ts': 'what the runner says: text, and small figures it has counted',
  'devnet/src/network/control/server.ts': 'numbers of nodes and links, each checked (control/command.ts)',
}

it('is in the list with its reason, or reads integers to the digit', () => {
  const found = ['vm/src', 'node/src', 'contracts/src', 'devnet/src'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.ts$/.test(entry.name) && !/\.(test|fuzz)\.ts$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => /^(?!\s*(\*|\/\/)).*JSON\.parse\(/m.test(readFileSync(path, 'utf8')))
      .map((path) => relative(root, path).split(sep).join('/')),
  )
  expect(found.sort()).toEqual(Object.keys(known).sort())
})
