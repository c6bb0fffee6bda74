// A panic reverts with its words, as `Error(string)`. Without this it is a trap: no words, and all gas of the call is gone.
// For any contract in Rust (1.82 or newer), also of the Stylus SDK: `mod panics;` beside its own code.

/// For the rest of this call, as each begins with a new instance: so call it before anything that may panic.
#[cfg(target_arch = "wasm32")]
pub fn tell_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let words = match panic.payload().downcast_ref::<&str>() {
            Some(words) => words,
            None => panic.payload().downcast_ref::<String>().map_or("", String::as_str),
        };
        let text = panic.location().map_or(words.into(), |at| format!("{} ({}:{})", words, at.file(), at.line()));
        let mut error = vec![0x08, 0xc3, 0x79, 0xa0];
        for number in [32, text.len() as u64] {
            error.extend_from_slice(&[0; 24]);
            error.extend_from_slice(&number.to_be_bytes());
        }
        error.extend_from_slice(text.as_bytes());
        error.resize(4 + (error.len() - 4 + 31) / 32 * 32, 0);
        unsafe {
            write_result(error.as_ptr(), error.len());
            exit_early(1);
        }
    }));
}

/// Tests of the contract run outside of the chain, and programs say there what they have to say.
#[cfg(not(target_arch = "wasm32"))]
pub fn tell_panics() {}

#[cfg(target_arch = "wasm32")]
#[link(wasm_import_module = "vm_hooks")]
unsafe extern "C" {
    fn write_result(data: *const u8, len: usize);
    fn exit_early(status: u32);
}
