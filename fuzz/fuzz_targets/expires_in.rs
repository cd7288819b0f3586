//! Runs `auth_core::fuzz::expires_in`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    auth_core::fuzz::expires_in(data);
});
