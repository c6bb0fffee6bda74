//! OpenZeppelin's ERC-20 with a name, whose whole supply belongs to the owner at first.
#![cfg_attr(not(feature = "export-abi"), no_main)]
extern crate alloc;

use alloc::{string::String, vec::Vec};
use openzeppelin_stylus::{
    token::erc20::{
        extensions::{Erc20Metadata, IErc20Burnable, IErc20Metadata},
        Erc20, Error, IErc20,
    },
    utils::introspection::erc165::IErc165,
};
use stylus_sdk::{
    alloy_primitives::{aliases::B32, Address, U256, U8},
    prelude::*,
};

#[entrypoint]
#[storage]
struct Token {
    erc20: Erc20,
    metadata: Erc20Metadata,
}

#[public]
#[implements(IErc20<Error = Error>, IErc20Burnable<Error = Error>, IErc20Metadata, IErc165)]
impl Token {
    #[constructor]
    pub fn constructor(&mut self, name: String, symbol: String, supply: U256, owner: Address) -> Result<(), Error> {
        self.metadata.constructor(name, symbol);
        self.erc20._mint(owner, supply)
    }
}

#[public]
impl IErc20 for Token {
    type Error = Error;

    fn total_supply(&self) -> U256 {
        self.erc20.total_supply()
    }

    fn balance_of(&self, account: Address) -> U256 {
        self.erc20.balance_of(account)
    }

    fn transfer(&mut self, to: Address, value: U256) -> Result<bool, Error> {
        self.erc20.transfer(to, value)
    }

    fn allowance(&self, owner: Address, spender: Address) -> U256 {
        self.erc20.allowance(owner, spender)
    }

    fn approve(&mut self, spender: Address, value: U256) -> Result<bool, Error> {
        self.erc20.approve(spender, value)
    }

    fn transfer_from(&mut self, from: Address, to: Address, value: U256) -> Result<bool, Error> {
        self.erc20.transfer_from(from, to, value)
    }
}

#[public]
impl IErc20Burnable for Token {
    type Error = Error;

    fn burn(&mut self, value: U256) -> Result<(), Error> {
        self.erc20.burn(value)
    }

    fn burn_from(&mut self, account: Address, value: U256) -> Result<(), Error> {
        self.erc20.burn_from(account, value)
    }
}

#[public]
impl IErc20Metadata for Token {
    fn name(&self) -> String {
        self.metadata.name()
    }

    fn symbol(&self) -> String {
        self.metadata.symbol()
    }

    fn decimals(&self) -> U8 {
        self.metadata.decimals()
    }
}

#[public]
impl IErc165 for Token {
    fn supports_interface(&self, interface_id: B32) -> bool {
        self.erc20.supports_interface(interface_id)
    }
}
