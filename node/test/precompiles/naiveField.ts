/** Arithmetic modulo a prime and in its quadratic extension, for the oracle of the precompiles: nothing but definitions. */

export function modulo(value: bigint, prime: bigint): bigint {
  const rest = value % prime
  return rest < 0n ? rest + prime : rest
}

/** By Euclid's algorithm; 0 for 0. */
export function inverse(value: bigint, prime: bigint): bigint {
  let [a, b] = [modulo(value, prime), prime]
  let [x, y] = [1n, 0n]
  while (a > 1n) {
    if (b === 0n) return 0n
    const quotient = b / a
    ;[a, b] = [b - quotient * a, a]
    ;[x, y] = [y - quotient * x, x]
    if (a === 0n) return 0n
  }
  return a === 0n ? 0n : modulo(x, prime)
}

/** From the exponent's lowest bit up. */
export function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n % modulus
  let square = base % modulus
  for (const bit of [...exponent.toString(2)].reverse()) {
    if (bit === '1') result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

/** The operations that the curves need of the field of their coordinates. */
export interface Field<T> {
  readonly zero: T
  add(a: T, b: T): T
  subtract(a: T, b: T): T
  multiply(a: T, b: T): T
  inverse(a: T): T
  equal(a: T, b: T): boolean
}

export function primeField(prime: bigint): Field<bigint> {
  return {
    zero: 0n,
    add: (a, b) => modulo(a + b, prime),
    subtract: (a, b) => modulo(a - b, prime),
    multiply: (a, b) => modulo(a * b, prime),
    inverse: (a) => inverse(a, prime),
    equal: (a, b) => a === b,
  }
}

/** a + b i with i^2 = -1, as [a, b]. */
export type Complex = readonly [bigint, bigint]

export function complexField(prime: bigint): Field<Complex> {
  return {
    zero: [0n, 0n],
    add: ([a, b], [c, d]) => [modulo(a + c, prime), modulo(b + d, prime)],
    subtract: ([a, b], [c, d]) => [modulo(a - c, prime), modulo(b - d, prime)],
    multiply: ([a, b], [c, d]) => [modulo(a * c - b * d, prime), modulo(a * d + b * c, prime)],
    inverse: ([a, b]) => {
      const norm = inverse(a * a + b * b, prime)
      return [modulo(a * norm, prime), modulo(-b * norm, prime)]
    },
    equal: ([a, b], [c, d]) => a === c && b === d,
  }
}

export function complexPower(field: Field<Complex>, base: Complex, exponent: bigint): Complex {
  let result: Complex = [1n, 0n]
  for (const bit of exponent.toString(2)) {
    result = field.multiply(result, result)
    if (bit === '1') result = field.multiply(result, base)
  }
  return result
}

/** For a prime that is 3 mod 4 (Adj and Rodriguez-Henriquez, algorithm 9); null for what is no square. */
export function complexRoot(field: Field<Complex>, prime: bigint, value: Complex): Complex | null {
  const a1 = complexPower(field, value, (prime - 3n) / 4n)
  const x0 = field.multiply(a1, value)
  const alpha = field.multiply(a1, x0)
  const root = field.equal(alpha, [prime - 1n, 0n])
    ? field.multiply([0n, 1n], x0)
    : field.multiply(complexPower(field, field.add([1n, 0n], alpha), (prime - 1n) / 2n), x0)
  return field.equal(field.multiply(root, root), value) ? root : null
}
