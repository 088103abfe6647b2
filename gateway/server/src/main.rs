//! The program `lienthong`. It parses the command line and ends with its exit code; everything else is in the library.

use std::process::ExitCode;

use clap::Parser as _;
use lienthong_server::cli::{Cli, run};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // A usage error ends here with code 2 and a text that shows the way.
    run(Cli::parse())
}
