/**
 * Walks the imports of every source file and fails on an arrow that goes the wrong way. The layers are those of
 * docs/architecture.md; a change of one is a change of the other.
 */
import { describe, expect, it } from 'vitest'
import { readImports } from '../../scripts/importGraph.ts'

/** Which packages of ours each package's sources may import. */
const packages: Readonly<Record<string, readonly string[]>> = {
  vm: [],
  node: ['vm'],
  contracts: ['vm'],
  devnet: ['node', 'contracts'],
}

/** Which rooms of node/src each room may import, itself aside. `runtime` is what the machine offers: see below. */
const belowChain = ['codec', 'crypto', 'types', 'trie', 'state', 'execution']
const belowShells = [...belowChain, 'chain', 'network/network.ts', 'network/networkError.ts', 'bounds']
const rooms: Readonly<Record<string, readonly string[]>> = {
  codec: [],
  bounds: [],
  crypto: ['codec'],
  types: ['codec', 'crypto'],
  trie: ['codec', 'crypto', 'types', 'bounds'],
  state: ['codec', 'crypto', 'types', 'trie'],
  execution: ['codec', 'crypto', 'types', 'trie', 'state'],
  divergence: belowChain,
  chain: [...belowChain, 'divergence', 'bounds'],
  network: ['codec', 'crypto', 'bounds'],
  txpool: belowShells,
  consensus: belowShells,
  sync: belowShells,
  // JSON-RPC reads the chain through its interface: no network, no consensus, nothing of the chain below ChainService.
  rpc: [...belowChain, 'chain/chainService.ts', 'txpool/txpoolView.ts'],
  // Figures for people. Pages and hosts are told apart as by JSON-RPC.
  metrics: ['codec', 'rpc/origin.ts', 'execution/executionConfig.ts'],
  // Proofs about one block, checked wherever JavaScript runs.
  light: [...belowChain, 'chain/genesisBlock.ts', 'chain/records.ts', 'consensus/proofs/handovers.ts'],
  // Executes an exported chain again wherever JavaScript runs, so nothing of what a machine offers.
  replay: [...belowChain, 'chain', 'divergence', 'consensus/proofs/certificate.ts', 'consensus/core/validatorSet.ts'],
  // One transaction for a debugger, wherever JavaScript runs.
  rerun: belowChain,
  runtime: ['codec', 'crypto', 'types', 'bounds'],
  // Joins what it finds: the node is put together there.
  wiring: [
    ...belowShells,
    'divergence',
    'network',
    'txpool',
    'consensus',
    'sync',
    'rpc',
    'metrics',
    'replay/exportFormat.ts',
  ],
}

/**
 * Rooms inside rooms: which siblings each may import. `shared` are loose files that all of them may import; the other loose
 * files stand above, and only a room that names one may import it.
 */
const innerRooms: Readonly<Record<string, InnerRooms>> = {
  'node/src/consensus': {
    shared: ['application.ts', 'consensus.ts', 'counters.ts', 'jobQueue.ts', 'limits.ts'],
    rooms: {
      core: [],
      signing: ['core'],
      proofs: ['core', 'signing'],
      wire: ['core', 'proofs'],
      proposals: ['core', 'wire'],
      admission: ['core', 'signing', 'wire', 'proposals'],
      gossip: ['core', 'proofs', 'wire', 'proposals'],
      heights: ['core', 'signing', 'proofs', 'wire', 'proposals', 'admission', 'gossip'],
      intake: ['core', 'signing', 'proofs', 'wire', 'proposals', 'admission', 'gossip', 'heights'],
    },
  },
  'node/src/network': {
    shared: ['limits.ts', 'network.ts', 'networkError.ts', 'networkOptions.ts', 'topics.ts'],
    rooms: {
      framing: [],
      conduct: [],
      connections: ['framing', 'conduct'],
      gossip: ['framing', 'conduct'],
      push: ['framing', 'conduct'],
      requests: ['framing'],
    },
  },
  'node/src/rpc': {
    shared: ['backend.ts', 'errors.ts', 'json.ts', 'limits.ts', 'method.ts', 'origin.ts'],
    rooms: {
      schema: [],
      decode: ['schema', 'views'],
      views: [],
      reading: ['decode', 'views'],
      accounts: ['schema', 'decode', 'reading'],
      controls: ['schema', 'decode', 'reading', 'accounts'],
      methods: ['schema', 'decode', 'views', 'reading', 'accounts'],
      server: ['reading', 'registry.ts'],
    },
  },
}

interface InnerRooms {
  readonly shared: readonly string[]
  readonly rooms: Readonly<Record<string, readonly string[]>>
}

/**
 * Where a module of Node itself is at home in the node, besides entry points: hashes, HTTP, and of zlib the checksum and
 * gzip, which are functions of their arguments.
 */
const machineAtHome =
  /^node\/src\/(crypto\/(node|native)Provider\.ts|rpc\/(server\/.*|origin\.ts|methods\/eth\/config\.ts|controls\/stateFile\.ts)|metrics\/metricsServer\.ts)$/

/** The consensus algorithm itself: a function of its inputs, so it may see types and its like only. */
const pureConsensus = 'node/src/consensus/core/'

/**
 * What the main thread of a node does without until it answers: what executes contracts (that is the work of others), and
 * libp2p. Each of them takes as long to load as all the rest.
 */
const loadedLater = /^(@touchstone\/vm|libp2p|@libp2p\/.*|@multiformats\/.*)$/

/** Files that start something on a machine and so may use what the machine offers. */
const entryPoints =
  /^node\/src\/(node|nodeProcess|processProgram|inProcessNode|main|config|index)\.ts$|^node\/src\/wiring\/|\/worker\/|^node\/src\/runtime\//

const imports = readImports()

describe('imports', () => {
  it('are found at all', () => {
    expect(imports.length).toBeGreaterThan(200)
  })

  it('between packages follow the rooms of the house', () => {
    const wrong = imports.filter(({ file, target }) => {
      const from = file.split('/')[0]!
      const to = /^@touchstone\/([^/]+)/.exec(target)?.[1] ?? (target.includes('/src/') ? target.split('/')[0]! : from)
      return to !== from && !packages[from]!.includes(to)
    })
    expect(wrong).toEqual([])
  })

  it('of the vm are of nothing that only Node has', () => {
    expect(imports.filter(({ file, target }) => file.startsWith('vm/') && target.startsWith('node:'))).toEqual([])
  })

  it('of @touchstone/vm inside the node come from execution alone', () => {
    const wrong = imports.filter(
      ({ file, target }) =>
        file.startsWith('node/') && target === '@touchstone/vm' && !file.startsWith('node/src/execution/'),
    )
    expect(wrong).toEqual([])
  })

  it('between rooms of the node go downwards', () => {
    const wrong = imports.filter(({ file, target, typeOnly }) => {
      const from = roomOf(file)
      const to = roomOf(target)
      if (from === null || to === null || from === to) return false
      if (to === 'runtime') return !typeOnly && !entryPoints.test(file)
      return !(rooms[from] ?? []).some((allowed) => allowed === to || target === `node/src/${allowed}`)
    })
    expect(wrong).toEqual([])
  })

  it.each(Object.entries(innerRooms))('between the rooms of %s go downwards', (house, { shared, rooms: allowed }) => {
    const inside = imports.filter(({ file, target }) => file.startsWith(`${house}/`) && target.startsWith(`${house}/`))
    const found = new Set(inside.map(({ file }) => roomIn(house, file)).filter((room) => !room.endsWith('.ts')))
    expect([...found].sort()).toEqual(Object.keys(allowed).sort())
    const wrong = inside.filter(({ file, target }) => {
      const [from, to] = [roomIn(house, file), roomIn(house, target)]
      return from !== to && !from.endsWith('.ts') && ![...shared, ...allowed[from]!].includes(to)
    })
    expect(wrong).toEqual([])
  })

  it('of modules of Node itself in the node are where a machine is at work', () => {
    const wrong = imports.filter(
      ({ file, target, typeOnly }) =>
        file.startsWith('node/') &&
        target.startsWith('node:') &&
        !typeOnly &&
        !entryPoints.test(file) &&
        !machineAtHome.test(file),
    )
    expect(wrong).toEqual([])
  })

  it('of the consensus algorithm are of types and of the algorithm', () => {
    const inside = imports.filter(({ file }) => file.startsWith(pureConsensus))
    expect(inside.length).toBeGreaterThan(5)
    const allowed = [pureConsensus, 'node/src/types/']
    expect(inside.filter(({ target }) => !allowed.some((folder) => target.startsWith(folder)))).toEqual([])
  })

  it('of what a node loads before it answers are of nothing that executes, and not of libp2p', () => {
    const loaded = loadedWith('node/src/main.ts', 'node/src/nodeProcess.ts')
    expect(loaded.size).toBeGreaterThan(200)
    expect(
      imports.filter(({ file, target, ...how }) => loaded.has(file) && isLoaded(how) && loadedLater.test(target)),
    ).toEqual([])
    expect([...loaded].filter((file) => file.startsWith('node/src/state/journaledState'))).toEqual([])
  })

  it('make no circle between files', () => {
    const graph = new Map<string, string[]>()
    for (const { file, target, typeOnly } of imports) {
      if (!typeOnly && target.endsWith('.ts')) graph.set(file, [...(graph.get(file) ?? []), target])
    }
    expect(findCircle(graph)).toBeNull()
  })
})

function isLoaded({ typeOnly, dynamic }: { readonly typeOnly: boolean; readonly dynamic: boolean }): boolean {
  return !typeOnly && !dynamic
}

/** The files that these load, themselves among them. */
function loadedWith(...entries: readonly string[]): ReadonlySet<string> {
  const loaded = new Set(entries)
  // A set goes on over what is added meanwhile.
  for (const from of loaded) {
    for (const { file, target, ...how } of imports) if (file === from && isLoaded(how)) loaded.add(target)
  }
  return loaded
}

/** Name of the folder in `house`, or of the loose file. */
function roomIn(house: string, path: string): string {
  return path.slice(house.length + 1).split('/')[0]!
}

function roomOf(path: string): string | null {
  return /^node\/src\/(\w+)\//.exec(path)?.[1] ?? null
}

function findCircle(graph: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return null
    for (const next of graph.get(file) ?? []) {
      const circle = visit(next, [...path, file])
      if (circle !== null) return circle
    }
    done.add(file)
    return null
  }
  for (const file of graph.keys()) {
    const circle = visit(file, [])
    if (circle !== null) return circle
  }
  return null
}
