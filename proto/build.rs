//! Compiles the `.proto` files with a pure-Rust compiler, so that no `protoc` is needed.

use std::path::PathBuf;

use prost::Message;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=lienthong");
    let descriptors = protox::compile(["lienthong/v1/lienthong.proto", "lienthong/v1/operator.proto"], ["."])?;
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("lienthong_descriptor.bin"), descriptors.encode_to_vec())?;
    tonic_prost_build::configure().bytes(".lienthong.v1").btree_map(".lienthong.v1").compile_fds(descriptors)?;
    Ok(())
}
