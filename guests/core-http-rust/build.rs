//! The linker makes components; this one is to stay the core module that it is made of.
fn main() {
    println!("cargo:rustc-link-arg=--skip-wit-component");
}
