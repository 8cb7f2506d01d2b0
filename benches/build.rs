// SPDX-License-Identifier: MIT OR Apache-2.0
//! Builds libgpiod from its own sources, for the program that compares libgpiodref with it, and links the library that is
//! shipped, not a crate that could be inlined.

fn main() {
    #[cfg(feature = "lines")]
    {
        let folder = |name: &str| {
            println!("cargo::rerun-if-env-changed={name}");
            std::path::PathBuf::from(std::env::var_os(name).unwrap_or_else(|| panic!("{name} is not set")))
        };
        let (library, gpiod) = (folder("HOLDFAST_LIB"), folder("GPIOD_SOURCE"));
        println!("cargo::rustc-link-search=native={}", library.display());
        println!("cargo::rustc-link-arg-bin=lines=-Wl,-rpath,{}", library.display());
        let sources = std::fs::read_dir(gpiod.join("lib")).expect("libgpiod's sources");
        let sources = sources.map(|entry| entry.expect("a file").path());
        let c = sources.filter(|path| path.extension().is_some_and(|ext| ext == "c"));
        cc::Build::new()
            .files(c)
            .include(gpiod.join("include"))
            .include(gpiod.join("lib"))
            .define("_GNU_SOURCE", None)
            .define("GPIOD_VERSION_STR", "\"bench\"")
            .opt_level(2)
            .warnings(false)
            .compile("gpiod");
        // The counts that references are compared with.
        println!("cargo::rerun-if-changed=src/bin/lines/c11.c");
        cc::Build::new().file("src/bin/lines/c11.c").opt_level(2).compile("c11");
    }
}
