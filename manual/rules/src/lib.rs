// SPDX-License-Identifier: MIT OR Apache-2.0
//! The numbered rules of docs/guarantees.md, and which tests carry their numbers.
//!
//! A test shows a rule if its name, or the comment directly above it, carries the number.

/// The rules of the project: a letter, and how many there are.
pub const RULES: [(char, u32); 4] = [('K', 8), ('O', 29), ('G', 10), ('M', 14)];

/// A test that carries numbers.
#[derive(Debug, PartialEq)]
pub struct Test {
    /// Its name as people read it: the words of `TEST("…")`, or the function's.
    pub name: String,
    /// The line that declares it, counted from 1.
    pub line: usize,
    /// The rules that it shows, each once.
    pub rules: Vec<String>,
}

/// The names of all rules, in their order.
pub fn all() -> impl Iterator<Item = String> {
    RULES.iter().flat_map(|(letter, count)| (1..=*count).map(move |n| format!("{letter}{n}")))
}

/// The tests of a source file in C, Rust or Python that carry a number.
pub fn tests(text: &str) -> Vec<Test> {
    let mut tests = Vec::new();
    // The comment lines and attributes directly above the line at hand, and whether one of them says `#[test]`.
    let (mut above, mut marked) = (String::new(), false);
    for (at, line) in text.lines().map(str::trim).enumerate() {
        let rust_test = marked && (line.starts_with("fn ") || line.starts_with("async fn "));
        if rust_test || line.starts_with("TEST(\"") || line.starts_with("def test_") {
            let rules = numbers(&format!("{above} {line}"));
            if !rules.is_empty() {
                tests.push(Test { name: name(line), line: at + 1, rules });
            }
        }
        if line.starts_with("//") || line.starts_with('#') || line.starts_with('@') {
            above.push_str(line);
            above.push(' ');
            marked |= line.starts_with("#[test]");
        } else {
            above.clear();
            marked = false;
        }
    }
    tests
}

/// The rule that a word is the number of: `O12`, or `o12` as a part of an identifier.
pub fn number(word: &str) -> Option<String> {
    let (letter, number) = word.split_at_checked(1)?;
    let letter = letter.to_ascii_uppercase();
    let last = RULES.iter().find(|(l, _)| l.to_string() == letter)?.1;
    let number = number.parse::<u32>().ok()?;
    (1..=last).contains(&number).then(|| format!("{letter}{number}"))
}

fn numbers(text: &str) -> Vec<String> {
    let mut rules: Vec<String> = Vec::new();
    for rule in text.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(number) {
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    rules
}

fn name(declaration: &str) -> String {
    let quoted = declaration.strip_prefix("TEST(\"").and_then(|rest| rest.split_once('"'));
    let function = || declaration.split("fn ").last().and_then(|rest| rest.split('(').next());
    let python = declaration.strip_prefix("def ").and_then(|rest| rest.split('(').next());
    quoted.map(|(name, _)| name).or(python).or_else(function).unwrap_or(declaration).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<(String, usize, String)> {
        tests(text).into_iter().map(|t| (t.name, t.line, t.rules.join(" "))).collect()
    }

    #[test]
    fn tests_carry_numbers_in_their_names_and_in_the_comment_above() {
        let one = |name: &str, line, rules: &str| vec![(name.to_owned(), line, rules.to_owned())];
        assert_eq!(of("\nTEST(\"O18 stays, O18\")\n{\n    x(O5);\n}"), one("O18 stays, O18", 2, "O18"));
        assert_eq!(
            of("// K1, K3\n#[test]\nfn o2_depth() {}\n// O9\nfn helper() {}\n"),
            one("o2_depth", 3, "K1 K3 O2")
        );
        assert_eq!(
            of("@mark\ndef test_o24_origin(tree):\n    assert O3\n"),
            one("test_o24_origin", 2, "O24")
        );
        assert_eq!(of("TEST(\"O99 K0 X1 O1x o\")\n"), []);
    }
}
