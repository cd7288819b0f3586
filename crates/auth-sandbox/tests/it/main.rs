//! Tests on real sockets, in one program: each file of its own would be linked on its own.
#![cfg(test)]

mod certificates;
mod common;
mod faults;
mod program;
mod resources;
mod sandbox;
mod scripts;
mod strictness;
