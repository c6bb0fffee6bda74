#![cfg_attr(not(feature = "export-abi"), no_main)]

#[cfg(feature = "export-abi")]
use desk_010 as contract;

include!("../../../shared/main.rs");
