//! OpenZeppelin's vesting wallet, of ether and of ERC-20 tokens.
#![cfg_attr(not(feature = "export-abi"), no_main)]
extern crate alloc;

use alloc::vec::Vec;
use openzeppelin_stylus::finance::vesting_wallet::{Error, IVestingWallet, VestingWallet};
use stylus_sdk::{
    alloy_primitives::{Address, U256, U64},
    prelude::*,
};

#[entrypoint]
#[storage]
struct Wallet {
    vesting: VestingWallet,
}

#[public]
#[implements(IVestingWallet<Error = Error>)]
impl Wallet {
    #[constructor]
    pub fn constructor(&mut self, beneficiary: Address, start: U64, duration: U64) -> Result<(), Error> {
        self.vesting.constructor(beneficiary, start, duration)
    }

    #[receive]
    fn receive(&mut self) -> Result<(), Vec<u8>> {
        self.vesting.receive()
    }
}

#[public]
impl IVestingWallet for Wallet {
    type Error = Error;

    fn owner(&self) -> Address {
        self.vesting.owner()
    }

    fn transfer_ownership(&mut self, new_owner: Address) -> Result<(), Error> {
        self.vesting.transfer_ownership(new_owner)
    }

    fn renounce_ownership(&mut self) -> Result<(), Error> {
        self.vesting.renounce_ownership()
    }

    fn start(&self) -> U256 {
        self.vesting.start()
    }

    fn duration(&self) -> U256 {
        self.vesting.duration()
    }

    fn end(&self) -> U256 {
        self.vesting.end()
    }

    #[selector(name = "released")]
    fn released_eth(&self) -> U256 {
        self.vesting.released_eth()
    }

    #[selector(name = "released")]
    fn released_erc20(&self, token: Address) -> U256 {
        self.vesting.released_erc20(token)
    }

    #[selector(name = "releasable")]
    fn releasable_eth(&self) -> U256 {
        self.vesting.releasable_eth()
    }

    #[selector(name = "releasable")]
    fn releasable_erc20(&mut self, token: Address) -> Result<U256, Error> {
        self.vesting.releasable_erc20(token)
    }

    #[selector(name = "release")]
    fn release_eth(&mut self) -> Result<(), Error> {
        self.vesting.release_eth()
    }

    #[selector(name = "release")]
    fn release_erc20(&mut self, token: Address) -> Result<(), Error> {
        self.vesting.release_erc20(token)
    }

    #[selector(name = "vestedAmount")]
    fn vested_amount_eth(&self, timestamp: u64) -> U256 {
        self.vesting.vested_amount_eth(timestamp)
    }

    #[selector(name = "vestedAmount")]
    fn vested_amount_erc20(&mut self, token: Address, timestamp: u64) -> Result<U256, Error> {
        self.vesting.vested_amount_erc20(token, timestamp)
    }
}
