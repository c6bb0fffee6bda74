import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { METHODS } from '../rpc/registry.ts'
import { DEFINITIONS, definitionOf, METHOD_NAMES, type MetricName } from './definitions.ts'
import { NodeMetrics } from './nodeMetrics.ts'
import { metricsPage } from './testing/metricsPage.ts'

const docs = new URL('../../../docs/', import.meta.url)
const sourceOf = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const own = () => new NodeMetrics(['eth_call', 'eth_chainId'], { process: false })
const lines = async (metrics: NodeMetrics, name: string) =>
  (await metrics.text()).split('\n').filter((line) => line.startsWith(name))

test('counts events, keeps standings, and reads what others keep when it is asked', async () => {
  const metrics = own()
  let height = 7
  metrics.sample('touchstone_chain_height', () => height)
  metrics.sample('touchstone_network_peers', async () => [[{ kind: 'named' }, 3]])
  metrics.sample('touchstone_consensus_commits_total', () => height)
  metrics.count('touchstone_txpool_accepted_total', { origin: 'peer' })
  metrics.count('touchstone_txpool_accepted_total', { origin: 'peer' }, 2)
  metrics.observe('touchstone_consensus_commit_round', 2)
  metrics.set('touchstone_consensus_commit_signers', 4)
  expect(await lines(metrics, 'touchstone_chain_height')).toEqual(['touchstone_chain_height 7'])
  height = 9
  expect(await lines(metrics, 'touchstone_chain_height')).toEqual(['touchstone_chain_height 9'])
  expect(await lines(metrics, 'touchstone_consensus_commits_total')).toEqual(['touchstone_consensus_commits_total 9'])
  expect(await lines(metrics, 'touchstone_network_peers')).toEqual(['touchstone_network_peers{kind="named"} 3'])
  expect(await lines(metrics, 'touchstone_txpool_accepted_total')).toEqual([
    'touchstone_txpool_accepted_total{origin="local"} 0',
    'touchstone_txpool_accepted_total{origin="peer"} 3',
  ])
  expect(await lines(metrics, 'touchstone_consensus_commit_round_bucket')).toContain(
    'touchstone_consensus_commit_round_bucket{le="2"} 1',
  )
  expect(await lines(metrics, 'touchstone_consensus_commit_signers')).toEqual(['touchstone_consensus_commit_signers 4'])
})

test('goes on counting between two readings', async () => {
  const metrics = own()
  const bytes = () => lines(metrics, 'touchstone_network_bytes_total{direction="sent"}')
  for (const sum of [5, 10]) {
    metrics.count('touchstone_network_bytes_total', { direction: 'sent' }, 5)
    expect(await bytes()).toEqual([`touchstone_network_bytes_total{direction="sent"} ${sum}`])
  }
  expect(await bytes()).toEqual(['touchstone_network_bytes_total{direction="sent"} 10'])
})

test('makes no series of what strangers choose', async () => {
  const metrics = own()
  metrics.observe('touchstone_rpc_request_seconds', 0.1, { method: 'eth_call' })
  for (let made = 0; made < 1_000; made++) {
    metrics.observe('touchstone_rpc_request_seconds', 0.1, { method: `made_up${made}"\n# HELP x` })
    metrics.count('touchstone_rpc_errors_total', { code: String(made) })
    metrics.count('touchstone_network_messages_total', { topic: `t${made}`, verdict: 'accept', peer: `p${made}` })
  }
  expect(await lines(metrics, 'touchstone_rpc_request_seconds_count')).toEqual([
    'touchstone_rpc_request_seconds_count{method="eth_call"} 1',
    'touchstone_rpc_request_seconds_count{method="other"} 1000',
  ])
  expect(await lines(metrics, 'touchstone_network_messages_total')).toContain(
    'touchstone_network_messages_total{topic="other",verdict="accept"} 1000',
  )
  expect(await metrics.text()).not.toContain('made_up')
})

test('takes any figure and any label without throwing', async () => {
  const metrics = own()
  for (const name of Object.keys(DEFINITIONS) as MetricName[]) {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1, 0, 1]) {
      for (const labels of [{}, { nothing: 'made up' }, { state: 'constructor' }]) {
        const { kind } = definitionOf(name)
        if (kind === 'counter') metrics.count(name as 'touchstone_rpc_errors_total', labels, value)
        else if (kind === 'gauge') metrics.set(name as 'touchstone_rpc_requests', value, labels)
        else metrics.observe(name as 'touchstone_execution_seconds', value, labels)
      }
    }
  }
  expect(await metrics.text()).not.toMatch(/NaN|constructor|made up/)
})

test('has a value of a label for every code of an error and for every refusal of the pool', () => {
  const errors = sourceOf('../rpc/errors.ts')
  const codes = [...errors.matchAll(/^(?:export )?const [A-Z_]+ = (-?\d+)$|: (-\d{5}),$/gm)].map(([, a, b]) => a ?? b!)
  expect(codes.length).toBeGreaterThan(20)
  expect([...new Set(codes)].sort()).toEqual([...DEFINITIONS.touchstone_rpc_errors_total.labels.code].sort())
  const union = /export type TxPoolErrorCode =([\s\S]*?)\n\n/.exec(sourceOf('../txpool/txpoolView.ts'))![1]!
  const refusals = [...union.matchAll(/\| '([a-z-]+)'/g)].map(([, code]) => code!)
  expect(refusals.sort()).toEqual([...DEFINITIONS.touchstone_txpool_refused_total.labels.reason].sort())
})

test('docs/metrics.md is made of the definitions (-u writes it)', async () => {
  const page = await metricsPage(new NodeMetrics(METHODS.keys()))
  await expect(page).toMatchFileSnapshot(fileURLToPath(new URL('metrics.md', docs)))
})

interface Panel {
  readonly type: string
  readonly title: string
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[]
}

test('the dashboard asks for metrics and labels that there are', async () => {
  const dashboard = JSON.parse(readFileSync(new URL('grafana-dashboard.json', docs), 'utf8'))
  const known = new Map((await new NodeMetrics([]).list()).map(({ name, type }) => [name, type]))
  const panels = (dashboard.panels as Panel[]).filter(({ type }) => type !== 'row')
  const shown = new Set<string>()
  const wrong: string[] = []
  for (const { title, targets = [] } of panels) {
    expect(targets.length, title).toBeGreaterThan(0)
    for (const { expr, legendFormat } of targets) {
      const names = [...expr.matchAll(/\b(?:touchstone|process|nodejs)_\w+/g)].map(([series]) => {
        const base = series.replace(/_(bucket|sum|count)$/, '')
        const name = known.get(base) === 'histogram' ? base : series
        if (!known.has(name)) wrong.push(`${title}: there is no ${series}`)
        if (known.get(name) === 'counter' && !/(rate|increase)\(/.test(expr))
          wrong.push(`${title}: ${series} only grows`)
        shown.add(name)
        return name
      })
      if (names.length === 0) wrong.push(`${title}: ${expr}`)
      const labels = ['instance', 'le', ...names.flatMap(labelsOf)]
      const used = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(', '))
      used.push(...[...expr.matchAll(/[{,](\w+)=~?"/g)].map(([, label]) => label!))
      used.push(...[...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!))
      wrong.push(...used.filter((label) => !labels.includes(label)).map((label) => `${title}: no label ${label}`))
    }
  }
  expect(wrong).toEqual([])
  // A metric that nobody sees might as well not be kept; these are seen in alerts and tables.
  const unseen = Object.keys(DEFINITIONS).filter((name) => !shown.has(name))
  expect(unseen).toEqual(NOT_ON_THE_DASHBOARD)
})

const NOT_ON_THE_DASHBOARD = [
  'touchstone_consensus_height',
  'touchstone_consensus_step',
  'touchstone_consensus_validator',
  'touchstone_consensus_commits_total',
  'touchstone_consensus_rounds_total',
  'touchstone_consensus_signatures_verified_total',
  'touchstone_consensus_commit_round',
  'touchstone_sync_highest_block',
  'touchstone_chain_block_transactions',
  'touchstone_chain_oldest_state',
  'touchstone_chain_nodes_pruned_total',
  'touchstone_build_info',
]

function labelsOf(name: string): string[] {
  if (name === 'nodejs_gc_duration_seconds') return ['kind']
  if (!(name in DEFINITIONS)) return []
  const { labels = {} } = definitionOf(name as MetricName)
  return Object.keys(labels)
}

test('a label with names of methods is the only one without a list', () => {
  const open = Object.keys(DEFINITIONS).filter((name) =>
    Object.values(definitionOf(name as MetricName).labels ?? {}).includes(METHOD_NAMES),
  )
  expect(open).toEqual(['touchstone_rpc_request_seconds'])
})
