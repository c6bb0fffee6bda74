/**
 * As `cargo stylus export-abi` prints it for a Rust contract.
 */

// SPDX-License-Identifier: MIT-OR-APACHE-2.0
pragma solidity ^0.8.23;

interface ICounter {
    event NumberChanged(address indexed by, uint256 number);

    function number() external view returns (uint256);

    function setNumber(uint256 new_number) external;

    function increment() external;

    function greet(string memory name) external view returns (string memory);
}
