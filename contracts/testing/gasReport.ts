/** The gas of what a test sent, by contract and function: a text that a snapshot keeps beside the test. */

export class GasReport {
  readonly #used = new Map<string, bigint[]>()

  add(what: string, gas: bigint): void {
    const known = this.#used.get(what)
    if (known === undefined) this.#used.set(what, [gas])
    else known.push(gas)
  }

  /** A table with a line for each, in order of name. */
  text(): string {
    const names = [...this.#used.keys()].sort((a, b) => (a < b ? -1 : 1))
    const rows = names.map((name) => {
      const gas = this.#used.get(name)!
      const sum = gas.reduce((all, one) => all + one, 0n)
      const least = gas.reduce((a, b) => (a < b ? a : b))
      const most = gas.reduce((a, b) => (a > b ? a : b))
      return [name, String(gas.length), ...[least, sum / BigInt(gas.length), most].map(grouped)]
    })
    const table = [['function', 'times', 'least', 'average', 'most'], ...rows]
    const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)))
    const lines = table.map((row) =>
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
    )
    return `${lines.join('\n')}\n`
  }
}

function grouped(gas: bigint): string {
  return String(gas).replace(/\B(?=(\d{3})+$)/g, ',')
}
