//! Runs `auth_core::fuzz::retry_after`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    auth_core::fuzz::retry_after(data);
});
