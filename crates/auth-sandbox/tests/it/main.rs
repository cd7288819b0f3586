//! Tests on real sockets, in one program, since each separate test file would be linked separately.
#![cfg(test)]

mod certificates;
mod common;
mod customers;
mod faults;
mod http;
mod program;
mod resources;
mod sandbox;
mod scripts;
mod strictness;
