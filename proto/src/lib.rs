//! The gRPC contract `lienthong.v1`, generated from `lienthong/v1/*.proto`. It holds no logic.

/// Messages, clients and servers of `lienthong.v1`.
#[expect(
    clippy::all,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::too_many_lines,
    reason = "generated code"
)]
pub mod v1 {
    tonic::include_proto!("lienthong.v1");
}

/// The compiled descriptors, for reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/lienthong_descriptor.bin"));
