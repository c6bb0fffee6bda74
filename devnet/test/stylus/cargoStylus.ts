/** The stock program, run in a folder; what it is told and how it ended is written as it goes. */
import { spawn } from 'node:child_process'
import type { Address, Hex } from 'viem'

/** A first build compiles an SDK and the standard library. */
const RUN_TIMEOUT_MS = 20 * 60_000

export interface Place {
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  /** Stands before the command in the lines that are written. */
  readonly label?: string
  readonly input?: string
}

export class CargoStylus {
  readonly #program: string
  readonly #place: Place

  constructor(program: string, place: Place) {
    this.#program = program
    this.#place = place
  }

  in(place: Partial<Place>): CargoStylus {
    return new CargoStylus(this.#program, { ...this.#place, ...place })
  }

  /** @returns what it said. @throws Error when it fails or says something else */
  async passes(command: string, args: readonly string[], said: RegExp): Promise<string> {
    const { code, output } = await this.#run(command, args)
    if (code !== 0 || !said.test(output)) {
      throw new Error(`cargo stylus ${command} ended with ${code}, and not with ${said}:\n${output}`)
    }
    console.log(`passed: ${this.#shown(command, args)}`)
    return output
  }

  /** As {@link passes}; false where it says that this copy of the program cannot do it. */
  async passesUnless(
    lacks: RegExp,
    why: string,
    command: string,
    args: readonly string[],
    said: RegExp,
  ): Promise<boolean> {
    const { code, output } = await this.#run(command, args)
    if (code !== 0 && lacks.test(output)) {
      console.log(`skipped: ${this.#shown(command, [])}, as ${why}`)
      return false
    }
    if (code !== 0 || !said.test(output)) {
      throw new Error(`cargo stylus ${command} ended with ${code}, and not with ${said}:\n${output}`)
    }
    console.log(`passed: ${this.#shown(command, args)}`)
    return true
  }

  /** @throws Error when it does not fail, or says something else */
  async fails(command: string, args: readonly string[], said: RegExp, why: string): Promise<void> {
    const { code, output } = await this.#run(command, args)
    if (code === 0 || !said.test(output)) {
      throw new Error(`cargo stylus ${command} ended with ${code}, and not with ${said} as ${why}:\n${output}`)
    }
    console.log(`passed: ${this.#shown(command, [])} is refused, as ${why}`)
  }

  #run(command: string, args: readonly string[]): Promise<{ readonly output: string; readonly code: number | null }> {
    const { folder, environment, input } = this.#place
    return new Promise((resolve, reject) => {
      const child = spawn(this.#program, ['stylus', command, ...args], {
        ...{ cwd: folder, timeout: RUN_TIMEOUT_MS, env: { ...process.env, ...environment } },
      })
      let output = ''
      const hear = (chunk: Buffer): void => {
        output += chunk.toString()
      }
      child.stdout.on('data', hear)
      child.stderr.on('data', hear)
      child.on('error', reject)
      child.stdin.end(input ?? '')
      // Colours stand within its words.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they begin with one
      child.on('close', (code) => resolve({ output: output.replace(/\x1b\[[0-9;]*m/g, ''), code }))
    })
  }

  /** Files by their names, and the options that tell runs apart; nobody needs the rest. */
  #shown(command: string, args: readonly string[]): string {
    const told = args.filter((arg) => arg.endsWith('.wasm') || ['--estimate-gas', '--use-native-tracer'].includes(arg))
    return [this.#place.label, 'cargo stylus', command, ...told].filter((word) => word !== undefined).join(' ')
  }
}

/** @returns the address in what `deploy` said */
export function deployedAt(output: string): Address {
  return found(/deployed code at address: (0x[0-9a-f]{40})/i, output)
}

/** @returns the hash of the transaction in what `deploy` said */
export function deployedBy(output: string): Hex {
  return found(/deployment tx hash: (0x[0-9a-f]{64})/i, output)
}

function found(pattern: RegExp, output: string): Hex {
  const [, hex] = pattern.exec(output) ?? []
  if (hex === undefined) throw new Error(`no ${pattern} in: ${output}`)
  return hex as Hex
}

export function expectThat(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}
