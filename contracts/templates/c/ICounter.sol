// SPDX-License-Identifier: MIT
pragma solidity ^0.8.23;

interface ICounter {
    event NumberChanged(address indexed by, uint256 number);

    function number() external view returns (uint256);

    function setNumber(uint256 new_number) external;

    function increment() external;
}
