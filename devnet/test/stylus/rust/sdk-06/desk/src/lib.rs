//! The desk in the words of stylus-sdk 0.6.
#![cfg_attr(not(feature = "export-abi"), no_main)]

include!("../../../shared/words06.rs");
include!("../../../shared/desk.rs");
