/**
 * `npm run pictures`: makes docs/pictures anew, from what commands of the guide write on a chain in this process.
 * devnet/test/guide.test.ts compares their words with the guide.
 */
import { execFile } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startInProcessRpc } from '../devnet/src/testing/inProcessRpc.ts'
import { readOptions } from './options.ts'
import { terminalSvg } from './pictures/terminalSvg.ts'

readOptions(import.meta.url, { options: {} })
const root = fileURLToPath(new URL('../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'touchstone-pictures-'))
const project = join(folder, 'my-token')
const rpc = await startInProcessRpc()

try {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  await devnet(folder, 'init', 'my-token', '--template', 'token')
  await devnet(project, 'build', '.')
  await devnet(project, 'deploy', '.', 'My Token', 'MINE', '1000ether')
  await devnet(project, 'send', 'Token', 'transfer', '@1', '25ether')
  await draw('trace', 'trace', 'Token', 'transfer', '@2', '100ether', '--from', '1', '--storage')
  await draw('profile', 'profile', 'Token', 'transfer', '@2', '5ether', '--flame', 'transfer.svg')
  copyFileSync(join(project, 'transfer.svg'), picture('flame'))
} finally {
  await rpc.close()
  rmSync(folder, { recursive: true })
}

function picture(name: string): string {
  return join(root, 'docs/pictures', `${name}.svg`)
}

async function draw(name: string, ...words: readonly string[]): Promise<void> {
  const output = await devnet(project, ...words, '--color', 'always')
  writeFileSync(picture(name), terminalSvg(`npx devnet ${words.join(' ')}`, output))
  console.log(`docs/pictures/${name}.svg`)
}

/** Resolves with what it wrote. @throws Error with what it wrote of a failure. */
function devnet(cwd: string, ...words: readonly string[]): Promise<string> {
  const args = [join(root, 'devnet/bin/devnet.js'), ...words]
  const env = { ...process.env, DEVNET_RPC: rpc.url }
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd, env }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`devnet ${words.join(' ')}: ${stderr}`))
    })
  })
}
