#![cfg_attr(not(feature = "export-abi"), no_main)]

#[cfg(feature = "export-abi")]
mod contract {
    pub fn print_from_args() {
        desk_06::print_abi("MIT", "pragma solidity ^0.8.23;");
    }
}

include!("../../../shared/main.rs");
