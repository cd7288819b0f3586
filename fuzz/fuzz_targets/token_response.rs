//! Runs `auth_core::fuzz::token_response`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    auth_core::fuzz::token_response(data);
});
