/**
 * A contract of some 20 KB as a compiler makes them: objects, maps, strings and sorting with the garbage-collecting
 * runtime, not only loops. Its result does not matter; `run` uses a little of all of it.
 */
class Account {
  name: string
  balance: u64
  history: Array<u64>

  constructor(name: string) {
    this.name = name
    this.balance = 0
    this.history = [] as u64[]
  }

  add(amount: u64): void {
    this.balance += amount
    this.history.push(amount)
  }
}

class Order {
  price: u64
  amount: u64
  owner: string

  constructor(price: u64, amount: u64, owner: string) {
    this.price = price
    this.amount = amount
    this.owner = owner
  }
}

class Ledger {
  accounts: Map<string, Account> = new Map<string, Account>()
  byNumber: Map<u32, string> = new Map<u32, string>()
  orders: Array<Order> = [] as Order[]
  seen: Set<u64> = new Set<u64>()
  log: Array<string> = [] as string[]

  open(name: string): Account {
    if (this.accounts.has(name)) return this.accounts.get(name)
    const account = new Account(name)
    this.accounts.set(name, account)
    this.byNumber.set(this.accounts.size, name)
    return account
  }

  transfer(from: string, to: string, amount: u64): bool {
    const source = this.open(from)
    if (source.balance < amount) {
      this.log.push('refused: ' + from + ' has ' + source.balance.toString() + ', not ' + amount.toString())
      return false
    }
    source.balance -= amount
    this.open(to).add(amount)
    this.log.push(from.toUpperCase() + ' -> ' + to.padStart(8, '.') + ': ' + amount.toString(16))
    return true
  }

  place(price: u64, amount: u64, owner: string): void {
    const id = price * 31 + amount
    if (this.seen.has(id)) return
    this.seen.add(id)
    this.orders.push(new Order(price, amount, owner))
    this.orders.sort((a, b) => (a.price < b.price ? -1 : a.price > b.price ? 1 : 0))
  }

  match(): u64 {
    let volume: u64 = 0
    while (this.orders.length > 1) {
      const low = this.orders.shift()
      const high = this.orders.pop()
      const amount = low.amount < high.amount ? low.amount : high.amount
      if (this.transfer(high.owner, low.owner, amount)) volume += amount * high.price
    }
    return volume
  }
}

class Parser {
  text: string
  at: i32 = 0

  constructor(text: string) {
    this.text = text
  }

  number(): u64 {
    let value: u64 = 0
    while (this.at < this.text.length) {
      const code = this.text.charCodeAt(this.at)
      if (code < 48 || code > 57) break
      value = value * 10 + (code - 48)
      this.at++
    }
    return value
  }

  word(): string {
    const start = this.at
    while (this.at < this.text.length && this.text.charCodeAt(this.at) > 57) this.at++
    return this.text.substring(start, this.at)
  }

  skip(): void {
    while (this.at < this.text.length && this.text.charCodeAt(this.at) === 32) this.at++
  }
}

function digest(bytes: Uint8Array): u32 {
  let hash: u32 = 0x811c9dc5
  for (let i = 0; i < bytes.length; i++) hash = (hash ^ bytes[i]) * 0x01000193
  return hash
}

export function run(n: i32): i64 {
  const ledger = new Ledger()
  const orders = 'alice 10 500 bob 12 300 carol 11 450 dave 9 100'.split(' ')
  ledger.open('alice').add(1_000)
  ledger.open('bob').add(2_000 + <u64>n)
  for (let i = 0; i + 2 < orders.length; i += 3) {
    const price = new Parser(orders[i + 1]).number()
    ledger.place(price, new Parser(orders[i + 2]).number(), orders[i].trim())
  }
  const parser = new Parser('alice 42 bob')
  const from = parser.word()
  parser.skip()
  const amount = parser.number()
  parser.skip()
  ledger.transfer(from, parser.word(), amount)
  const volume = ledger.match()
  const text = ledger.log.join('; ').replaceAll('.', '')
  const bytes = Uint8Array.wrap(String.UTF8.encode(text))
  return <i64>volume ^ <i64>digest(bytes) ^ <i64>ledger.log.indexOf(text.slice(0, 4))
}
