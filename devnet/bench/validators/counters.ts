/** Reads counters from what nodes give as Prometheus metrics (its text format, version 0.0.4). */

/**
 * Each counter's sum over all texts and over all series of its name that have its labels.
 * @param counters the name of the metric, then labels as they are written: `topic="tx"`
 * @throws Error where a text has no such series: a sum of nothing would be taken for a count
 */
export function sumsOf<Name extends string>(
  texts: readonly string[],
  counters: Readonly<Record<Name, readonly [metric: string, ...labels: string[]]>>,
): Record<Name, number> {
  const sums = Object.entries<readonly [string, ...string[]]>(counters).map(([name, [metric, ...labels]]) => {
    const sum = texts.reduce((total, text) => total + sumOf(text, metric, labels), 0)
    return [name, sum] as const
  })
  return Object.fromEntries(sums) as Record<Name, number>
}

function sumOf(text: string, metric: string, labels: readonly string[]): number {
  const series = text
    .split('\n')
    .filter((line) => line.startsWith(`${metric} `) || line.startsWith(`${metric}{`))
    .filter((line) => labels.every((label) => line.includes(label)))
  if (series.length === 0) throw new Error(`a node has no metric ${metric} ${labels.join(' ')}`)
  return series.reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}
