#![cfg_attr(not(feature = "export-abi"), no_main)]

#[cfg(feature = "export-abi")]
use token_010 as contract;

include!("../../../shared/main.rs");
