/**
 * The metrics of one node: events are counted as they happen, standings are read when somebody asks. Nothing reads them
 * back: what a node does depends on no figure in here, and no call of this class throws for what it is given.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import {
  DEFINITIONS,
  type Definition,
  definitionOf,
  METHOD_NAMES,
  type MetricName,
  type MetricOf,
  OTHER,
} from './definitions.ts'

export type Labels = Readonly<Record<string, string>>
/** One combination of a metric's labels, and what was counted there since somebody read it. */
interface Series {
  readonly labels: Record<string, string>
  counted: number
}

/** A standing: one number, or one for each combination of labels. */
export type Sample = number | readonly (readonly [Labels, number])[]

export class NodeMetrics {
  readonly #registry = new Registry()
  readonly #methods: ReadonlySet<string>
  readonly #metrics = new Map<MetricName, Counter | Gauge | Histogram>()
  readonly #samplers = new Map<MetricName, () => Sample | Promise<Sample>>()
  /** By metric and labels, with values from the lists alone: so there are few. */
  readonly #series = new Map<string, Series>()
  /** Counts that the registry has not got yet: taking one there costs more than most of what is counted. */
  readonly #fresh = new Map<Series, Counter>()

  /** `methods`: names of the JSON-RPC methods. With `process`, the metrics of the process and of Node besides. */
  constructor(methods: Iterable<string>, { process = true }: { readonly process?: boolean } = {}) {
    this.#methods = new Set(methods)
    if (process) collectDefaultMetrics({ register: this.#registry })
    for (const name of Object.keys(DEFINITIONS) as MetricName[]) this.#metrics.set(name, this.#define(name))
  }

  /** As Prometheus reads it. */
  get contentType(): string {
    return this.#registry.contentType
  }

  /** Every metric in the text format of Prometheus. */
  text(): Promise<string> {
    this.#handOver()
    return this.#registry.metrics()
  }

  /** Name, type and labels of all there are, those of the process included. */
  async list(): Promise<readonly { readonly name: string; readonly type: string; readonly help: string }[]> {
    const all = await this.#registry.getMetricsAsJSON()
    return all.map(({ name, type, help }) => ({ name, type: String(type), help }))
  }

  /** Something happened `by` times, or to that amount. */
  count(name: MetricOf<'counter'>, labels: Labels = {}, by = 1): void {
    if (!Number.isFinite(by) || by < 0) return
    const series = this.#seriesOf(name, labels)
    if (series.counted === 0) this.#fresh.set(series, this.#metrics.get(name) as Counter)
    series.counted += by
  }

  /** One more value of a histogram. */
  observe(name: MetricOf<'histogram'>, value: number, labels: Labels = {}): void {
    if (Number.isFinite(value))
      (this.#metrics.get(name) as Histogram).observe(this.#seriesOf(name, labels).labels, value)
  }

  /** A standing that changes with an event. */
  set(name: MetricOf<'gauge'>, value: number, labels: Labels = {}): void {
    if (Number.isFinite(value)) (this.#metrics.get(name) as Gauge).set(this.#seriesOf(name, labels).labels, value)
  }

  /** A standing, or a count that somebody else keeps: read whenever the metrics are asked for. */
  sample(name: MetricOf<'counter' | 'gauge'>, read: () => Sample | Promise<Sample>): void {
    this.#samplers.set(name, read)
  }

  #define(name: MetricName): Counter | Gauge | Histogram {
    const { kind, help, labels = {}, buckets } = definitionOf(name)
    const options = { name, help, labelNames: Object.keys(labels), registers: [this.#registry] }
    if (kind === 'histogram') return new Histogram({ ...options, buckets: [...(buckets ?? [])] })
    const collect = () => this.#collect(name)
    const metric = kind === 'counter' ? new Counter({ ...options, collect }) : new Gauge({ ...options, collect })
    // So that the first event is a rise from zero, which a rate sees, and not the beginning of a series.
    if (kind === 'counter') for (const values of combinations(labels)) (metric as Counter).inc(values, 0)
    return metric
  }

  async #collect(name: MetricName): Promise<void> {
    const read = this.#samplers.get(name)
    if (read === undefined) return
    const sample = await read()
    const metric = this.#metrics.get(name) as Counter | Gauge
    metric.reset()
    for (const [labels, value] of typeof sample === 'number' ? [[{}, sample] as const] : sample) {
      if (Number.isFinite(value)) metric.inc(this.#seriesOf(name, labels).labels, value)
    }
  }

  #handOver(): void {
    for (const [series, counter] of this.#fresh) {
      counter.inc(series.labels, series.counted)
      series.counted = 0
    }
    this.#fresh.clear()
  }

  #seriesOf(name: MetricName, labels: Labels): Series {
    const found = this.#series.get(keyOf(name, labels))
    if (found !== undefined) return found
    const known = this.#known(name, labels)
    const key = keyOf(name, known)
    let series = this.#series.get(key)
    if (series === undefined) {
      series = { labels: known, counted: 0 }
      this.#series.set(key, series)
    }
    return series
  }

  /** No series for a value that is not in the list. */
  #known(name: MetricName, labels: Labels): Record<string, string> {
    const { labels: defined = {} } = definitionOf(name)
    return Object.fromEntries(
      Object.entries(defined).map(([label, values]) => {
        const value = labels[label] ?? OTHER
        const isKnown = values === METHOD_NAMES ? this.#methods.has(value) : values.includes(value)
        return [label, isKnown ? value : OTHER]
      }),
    )
  }
}

function keyOf(name: MetricName, labels: Labels): string {
  let key: string = name
  for (const label in labels) key += `\0${label}\0${labels[label]}`
  return key
}

/** Of the labels with a list here; none where a label has the names of methods. */
function combinations(labels: NonNullable<Definition['labels']>): Record<string, string>[] {
  let all: Record<string, string>[] = [{}]
  for (const [label, values] of Object.entries(labels)) {
    if (values === METHOD_NAMES) return []
    all = all.flatMap((before) => values.map((value) => ({ ...before, [label]: value })))
  }
  return all
}
