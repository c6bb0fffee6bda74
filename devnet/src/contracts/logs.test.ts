import { encodeAbiParameters, encodeEventTopics, type Hex, keccak256, pad, parseAbi, toHex } from 'viem'
import { expect, it } from 'vitest'
import { networkPaths } from '../network/paths.ts'
import { type KnownContract, knownContracts } from './knownContracts.ts'
import { formatLog, logJson, type RawLog, readLogs } from './logs.ts'

const alice = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'
const abi = parseAbi([
  'event Moved(uint256 amount, address indexed to, string indexed why, string note)',
  'event Bare(uint256, address indexed)',
])
const token: KnownContract = { name: 'Token', address: '0x5FbDB2315678afecb367f032d93F642f64180aa3', abi }
/** Has an event of the same signature that indexes other parameters. */
const other: KnownContract = {
  name: 'Other',
  address: '0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512',
  abi: parseAbi(['event Moved(uint256 indexed amount, address to, string indexed why, string note)']),
}
const known = knownContracts(
  { paths: networkPaths('/nowhere'), accounts: [{ address: alice, privateKey: '0x' }] },
  other,
  token,
)
const stranger = '0x000000000000000000000000000000000000bEEF'
const topics = encodeEventTopics({ abi, eventName: 'Moved', args: { to: alice, why: 'because' } }) as Hex[]
const data = encodeAbiParameters([{ type: 'uint256' }, { type: 'string' }], [2n ** 60n, 'note'])
const moved: RawLog = { address: token.address.toLowerCase() as Hex, topics, data }
const read = (log: RawLog) => readLogs([log], known)[0]!
const hash = keccak256(toHex('because'))

it('reads a log with the ABI of its contract, members in declared order, names beside addresses', () => {
  const words = `Moved(amount: 1152921504606846976, to: @0 ${alice}, why: ${hash}, note: "note")`
  expect(formatLog(read(moved), token.address, known)).toBe(words)
  expect(formatLog(read(moved), other.address, known)).toBe(`Token.${words}`)
  expect(JSON.stringify(logJson(read(moved)), (_key, value) => (typeof value === 'bigint' ? `${value}` : value))).toBe(
    `{"event":"Moved","args":{"amount":"1152921504606846976","to":"${alice}","why":"${hash}","note":"note"},"contract":"Token","address":"${token.address}"}`,
  )
})

it('reads the log of a contract that nobody knows with the ABI that fits, says so, and guesses at nothing that may be two things', () => {
  const [selector] = encodeEventTopics({ abi, eventName: 'Bare' })
  const bare = { address: stranger, topics: [selector as Hex, pad(alice)], data: pad('0x07') } as const
  expect(formatLog(read(bare), token.address, known)).toBe(`${stranger}.Bare(7, @0 ${alice}), if it is as Token has it`)
  expect(logJson(read(bare))).toMatchObject({ event: 'Bare', guessedBy: 'Token', contract: null, data: bare.data })
  expect(read({ ...moved, address: stranger }).event).toBeNull()
})

it('gives parameters without names as a list', () => {
  const [selector] = encodeEventTopics({ abi, eventName: 'Bare' })
  const bare = { ...moved, topics: [selector as Hex, pad(alice)], data: pad('0x07') }
  expect(formatLog(read(bare), token.address, known)).toBe(`Bare(7, @0 ${alice})`)
  expect(logJson(read(bare))).toMatchObject({ event: 'Bare', args: [7n, alice] })
})

it.each<[string, Partial<RawLog>]>([
  ['an unknown event', { topics: [keccak256('0x01')] }],
  ['no topic', { topics: [] }],
  ['data that ends early', { data: data.slice(0, -64) as Hex }],
  ['a topic that is no address', { topics: [topics[0]!, `0x${'ff'.repeat(32)}`, topics[2]!, topics[2]!, topics[2]!] }],
])('shows %s as it is', (_what, change) => {
  const log = { ...moved, ...change }
  const raw = read(log)
  expect(raw.event).toBeNull()
  expect(formatLog(raw, null, known)).toBe(
    `of Token ${token.address}, which no known ABI explains: topics [${log.topics.join(', ')}], data ${log.data}`,
  )
  expect(logJson(raw)).toEqual({
    event: null,
    contract: 'Token',
    address: token.address,
    topics: log.topics,
    data: log.data,
  })
})
