//! The linker makes components; this one is to stay the core module that it is made of, with the start file of commands.
fn main() {
    println!("cargo:rustc-link-arg=--skip-wit-component");
    println!("cargo:rustc-link-arg=/usr/lib/wasm32-wasi/crt1-command.o");
}
