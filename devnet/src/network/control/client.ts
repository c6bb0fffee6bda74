/** Sends an order to the network that runs in a directory. */
import { CliError } from '../../output/errors.ts'
import { type NetworkPaths, networkPaths } from '../paths.ts'
import { readRunning } from '../readyFile.ts'
import type { SteeringCommand } from './command.ts'
import { readControlFile } from './controlFile.ts'

/** A node that is started on a loaded machine takes its time. */
const answerTimeoutMs = 90_000

export interface OrderAnswer {
  readonly text: string
  readonly result: object
}

/** `by` is what the runner shows as the one who did it. @throws CliError */
export async function sendOrder(dataDir: string, command: SteeringCommand, by: string): Promise<OrderAnswer> {
  const paths = networkPaths(dataDir)
  const control = readRunning(paths) === null ? null : readControlFile(paths)
  if (control === null) throw noNetwork(paths)
  const response = await fetch(`http://127.0.0.1:${control.port}/`, {
    method: 'POST',
    headers: { authorization: `Bearer ${control.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ command, by }),
    signal: AbortSignal.timeout(answerTimeoutMs),
  }).catch((error: Error) => {
    if (error.name !== 'TimeoutError') throw noNetwork(paths, error)
    throw new CliError(`the network did not answer within ${answerTimeoutMs / 1000} s`, {
      hint: 'look at the terminal where devnet up runs',
    })
  })
  const answer = (await response.json().catch(() => ({}))) as Partial<OrderAnswer> & { error?: string; hint?: string }
  if (response.ok && typeof answer.text === 'string') return { text: answer.text, result: answer.result ?? {} }
  throw new CliError(answer.error ?? `the network answered ${response.status}`, {
    ...(typeof answer.hint === 'string' ? { hint: answer.hint } : {}),
  })
}

function noNetwork(paths: NetworkPaths, cause?: Error): CliError {
  return new CliError(`no network runs in ${paths.root}`, {
    hint: 'start one with npm start, or name its folder with --data DIR',
    ...(cause === undefined ? {} : { cause }),
  })
}
