//! Simulators of the national systems, written from their published protocols; they share no code with the adapters and know no crate of the gateway.

pub mod broker;
pub mod land;
pub mod ministry;
mod net;
pub mod population;
pub mod portal;
pub mod tax;
