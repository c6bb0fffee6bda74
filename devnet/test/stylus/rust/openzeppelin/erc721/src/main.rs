#![cfg_attr(not(feature = "export-abi"), no_main)]

#[cfg(feature = "export-abi")]
use oz_erc721 as contract;

include!("../../../shared/main.rs");
