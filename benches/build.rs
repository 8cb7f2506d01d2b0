// SPDX-License-Identifier: MIT OR Apache-2.0
//! For the programs that compare libgpiodref and libmediadev with others: links the libraries that are shipped, not crates that
//! could be inlined, and builds from its own sources what else is compared.

fn main() {
    #[cfg(any(feature = "lines", feature = "graphs"))]
    {
        let library = folder("HOLDFAST_LIB");
        println!("cargo::rustc-link-search=native={}", library.display());
        println!("cargo::rustc-link-arg-bins=-Wl,-rpath,{}", library.display());
        // The counts that references are compared with.
        println!("cargo::rerun-if-changed=src/c11.c");
        cc::Build::new().file("src/c11.c").opt_level(2).compile("c11");
    }
    #[cfg(feature = "lines")]
    {
        let gpiod = folder("GPIOD_SOURCE");
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
    }
}

#[cfg(any(feature = "lines", feature = "graphs"))]
fn folder(name: &str) -> std::path::PathBuf {
    println!("cargo::rerun-if-env-changed={name}");
    std::path::PathBuf::from(std::env::var_os(name).unwrap_or_else(|| panic!("{name} is not set")))
}
