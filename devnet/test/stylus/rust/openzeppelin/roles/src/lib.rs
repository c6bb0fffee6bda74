//! OpenZeppelin's access control before a number that only keepers set.
#![cfg_attr(not(feature = "export-abi"), no_main)]
extern crate alloc;

use alloc::vec::Vec;
use openzeppelin_stylus::{
    access::control::{AccessControl, Error, IAccessControl},
    utils::introspection::erc165::IErc165,
};
use stylus_sdk::{
    alloy_primitives::{aliases::B32, Address, B256, U256},
    prelude::*,
    storage::StorageU256,
};

/// keccak256("KEEPER")
const KEEPER: [u8; 32] = stylus_sdk::keccak_const::Keccak256::new().update(b"KEEPER").finalize();

#[entrypoint]
#[storage]
struct Vault {
    access: AccessControl,
    number: StorageU256,
}

#[public]
#[implements(IAccessControl<Error = Error>, IErc165)]
impl Vault {
    #[constructor]
    pub fn constructor(&mut self, admin: Address) {
        self.access._grant_role(AccessControl::DEFAULT_ADMIN_ROLE.into(), admin);
    }

    fn number(&self) -> U256 {
        self.number.get()
    }

    fn set_number(&mut self, number: U256) -> Result<(), Error> {
        self.access.only_role(KEEPER.into())?;
        self.number.set(number);
        Ok(())
    }
}

#[public]
impl IAccessControl for Vault {
    type Error = Error;

    fn has_role(&self, role: B256, account: Address) -> bool {
        self.access.has_role(role, account)
    }

    fn only_role(&self, role: B256) -> Result<(), Error> {
        self.access.only_role(role)
    }

    fn get_role_admin(&self, role: B256) -> B256 {
        self.access.get_role_admin(role)
    }

    fn grant_role(&mut self, role: B256, account: Address) -> Result<(), Error> {
        self.access.grant_role(role, account)
    }

    fn revoke_role(&mut self, role: B256, account: Address) -> Result<(), Error> {
        self.access.revoke_role(role, account)
    }

    fn renounce_role(&mut self, role: B256, confirmation: Address) -> Result<(), Error> {
        self.access.renounce_role(role, confirmation)
    }
}

#[public]
impl IErc165 for Vault {
    fn supports_interface(&self, interface_id: B32) -> bool {
        self.access.supports_interface(interface_id)
    }
}
