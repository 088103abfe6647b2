//! The program: configuration, security, HTTP and gRPC over the engine's service functions, telemetry and the command line.

mod alert;
mod amqp;
pub mod app;
mod bench;
mod callback;
pub mod cli;
pub mod config;
mod diagnose;
mod facade;
pub mod feed;
mod files;
pub mod fixture;
pub mod grpc;
pub mod http;
pub mod listener;
mod lists;
mod reading;
mod sandbox;
pub mod security;
pub mod state;
pub mod telemetry;
