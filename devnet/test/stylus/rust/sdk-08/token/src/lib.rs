//! The token in the words of stylus-sdk 0.8.
#![cfg_attr(not(feature = "export-abi"), no_main)]

include!("../../../shared/words08.rs");
include!("../../../shared/token.rs");
include!("../../../shared/inherits.rs");
