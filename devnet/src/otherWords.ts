/** Words of other tools, and what says the same here: for whoever comes from hardhat, foundry or anvil. */

const WORDS: Readonly<Record<string, string>> = {
  abi: 'the ABI is in the artifact, build/NAME.json',
  anvil: 'devnet up starts a network',
  clean: 'remove build/; devnet build makes it anew where anything has changed',
  compile: 'devnet build DIR compiles a contract folder',
  create: 'devnet deploy FILE [ARGS...], or devnet init DIR for a project',
  help: 'devnet COMMAND --help',
  new: 'devnet init DIR begins a project',
  run: 'devnet console --eval CODE runs JavaScript; devnet up starts a network',
  script: 'devnet console --eval CODE runs JavaScript with viem and the deployed contracts',
  serve: 'devnet up starts a network',
  snapshot: 'tests keep a table of gas with expect(await chain.gasReport()).toMatchFileSnapshot(...)',
  start: 'devnet up starts a network; devnet node start N a node of it',
  stop: 'Ctrl-C stops devnet up; devnet node stop N a node of it',
  test: 'npm test runs the tests of a project; devnet dev DIR again at each change',
}

/** A line to say below a complaint of the command line's; null for the others. */
export function otherWordsFor(complaint: string): string | null {
  const unknown = /^error: unknown command '([a-z]+)'/.exec(complaint)?.[1]
  if (unknown !== undefined) return Object.hasOwn(WORDS, unknown) ? WORDS[unknown]! : null
  if (/^error: missing required argument 'action'/.test(complaint)) {
    return 'devnet up starts a network; devnet node kill|stop|start|pause|resume|wipe N is about a node of it'
  }
  return /^error: too many arguments for 'verify'/.test(complaint)
    ? 'devnet verify checks a file of devnet prove; devnet verify-source CONTRACT DIR compares a contract with its source'
    : null
}
