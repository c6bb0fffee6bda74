// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// The same as contracts/templates/auction: interface, storage, checks in their order, errors and events.
contract Auction {
    event Bid(address indexed bidder, uint256 amount);
    event Ended(address indexed winner, uint256 amount);

    error BidTooLow(uint256 amount, uint256 highest);
    error AuctionOver(uint64 endsAt);
    error AuctionRunning(uint64 endsAt);
    error AlreadyEnded();
    error NothingToWithdraw(address account);

    address public seller;
    uint64 public endsAt;
    address public highestBidder;
    uint256 public highestBid;
    bool public ended;
    mapping(address => uint256) public refundOf;

    constructor(uint32 duration) {
        seller = msg.sender;
        endsAt = uint64(block.timestamp) + duration;
    }

    function bid() external payable {
        if (block.timestamp >= endsAt) revert AuctionOver(endsAt);
        uint256 highest = highestBid;
        if (msg.value <= highest) revert BidTooLow(msg.value, highest);
        address outbid = highestBidder;
        if (outbid != address(0)) refundOf[outbid] += highest;
        highestBidder = msg.sender;
        highestBid = msg.value;
        emit Bid(msg.sender, msg.value);
    }

    function withdraw() external returns (uint256) {
        uint256 amount = refundOf[msg.sender];
        if (amount == 0) revert NothingToWithdraw(msg.sender);
        refundOf[msg.sender] = 0;
        sendValue(msg.sender, amount);
        return amount;
    }

    function end() external {
        if (block.timestamp < endsAt) revert AuctionRunning(endsAt);
        if (ended) revert AlreadyEnded();
        ended = true;
        uint256 amount = highestBid;
        emit Ended(highestBidder, amount);
        if (amount != 0) sendValue(seller, amount);
    }

    /// Reverts with what a receiver that refuses says, as the SDK's sendValue.
    function sendValue(address to, uint256 amount) private {
        (bool success, bytes memory reason) = to.call{value: amount}("");
        if (!success) {
            assembly ("memory-safe") {
                revert(add(reason, 32), mload(reason))
            }
        }
    }
}
