//! Parses randomly mutated messages, the same in every run: parsing must end, without a panic and with a small stack.

use std::thread;

use super::{MOST_BYTES, Request, Response};
use crate::{ContractDocument, Exchange, Expected, RedactedExchange, judge};

const MESSAGES: [&str; 7] = [
    "POST /token HTTP/1.1\r\nhost: a\r\nauthorization: Basic YTpi\r\ncontent-type: application/x-www-form-urlencoded\r\n\
     content-length: 29\r\n\r\ngrant_type=client_credentials",
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncache-control: no-store\r\ncontent-length: 48\r\n\r\n\
     {\"access_token\":\"T0ken.a\",\"token_type\":\"bearer\"}",
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n\
     30;a=b\r\n{\"access_token\":\"T0ken.a\",\"token_type\":\"bearer\"}\r\n0\r\nserver-timing: a\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    "HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Basic realm=\"a\", Bearer error=\"b\"\r\ncontent-length: 26\r\n\r\n\
     {\"error\":\"invalid_client\"}",
    "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: 25\r\n\r\n{\"error\":\"invalid_scope\"}",
    "HTTP/1.0 500 Internal Server Error\r\n\r\n<html>",
];

/// Texts that parsers of HTTP, numbers and JSON have failed on.
const PIECES: [&str; 22] = [
    "\r\n",
    "\r\n\r\n",
    "\n",
    "\0",
    "\u{feff}",
    ":",
    "0\r\n\r\n",
    "ffffffffffffffff\r\n",
    "fffffffffffffffe\r\n",
    "8000000000000000\r\n",
    "content-length: 18446744073709551615\r\n",
    "content-length: 0\r\n",
    "transfer-encoding: chunked\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 ",
    "{\"error\":",
    "[[[[[[[[[[[[[[[[",
    "1e999",
    "\"\\ud800\"",
    "{\"a\":{\"a\":{\"a\":",
    "www-authenticate: Basic\r\n",
    "%ff&=&=",
];

/// Pseudorandom numbers by xorshift.
struct Random(u64);

impl Random {
    /// A number below `limit`, which must not be 0.
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }

    /// One of the messages with one to eight changes.
    fn message(&mut self) -> Vec<u8> {
        let mut bytes = MESSAGES[self.below(MESSAGES.len())].as_bytes().to_vec();
        for _ in 0..=self.below(8) {
            let (at, length) = (self.below(bytes.len() + 1), self.below(40));
            let end = (at + length).min(bytes.len());
            match self.below(6) {
                0 => bytes.truncate(at),
                1 => drop(bytes.drain(at..end)),
                2 => bytes = [&bytes[..at], &bytes[at..end].repeat(1 + self.below(300)), &bytes[end..]].concat(),
                3 if at < bytes.len() => bytes[at] = self.below(256) as u8,
                _ => drop(bytes.splice(at..at, PIECES[self.below(PIECES.len())].bytes())),
            }
        }
        bytes.truncate(MOST_BYTES);
        bytes
    }
}

/// Runs `check` in a thread with this much stack, in KiB.
fn with_stack(kib: usize, check: impl FnOnce() + Send + 'static) {
    thread::Builder::new().stack_size(kib * 1024).spawn(check).unwrap().join().unwrap();
}

#[test]
fn reading_a_mutated_message_ends_on_a_small_stack() {
    with_stack(64, || {
        let (mut random, mut whole, mut broken) = (Random(0x5eed), 0, 0);
        for _ in 0..50_000 {
            let bytes = random.message();
            let is_whole = [Request::read(&bytes).is_ok(), Response::read(&bytes).is_ok()].contains(&true);
            let _ = Response::status(&bytes);
            whole += usize::from(is_whole);
            broken += usize::from(!is_whole);
        }
        assert!(whole > 1_000 && broken > 10_000, "both kinds are there: {whole} and {broken}");
    });
}

#[test]
fn reading_as_many_messages_as_are_kept_ends_on_a_small_stack() {
    with_stack(64, || {
        for piece in PIECES.iter().chain(&MESSAGES) {
            for start in ["", MESSAGES[1], MESSAGES[2], "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"] {
                let mut bytes = [start.as_bytes(), &piece.as_bytes().repeat(MOST_BYTES / piece.len())].concat();
                bytes.truncate(MOST_BYTES);
                let _ = (Request::read(&bytes).is_ok(), Response::read(&bytes).is_ok(), Response::status(&bytes));
            }
        }
    });
}

#[test]
fn judging_and_showing_a_mutated_exchange_ends() {
    with_stack(1024, || {
        let (document, mut random) = (ContractDocument::oauth2().unwrap(), Random(0xc0ffee));
        for round in 0..3_000 {
            let sent = if round % 3 == 0 { random.message() } else { MESSAGES[0].into() };
            let exchange = Exchange { sent, received: random.message(), ..Exchange::default() };
            for expected in [Expected::Token, Expected::Refusal(400), Expected::RefusedForm] {
                let _ = judge(&exchange, &document, expected);
            }
            let redacted = RedactedExchange::of(&exchange);
            assert!(!redacted.request.contains("YTpi") && !redacted.response.contains("T0ken"), "{redacted:?}");
        }
    });
}
