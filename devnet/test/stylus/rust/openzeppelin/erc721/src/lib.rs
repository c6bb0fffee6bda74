//! OpenZeppelin's ERC-721; anyone mints what is not there yet.
#![cfg_attr(not(feature = "export-abi"), no_main)]
extern crate alloc;

use alloc::vec::Vec;
use openzeppelin_stylus::{
    token::erc721::{extensions::IErc721Burnable, Erc721, Error, IErc721},
    utils::introspection::erc165::IErc165,
};
use stylus_sdk::{
    abi::Bytes,
    alloy_primitives::{aliases::B32, Address, U256},
    prelude::*,
};

#[entrypoint]
#[storage]
struct Pictures {
    erc721: Erc721,
}

#[public]
#[implements(IErc721<Error = Error>, IErc721Burnable<Error = Error>, IErc165)]
impl Pictures {
    fn mint(&mut self, to: Address, token_id: U256) -> Result<(), Error> {
        self.erc721._mint(to, token_id)
    }
}

#[public]
impl IErc721 for Pictures {
    type Error = Error;

    fn balance_of(&self, owner: Address) -> Result<U256, Error> {
        self.erc721.balance_of(owner)
    }

    fn owner_of(&self, token_id: U256) -> Result<Address, Error> {
        self.erc721.owner_of(token_id)
    }

    fn safe_transfer_from(&mut self, from: Address, to: Address, token_id: U256) -> Result<(), Error> {
        self.erc721.safe_transfer_from(from, to, token_id)
    }

    #[selector(name = "safeTransferFrom")]
    fn safe_transfer_from_with_data(
        &mut self,
        from: Address,
        to: Address,
        token_id: U256,
        data: Bytes,
    ) -> Result<(), Error> {
        self.erc721.safe_transfer_from_with_data(from, to, token_id, data)
    }

    fn transfer_from(&mut self, from: Address, to: Address, token_id: U256) -> Result<(), Error> {
        self.erc721.transfer_from(from, to, token_id)
    }

    fn approve(&mut self, to: Address, token_id: U256) -> Result<(), Error> {
        self.erc721.approve(to, token_id)
    }

    fn set_approval_for_all(&mut self, operator: Address, approved: bool) -> Result<(), Error> {
        self.erc721.set_approval_for_all(operator, approved)
    }

    fn get_approved(&self, token_id: U256) -> Result<Address, Error> {
        self.erc721.get_approved(token_id)
    }

    fn is_approved_for_all(&self, owner: Address, operator: Address) -> bool {
        self.erc721.is_approved_for_all(owner, operator)
    }
}

#[public]
impl IErc721Burnable for Pictures {
    type Error = Error;

    fn burn(&mut self, token_id: U256) -> Result<(), Error> {
        self.erc721.burn(token_id)
    }
}

#[public]
impl IErc165 for Pictures {
    fn supports_interface(&self, interface_id: B32) -> bool {
        self.erc721.supports_interface(interface_id)
    }
}
