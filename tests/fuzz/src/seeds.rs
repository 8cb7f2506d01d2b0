// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writes the files that a target starts from: `seeds TARGET FOLDER`.

fn main() {
    let [_, target, folder] = &std::env::args().collect::<Vec<_>>()[..] else {
        panic!("usage: seeds TARGET FOLDER");
    };
    std::fs::create_dir_all(folder).unwrap();
    for (i, seed) in ovl_fuzz::seeds(target).iter().enumerate() {
        std::fs::write(format!("{folder}/seed-{i:02}"), seed).unwrap();
    }
}
