//! Tests of the simulated land office, over sockets: what it takes and refuses, its lists and files, its script and pushes, what it breaks.

mod asks;
mod client;
mod failures;
mod files;
mod work;
