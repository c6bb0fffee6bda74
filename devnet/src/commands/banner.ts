/** The text `devnet up` shows once every node answers: accounts, nodes, and what to type next. */
import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defaultDataDir, networkPaths } from '../network/paths.ts'
import type { Network } from '../network/runner.ts'
import { formatTable } from '../output/table.ts'
import type { Terminal } from '../output/terminal.ts'

const tokenPath = fileURLToPath(new URL('../../../contracts/examples/token', import.meta.url))
/** In a project that `devnet init` made. */
const OWN_CONTRACT = 'assembly/index.ts'
const tokenArtifact = join(tokenPath, 'build/Token.json')

export function printBanner(terminal: Terminal, network: Network): void {
  const { color, print, printLines } = terminal
  const { ready } = network
  print('')
  print(color.bold('Touchstone devnet'))
  print(`chain id ${ready.chainId}, genesis ${ready.genesisHash}`)
  print(
    ready.dev
      ? 'dev mode: test clients may set balances, time and state here, as on anvil and hardhat; all nodes agree on it'
      : 'no dev mode: the chain changes by transactions alone, and anvil_, hardhat_ and evm_ controls are refused',
  )
  print('')
  printLines(
    formatTable(
      ['#', 'account (10 000 ETH each at genesis)', 'private key'].map(color.dim),
      ready.accounts.map(({ address, privateKey }, index) => [String(index), address, privateKey]),
    ),
  )
  print(`mnemonic: ${ready.mnemonic}`)
  print(color.dim('These keys are public. Never send real funds to them.'))
  print('')
  printLines(
    formatTable(
      ['node', 'JSON-RPC and WebSocket', 'engine', 'pid', 'log'].map(color.dim),
      ready.nodes.map((node) => [
        String(node.index),
        `${node.rpc}  ${node.ws}`,
        node.engine,
        String(node.pid),
        relative('.', node.logFile),
      ]),
    ),
  )
  print('')
  printLines(
    formatTable(
      ['node', 'peer address'].map(color.dim),
      ready.nodes.map((node) => [String(node.index), node.p2p]),
    ),
  )
  if (ready.nodes.some(({ metrics }) => metrics !== null)) {
    print('')
    printLines(
      formatTable(
        ['node', 'metrics'].map(color.dim),
        ready.nodes.map((node) => [String(node.index), node.metrics ?? '']),
      ),
    )
  }
  print('')
  if (existsSync(OWN_CONTRACT)) {
    print('In another terminal, deploy the contract of this folder (README.md has its arguments):')
    print('')
    print(`  ${color.green(`npx devnet deploy${dataOption(network)} .`)}`)
    print('')
    return
  }
  print(
    existsSync(tokenArtifact)
      ? 'In another terminal, deploy and call the example token:'
      : 'In another terminal, build, deploy and call the example token:',
  )
  print('')
  for (const command of tryThis(network)) print(`  ${color.green(command)}`)
  print('')
}

function dataOption({ paths }: Network): string {
  return paths.root === networkPaths(defaultDataDir).root ? '' : ` --data ${relative('.', paths.root) || '.'}`
}

function tryThis(network: Network): string[] {
  const data = dataOption(network)
  return [
    `npx devnet deploy${data} ${relative('.', existsSync(tokenArtifact) ? tokenArtifact : tokenPath)} "My Token" MINE 1000000ether`,
    `npx devnet send${data} Token transfer @1 25ether`,
    `npx devnet call${data} Token balanceOf @1`,
  ]
}
