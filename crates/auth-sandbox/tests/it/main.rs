//! Tests on real sockets, in one program: each file of its own would be linked on its own.
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
