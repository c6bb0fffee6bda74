/** docs/metrics.md, made from the definitions. */
import { DEFINITIONS, definitionOf, METHOD_NAMES, type MetricName } from '../definitions.ts'
import type { NodeMetrics } from '../nodeMetrics.ts'

const HEAD = `# Metrics, health and logs of a node

This page is made from \`node/src/metrics/definitions.ts\`; \`npx vitest run node/src/metrics -u\` writes it anew.

## Metrics

A node gives [Prometheus](https://prometheus.io) metrics at \`http://HOST:PORT/metrics\` when its configuration has
\`metrics\`: \`{"port": 9100}\`, on 127.0.0.1 unless \`host\` says otherwise. Without it nothing is counted and nothing
listens. \`devnet up --metrics-port 9100\` does it for every node: node 1 at this port, the others count up
(\`--metrics-host\` for another address). The ready file and the banner have the addresses.

\`\`\`yaml
# prometheus.yml, for the four nodes of \`devnet up --metrics-port 9100\`
scrape_configs:
  - job_name: touchstone
    static_configs:
      - targets: ['127.0.0.1:9100', '127.0.0.1:9101', '127.0.0.1:9102', '127.0.0.1:9103']
\`\`\`

[grafana-dashboard.json](grafana-dashboard.json) is a dashboard of them: in Grafana "Dashboards", "New", "Import".

Only \`GET\` and \`HEAD\` of \`/metrics\` are answered. A server on loopback answers requests for \`localhost\`, its own host
and IP addresses only, and no web page: a request that a browser says is of another site gets 403, and there are no CORS
headers. An address that is typed into a browser works. A client that asks more often than every 500 ms
(\`METRICS_LIFETIME\`) gets the same text again; there are at most 16 connections (\`MAX_METRICS_CONNECTIONS\`). Metrics
tell how busy a node is and how large its databases are, and they are not encrypted: leave them on loopback, or on a
network that you trust.

Every value of a label is from a closed list, and whatever else it would be is \`other\`: what strangers choose (addresses,
peers, names of methods) is no label, so the number of series is bounded. Nothing of metrics reaches consensus: they are
written and never read back.
`

const HEALTH = `## Health

The JSON-RPC port answers two questions of load balancers and orchestrators, with JSON and a status of 200 (yes) or 503
(no); \`reasons\` has a sentence for each thing that is not as it should be.

| path | question | no, when |
|---|---|---|
| \`/health\` | does the node work? Restart it if not | consensus has stopped (a fork, or a fault of the node: a fork needs people, not a restart); or the execution worker has not answered for 30 s (\`HEALTH_ANSWER_TIMEOUT\`) |
| \`/ready\` | has it the newest block, and do blocks come? Send it requests if so | the same stops; it is syncing; a height has been under way for more than 30 s without being decided (\`MAX_UNDECIDED_TIME\`); no peer is connected to a node that cannot decide alone |

\`\`\`console
$ curl -s http://127.0.0.1:8545/ready
{"ready":true,"height":"0x2a","syncing":false,"finalising":true,"peers":3,"reasons":[]}
\`\`\`

An idle chain that makes blocks when there are transactions is ready: nothing is to be decided. \`GET /\` says that the
server is there, and nothing about the chain. \`devnet status\` compares the nodes of a network with each other.

## Logs

A node writes its log as JSON lines ([pino](https://getpino.io)): \`time\` in milliseconds since 1970, \`level\` (20 debug,
30 info, 40 warn, 50 error), \`name\` (the node), \`part\` (the room), \`msg\` and what belongs to it. \`logLevel\` in its
configuration (\`devnet up --log-level\`) says from which level on. With \`logFormat\` \`pretty\` (\`--log-format pretty\`) the
lines are text for people: time, level, room, message, fields as \`name=value\`, and below it the stack of an error.
\`devnet logs [N] [--follow] [--level warn]\` shows either form readable, of all nodes by time or of one.
`

/** `metrics`: with those of the process. */
export async function metricsPage(metrics: NodeMetrics): Promise<string> {
  const own = Object.keys(DEFINITIONS) as MetricName[]
  const rows = own.map((name) => {
    const { kind, help, labels = {}, buckets = [] } = definitionOf(name)
    const shown = Object.entries(labels).map(([label, values]) => `\`${label}\`: ${valuesOf(values)}`)
    const bounds = buckets.length === 0 ? [] : [`buckets ${buckets.join(', ')}`]
    return `| \`${name}\` | ${kind} | ${[...shown, ...bounds].join('; ')} | ${help} |`
  })
  const others = (await metrics.list()).filter(({ name }) => !(name in DEFINITIONS))
  const process = others.map(
    ({ name, type, help }) =>
      `| \`${name}\` | ${type} | ${help.replaceAll('|', '\\|').replaceAll('Node.js', 'Node')} |`,
  )
  return [
    HEAD,
    `### Of the node\n\n| metric | kind | labels | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`,
    `### Of the process\n\nThose of prom-client, as on Linux; other systems have fewer of them.\n`,
    `| metric | kind | meaning |\n|---|---|---|\n${process.join('\n')}\n`,
    HEALTH,
  ].join('\n')
}

function valuesOf(values: readonly string[] | typeof METHOD_NAMES): string {
  return values === METHOD_NAMES ? 'the name of a method' : values.join(', ')
}
