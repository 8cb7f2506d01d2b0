// SPDX-License-Identifier: MIT OR Apache-2.0
//! README's example of the program `gpiodref`, on a simulated chip of a real kernel.

mod sim;

use sim::{run, Sim, GPIODREF};
use std::path::Path;

#[test]
#[ignore = "needs gpio-sim: make check-kernel"]
fn the_example_in_readme_does_what_it_says() {
    let board = Sim::new("board", 4, &[(1, "LED"), (2, "BUTTON")]);
    let chip = board.chip();
    let program = Path::new(GPIODREF).parent().unwrap().display();
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/shell/lines.sh");
    let (code, said, complaints) = run("sh", &["-c", &format!("PATH={program}:$PATH exec {example}")]);
    assert_eq!((code, complaints.as_str()), (0, ""), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    let [detected, of_chip, _, led, button, _, value] = lines[..] else { panic!("{said}") };
    assert_eq!(detected, format!("{chip} [board] (4 lines)"));
    assert_eq!(of_chip, format!("{chip} - 4 lines:"));
    assert!(led.contains("\"LED\"") && button.contains("\"BUTTON\""), "{said}");
    assert_eq!(value, "1");
}
