import { readFileSync } from 'node:fs'
import { parseAbi } from 'viem'
import { expect, it } from 'vitest'
import { abiOfSolidity } from './solidityInterface.ts'

it('understands what cargo stylus prints', () => {
  const text = readFileSync(new URL('../../../contracts/foreign/ICounter.sol', import.meta.url), 'utf8')
  expect(abiOfSolidity(text)).toEqual(
    parseAbi([
      'event NumberChanged(address indexed by, uint256 number)',
      'function number() external view returns (uint256)',
      'function setNumber(uint256 new_number) external',
      'function increment() external',
      'function greet(string memory name) external view returns (string memory)',
    ]),
  )
})

it('takes all interfaces of a file together, with structs, errors, a constructor and what they inherit', () => {
  const text = `
    // function hidden() external;
    interface IBase { function owner() external view returns (address); error NotOwner(address who); }
    interface IOrders is IBase {
      struct Order {
        address maker; // who
        uint256[2] amounts;
      }
      function owner() external view returns (address);
      function fill(
        Order calldata order,
        bytes calldata signature
      ) external payable returns (uint256 filled, Order[] memory left);
      event Filled(bytes32 indexed id,
        uint256 amount);
    }
    constructor(address first, uint8 fee) payable;`
  expect(abiOfSolidity(text)).toEqual(
    parseAbi([
      'struct Order { address maker; uint256[2] amounts; }',
      'function owner() external view returns (address)',
      'error NotOwner(address who)',
      'function fill(Order order, bytes signature) external payable returns (uint256 filled, Order[] left)',
      'event Filled(bytes32 indexed id, uint256 amount)',
      'constructor(address first, uint8 fee) payable',
    ]),
  )
})

it.each([
  ['', /no function/],
  ['pub fn number() -> u64 { 1 }', /no function/],
  ['interface I { function f(Unknown thing) external; }', /Unknown/],
  ['interface I { function f(uint256 a external; }', /./],
])('refuses %j', (text, words) => {
  expect(() => abiOfSolidity(text)).toThrow(words)
})
