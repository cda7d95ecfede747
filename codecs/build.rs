//! Tells the tests where the protobuf descriptors are that `temporalio-protos` was built from.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let descriptors = std::env::var("DEP_TEMPORALIO_PROTOS_DESCRIPTOR_PATH")
        .expect("the build script of temporalio-protos says where its descriptors are");
    println!("cargo:rerun-if-changed={descriptors}");
    println!("cargo:rustc-env=BURDOCK_DESCRIPTORS={descriptors}");
}
