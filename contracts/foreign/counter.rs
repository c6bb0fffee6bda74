//! A counter that speaks Stylus's `vm_hooks`, written without an SDK, with all of Rust's standard library: what the
//! contracts of the Stylus SDK are once they are compiled. counter.wasm is what `node build.mjs` of `devnet init --language
//! rust` makes of it, here with rustc 1.96, the standard library's sources (Debian's rustc-web and rust-web-src), and
//! RUSTFLAGS=--remap-path-prefix=(folder of the registry's sources)=/crates. `#![no_std]` loads for less.

mod panics;

#[link(wasm_import_module = "vm_hooks")]
extern "C" {
    fn read_args(dest: *mut u8);
    fn write_result(data: *const u8, len: usize);
    fn msg_sender(dest: *mut u8);
    fn storage_load_bytes32(key: *const u8, dest: *mut u8);
    fn storage_cache_bytes32(key: *const u8, value: *const u8);
    fn storage_flush_cache(clear: bool);
    fn emit_log(data: *const u8, len: usize, topics: usize);
    fn pay_for_memory_grow(pages: u16);
}

/// Stylus asks every module whose memory may grow to import that function; this keeps the import.
#[no_mangle]
pub unsafe extern "C" fn mark_used() {
    pay_for_memory_grow(0);
}

type Word = [u8; 32];
type Outcome = Result<Vec<u8>, Vec<u8>>;

const NUMBER_SLOT: Word = [0; 32];
const GREATEST: u64 = 1_000_000;
/// keccak256("NumberChanged(address,uint256)")
const NUMBER_CHANGED: Word = [
    0x70, 0xde, 0x80, 0x34, 0xc3, 0x1e, 0x91, 0xb3, 0xa3, 0x0e, 0x57, 0xea, 0xc0, 0x1a, 0xc4, 0x03,
    0x96, 0x72, 0x1a, 0x81, 0x83, 0xa1, 0x59, 0xe9, 0xa0, 0xb3, 0x24, 0xa7, 0x18, 0x83, 0x86, 0xe4,
];

fn word(value: u64) -> Word {
    let mut bytes = [0; 32];
    bytes[24..].copy_from_slice(&value.to_be_bytes());
    bytes
}

fn number() -> u64 {
    let mut value = [0; 32];
    unsafe { storage_load_bytes32(NUMBER_SLOT.as_ptr(), value.as_mut_ptr()) };
    u64::from_be_bytes(value[24..].try_into().unwrap())
}

fn set_number(value: u64) -> Outcome {
    if value > GREATEST {
        return Err(error(&format!("{} is more than {}", value, GREATEST)));
    }
    let stored = word(value);
    let mut sender = [0; 32];
    unsafe {
        storage_cache_bytes32(NUMBER_SLOT.as_ptr(), stored.as_ptr());
        storage_flush_cache(false);
        msg_sender(sender[12..].as_mut_ptr());
    }
    let log = [NUMBER_CHANGED, sender, stored].concat();
    unsafe { emit_log(log.as_ptr(), log.len(), 2) };
    Ok(vec![])
}

/// Error(string), as Solidity's require encodes it.
fn error(text: &str) -> Vec<u8> {
    [&[0x08, 0xc3, 0x79, 0xa0][..], &string(text)].concat()
}

fn string(text: &str) -> Vec<u8> {
    let mut bytes = [word(32), word(text.len() as u64)].concat();
    bytes.extend_from_slice(text.as_bytes());
    bytes.resize((bytes.len() + 31) / 32 * 32, 0);
    bytes
}

fn uint(data: &[u8], position: usize) -> u64 {
    let bytes = &data[32 * position..32 * position + 32];
    assert!(bytes[..24].iter().all(|byte| *byte == 0), "an argument of more than 64 bits");
    u64::from_be_bytes(bytes[24..].try_into().unwrap())
}

fn call(input: &[u8]) -> Outcome {
    let (selector, data) = input.split_at(4);
    match u32::from_be_bytes(selector.try_into().unwrap()) {
        0x8381_f58a => Ok(word(number()).to_vec()),
        0x3fb5_c1cb => set_number(uint(data, 0)),
        0xd09d_e08a => set_number(number() + 1),
        0xead7_10c4 => {
            let length = uint(data, 1) as usize;
            let name = std::str::from_utf8(&data[64..64 + length]).map_err(|why| error(&why.to_string()))?;
            Ok(string(&format!("Hello, {}! The number is {}.", name, number())))
        }
        _ => Err(error("no such function")),
    }
}

#[no_mangle]
pub extern "C" fn user_entrypoint(length: usize) -> usize {
    panics::tell_panics();
    let mut input = vec![0; length];
    unsafe { read_args(input.as_mut_ptr()) };
    let (output, status) = match call(&input) {
        Ok(output) => (output, 0),
        Err(output) => (output, 1),
    };
    unsafe { write_result(output.as_ptr(), output.len()) };
    status
}
