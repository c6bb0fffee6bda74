/*
 * The host functions of contracts (docs/protocol/vm_hooks.md says what each does and costs), for C and C++ and any clang
 * with the target wasm32. counter.c beside this file uses it; its head has the command line.
 *
 * Pointers are offsets in the contract's memory. An address is 20 bytes, a word (an amount, a storage key or value, a hash)
 * 32 bytes, big-endian. A contract exports its memory and
 *
 *   __attribute__((export_name("user_entrypoint"))) uint32_t user_entrypoint(size_t calldata_length);
 *
 * which returns 0 for success and anything else to revert with what write_result was given last.
 */
#ifndef TOUCHSTONE_VM_HOOKS_H
#define TOUCHSTONE_VM_HOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VM_HOOK(name) __attribute__((import_module("vm_hooks"), import_name(#name))) name
#define CONSOLE(name) __attribute__((import_module("console"), import_name(#name))) name

/* Calldata in, result out. */
void VM_HOOK(read_args)(uint8_t *dest);
void VM_HOOK(write_result)(const uint8_t *data, size_t length);
/* Ends the frame at once; does not return. */
void VM_HOOK(exit_early)(uint32_t status);

/* Storage. A write is held until the flush: without one it is lost. Flush before calls and at the end. */
void VM_HOOK(storage_load_bytes32)(const uint8_t *key, uint8_t *dest);
void VM_HOOK(storage_cache_bytes32)(const uint8_t *key, const uint8_t *value);
void VM_HOOK(storage_flush_cache)(bool clear);
void VM_HOOK(transient_load_bytes32)(const uint8_t *key, uint8_t *dest);
void VM_HOOK(transient_store_bytes32)(const uint8_t *key, const uint8_t *value);

/* Calls: 0 is success, 2 failure; the length of the return data goes to return_length. */
uint32_t VM_HOOK(call_contract)(const uint8_t *address, const uint8_t *calldata, size_t length, const uint8_t *value,
                                uint64_t gas, size_t *return_length);
uint32_t VM_HOOK(delegate_call_contract)(const uint8_t *address, const uint8_t *calldata, size_t length, uint64_t gas,
                                         size_t *return_length);
uint32_t VM_HOOK(static_call_contract)(const uint8_t *address, const uint8_t *calldata, size_t length, uint64_t gas,
                                       size_t *return_length);
/* Creations: the new address goes to `address`, zeros when it failed. */
void VM_HOOK(create1)(const uint8_t *code, size_t length, const uint8_t *value, uint8_t *address,
                      size_t *revert_data_length);
void VM_HOOK(create2)(const uint8_t *code, size_t length, const uint8_t *value, const uint8_t *salt, uint8_t *address,
                      size_t *revert_data_length);
/* Of the last call or creation; returns the bytes copied. */
size_t VM_HOOK(read_return_data)(uint8_t *dest, size_t offset, size_t size);
size_t VM_HOOK(return_data_size)(void);

/* An event: its topics (at most 4 words) and then its data, in one piece. */
void VM_HOOK(emit_log)(const uint8_t *data, size_t length, size_t topics);

/* Any account. */
void VM_HOOK(account_balance)(const uint8_t *address, uint8_t *dest);
size_t VM_HOOK(account_code)(const uint8_t *address, size_t offset, size_t size, uint8_t *dest);
size_t VM_HOOK(account_code_size)(const uint8_t *address);
void VM_HOOK(account_codehash)(const uint8_t *address, uint8_t *dest);

/* Block, transaction and message. Times are seconds since 1970. */
void VM_HOOK(block_basefee)(uint8_t *dest);
void VM_HOOK(block_coinbase)(uint8_t *dest);
uint64_t VM_HOOK(block_gas_limit)(void);
uint64_t VM_HOOK(block_number)(void);
uint64_t VM_HOOK(block_timestamp)(void);
uint64_t VM_HOOK(chainid)(void);
void VM_HOOK(contract_address)(uint8_t *dest);
bool VM_HOOK(msg_reentrant)(void);
void VM_HOOK(msg_sender)(uint8_t *dest);
void VM_HOOK(msg_value)(uint8_t *dest);
void VM_HOOK(tx_gas_price)(uint8_t *dest);
uint32_t VM_HOOK(tx_ink_price)(void);
void VM_HOOK(tx_origin)(uint8_t *dest);
/* Ink is a ten thousandth of gas. */
uint64_t VM_HOOK(evm_gas_left)(void);
uint64_t VM_HOOK(evm_ink_left)(void);

/* 256-bit arithmetic on words; the result replaces the first operand. By 0 gives 0. */
void VM_HOOK(math_div)(uint8_t *value, const uint8_t *divisor);
void VM_HOOK(math_mod)(uint8_t *value, const uint8_t *modulus);
void VM_HOOK(math_pow)(uint8_t *value, const uint8_t *exponent);
void VM_HOOK(math_add_mod)(uint8_t *value, const uint8_t *addend, const uint8_t *modulus);
void VM_HOOK(math_mul_mod)(uint8_t *value, const uint8_t *multiplier, const uint8_t *modulus);
void VM_HOOK(native_keccak256)(const uint8_t *data, size_t length, uint8_t *out);

/* Stylus asks for it where a memory may grow; here growing is paid for where it happens. */
void VM_HOOK(pay_for_memory_grow)(uint32_t pages);

/* Prints while a contract is developed; no part of a result. */
void CONSOLE(log_txt)(const char *text, size_t length);
void CONSOLE(log_i32)(int32_t value);
void CONSOLE(log_i64)(int64_t value);

#ifdef __cplusplus
}
#endif

#endif
