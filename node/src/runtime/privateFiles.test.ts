import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import {
  makePrivate,
  makePrivateDirectory,
  openMode,
  PrivateFileError,
  requirePrivate,
  writePrivateFile,
} from './privateFiles.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-private-'))
const usual = process.umask()
afterAll(() => {
  process.umask(usual)
  rmSync(folder, { recursive: true })
})

const modeOf = (path: string) => statSync(path).mode & 0o777
const hasModes = process.platform !== 'win32'

describe.runIf(hasModes)('what is made', () => {
  it.each([0o000, 0o022, 0o077])('is the owner’s alone under umask %i', (umask) => {
    process.umask(umask)
    const directory = join(folder, `made-${umask}/deep/er`)
    makePrivateDirectory(directory)
    const file = join(directory, 'key.json')
    writePrivateFile(file, 'secret')
    process.umask(usual)
    expect(modeOf(directory)).toBe(0o700)
    expect(modeOf(file)).toBe(0o600)
    expect(readFileSync(file, 'utf8')).toBe('secret')
    expect(existsSync(`${file}.new`)).toBe(false)
  })

  it('does not go through what somebody else left at the name it is first written under', () => {
    const file = join(folder, 'token.json')
    const theirs = join(folder, 'theirs')
    writeFileSync(theirs, '')
    symlinkSync(theirs, `${file}.new`)
    writePrivateFile(file, 'secret')
    expect(readFileSync(theirs, 'utf8')).toBe('')
    expect(modeOf(file)).toBe(0o600)
    writeFileSync(`${file}.new`, '', { mode: 0o666 })
    writePrivateFile(file, 'new secret')
    expect([modeOf(file), readFileSync(file, 'utf8')]).toEqual([0o600, 'new secret'])
  })

  it('leaves a directory that is there as it is', () => {
    const directory = join(folder, 'there')
    mkdirSync(directory)
    chmodSync(directory, 0o755)
    makePrivateDirectory(directory)
    expect(modeOf(directory)).toBe(0o755)
  })
})

describe('a directory that cannot be made', () => {
  it.each([
    ['below a file', () => join(file('plain'), 'x/y'), 'ENOTDIR'],
    ['in a circle of links', () => join(circle(), 'x'), 'ELOOP'],
    ['with too long a name', () => join(folder, 'x'.repeat(300)), 'ENAMETOOLONG'],
    ['with a NUL byte', () => join(folder, 'a\0b'), 'ERR_INVALID_ARG_VALUE'],
  ])('%s is an error, and comes back', (_name, path, code) => {
    expect(() => makePrivateDirectory(path())).toThrow(expect.objectContaining({ code }))
  })

  it.runIf(existsSync('/proc/self'))('where the system says ENOENT of a parent that exists too', () => {
    for (const path of ['/proc/nope', '/proc/nope/deeper']) {
      expect(() => makePrivateDirectory(path)).toThrow(expect.objectContaining({ code: 'ENOENT' }))
    }
  })
})

describe.runIf(hasModes)('what others may open', () => {
  it.each([0o644, 0o640, 0o604, 0o620, 0o601])('is refused by its mode %i, with the command that mends it', (mode) => {
    const path = file(`open-${mode}`)
    chmodSync(path, mode)
    expect(openMode(path)).toBe(mode)
    const words = `${path} has mode 0${mode.toString(8)}, so that others on this machine can open it, and it holds keys. Allowed is 0600: chmod 600 ${path}`
    expect(() => requirePrivate(path, 'it holds keys')).toThrow(new PrivateFileError(words))
    expect(makePrivate(path)).toBe(true)
    expect(makePrivate(path)).toBe(false)
    expect(() => requirePrivate(path, 'it holds keys')).not.toThrow()
  })

  it('is told of directories too, and nothing is left in them', () => {
    const directory = join(folder, "o'pen dir")
    mkdirSync(directory)
    chmodSync(directory, 0o750)
    expect(() => requirePrivate(directory, 'x')).toThrow(
      `has mode 0750, so that others on this machine can open it, and x. Allowed is 0700: chmod 700 '${folder}/o'\\''pen dir'`,
    )
    expect(makePrivate(directory)).toBe(true)
    expect(modeOf(directory)).toBe(0o700)
    expect(readdirSync(directory)).toEqual([])
  })

  it('is not there when there is nothing', () => {
    expect(openMode(join(folder, 'nothing'))).toBeNull()
    expect(() => requirePrivate(join(folder, 'nothing'), 'x')).not.toThrow()
  })
})

function file(name: string): string {
  const path = join(folder, name)
  writeFileSync(path, '')
  return path
}

function circle(): string {
  const path = join(folder, 'circle')
  symlinkSync(path, path)
  return path
}
