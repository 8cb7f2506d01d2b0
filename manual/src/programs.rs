// SPDX-License-Identifier: MIT OR Apache-2.0
//! The programs: what their command lines and docs/programs/ say, as Markdown, and what shells complete.
//!
//! A page of docs/programs/ has the name of its program, and what it says before its first section describes the program as a whole. The
//! commands and their options are the program's own `--help`.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use clap::{Arg, Command};
use clap_complete::Shell;

use crate::reference::{self, escaped};
use crate::Answer;

/// What stands above them in every help.
const EXIT_CODES: [&str; 1] = ["Exit codes:"];

/// A program as its reader needs it.
pub(crate) struct Program {
    /// Its page in docs/programs/: the text is the whole of it, with commands and exit codes.
    pub(crate) page: reference::Page,
    /// How it is called, a line each.
    pub(crate) synopsis: Vec<String>,
}

/// The command lines of all programs.
fn commands() -> [Command; 3] {
    [ovl_cli::command(), gpiodref_cli::command(), mediadev_cli::command()].map(|mut command| {
        command.build();
        command
    })
}

/// All programs, from the checkout that is at `top`.
pub(crate) fn load(top: &Path) -> Result<Vec<Program>, String> {
    let mut pages = reference::pages(&top.join("docs/programs"))?;
    let program = |command: &Command| {
        let name = command.get_name();
        let at = pages.iter().position(|page| page.file == name);
        let mut page = pages.swap_remove(at.ok_or_else(|| format!("docs/programs/{name}.md is not there"))?);
        let (about, sections) = page.text.split_once("\n## ").unwrap_or((&page.text, ""));
        let notes = notes(&after_help(command));
        let exit_codes = notes.split_once(&format!("{}\n\n", EXIT_CODES[0])).map(|(_, behind)| behind);
        // The title says already what the first paragraph does.
        let long_about = prose(&long_about(command));
        page.text = format!(
            "{}\n{about}\n{}\n## Exit status\n\n{}\n## {sections}",
            long_about.split_once("\n\n").map_or("", |(_, behind)| behind),
            described(command),
            exit_codes.unwrap_or_default(),
        );
        let synopsis = subcommands(command).map(usage).collect();
        Ok(Program { page, synopsis })
    };
    commands().iter().map(program).collect()
}

/// Writes what bash, zsh and fish complete into `out`, as bash/ovl, zsh/_ovl and fish/ovl.fish.
pub(crate) fn write_completions(out: &Path) -> Answer {
    for mut command in commands() {
        let name = command.get_name().to_owned();
        for (shell, file) in [
            (Shell::Bash, format!("bash/{name}")),
            (Shell::Zsh, format!("zsh/_{name}")),
            (Shell::Fish, format!("fish/{name}.fish")),
        ] {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command, &name, &mut script);
            let file = out.join(file);
            let folder = file.parent().unwrap_or(out);
            fs::create_dir_all(folder)
                .and_then(|()| fs::write(&file, script))
                .map_err(|e| format!("{}: {e}", file.display()))?;
        }
    }
    Ok(format!("{}: what bash, zsh and fish complete", out.display()))
}

fn subcommands(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|command| command.get_name() != "help")
}

/// `ovl get [OPTIONS] <PATH> [PROP]`
fn usage(command: &Command) -> String {
    command.clone().render_usage().to_string().trim_start_matches("Usage: ").to_owned()
}

fn long_about(command: &Command) -> String {
    command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default()
}

fn after_help(command: &Command) -> String {
    command.get_after_long_help().map(ToString::to_string).unwrap_or_default()
}

/// Each subcommand, as a part of the section "Commands".
fn described(command: &Command) -> String {
    let mut text = String::from("## Commands\n\n");
    for command in subcommands(command) {
        let usage = usage(command);
        let name: Vec<&str> = usage.split(' ').take(2).collect();
        let _ =
            write!(text, "### {}\n\n```\n{usage}\n```\n\n{}\n", name.join(" "), prose(&long_about(command)));
        let rows = command.get_positionals().chain(command.get_opts());
        let rows = rows.chain(command.get_arguments().filter(|arg| is_flag(arg))).map(row);
        table(&mut text, ["argument", "what it is"], rows);
        text.push_str(&notes(&after_help(command)));
    }
    text
}

fn is_flag(arg: &Arg) -> bool {
    !arg.is_positional() && !arg.get_action().takes_values() && arg.get_id() != "help"
}

fn table(text: &mut String, head: [&str; 2], rows: impl Iterator<Item = (String, String)>) {
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        let _ = writeln!(text, "| {} | {} |\n|---|---|", head[0], head[1]);
        for (tag, what) in rows {
            let _ = writeln!(text, "| {} | {} |", tag.replace('|', "\\|"), what.replace('|', "\\|"));
        }
        text.push('\n');
    }
}

/// An argument: how it is given, and what it is.
fn row(arg: &Arg) -> (String, String) {
    let shown = arg.to_string();
    let tag = match arg.get_long() {
        None => italic(&shown),
        Some(long) => {
            let mut names: Vec<String> =
                arg.get_short().map(|short| format!("`-{short}`")).into_iter().collect();
            let others = arg.get_visible_aliases().unwrap_or_default();
            names.extend([long].into_iter().chain(others).map(|name| format!("`--{name}`")));
            let value = shown.trim_start_matches("--").trim_start_matches(long).trim_start();
            [names.join(", "), italic(value)].join(" ").trim_end().to_owned()
        }
    };
    let help = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let mut what = sentence(&help);
    let values: Vec<String> = arg
        .get_possible_values()
        .iter()
        .map(|value| {
            let help = value.get_help().map(|help| format!(": {}", escaped(&help.to_string())));
            format!("`{}`{}", value.get_name(), help.unwrap_or_default())
        })
        .collect();
    if !values.is_empty() {
        let _ = write!(what, " One of {}.", values.join("; "));
    }
    let defaults: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if arg.get_action().takes_values() && !defaults.is_empty() {
        let _ = write!(what, " If it is not given: `{}`.", defaults.join(" "));
    }
    (tag, what)
}

/// The name of a value; what has to be given needs no mark.
fn italic(value: &str) -> String {
    let name = value.replace(['<', '>'], "");
    match name.is_empty() {
        true => name,
        false => format!("*{}*", escaped(&name)),
    }
}

/// What stands behind the arguments in a help: paragraphs, and below some of them lines that stay as they are.
fn notes(help: &str) -> String {
    let mut text = String::new();
    for block in help.split("\n\n").filter(|block| !block.is_empty()) {
        let lines: Vec<&str> = block.lines().collect();
        let indented = lines.iter().position(|line| line.starts_with("  ")).unwrap_or(lines.len());
        let (head, kept) = lines.split_at(indented);
        let _ = writeln!(text, "{}\n", escaped(&head.join(" ")));
        if head == EXIT_CODES {
            let rows = kept.iter().filter_map(|line| line.trim().split_once("  "));
            let rows = rows.map(|(code, when)| (format!("`{code}`"), sentence(when)));
            table(&mut text, ["exit code", "when"], rows);
        } else if !kept.is_empty() {
            let kept: Vec<&str> = kept.iter().map(|line| line.trim_start_matches("  ")).collect();
            let _ = writeln!(text, "```sh\n{}\n```\n", kept.join("\n"));
        }
    }
    text
}

/// Paragraphs of a help, the first of which is its title.
fn prose(help: &str) -> String {
    help.split("\n\n").map(|paragraph| sentence(paragraph) + "\n\n").collect()
}

/// Text that begins and ends as a sentence does.
fn sentence(text: &str) -> String {
    let text = escaped(text);
    let (first, rest) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
    let end = if text.ends_with(['.', '!', '?', ':']) { "" } else { "." };
    [&first.to_uppercase(), rest, end].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of a line as a shell takes them apart.
    fn words(line: &str) -> Vec<String> {
        let line = ["|", "<", "  #"]
            .iter()
            .fold(line, |line, end| line.split_once(&format!(" {end} ")).map_or(line, |(before, _)| before));
        let shell = std::process::Command::new("sh").args(["-c", &format!("printf '%s\\n' {line}")]).output();
        String::from_utf8(shell.unwrap().stdout).unwrap().lines().map(ToOwned::to_owned).collect()
    }

    #[test]
    fn the_examples_of_help_are_understood() {
        for command in commands() {
            let mut seen = 0;
            for help in [&command].into_iter().chain(subcommands(&command)).map(after_help) {
                let (_, examples) = help.split_once("Examples:\n").unwrap();
                for example in examples.lines().map_while(|line| line.strip_prefix("  ")) {
                    // As much as a man page has room for.
                    assert!(example.len() <= 69, "too long: {example}");
                    let words = words(example);
                    assert_eq!(words[0], command.get_name(), "{example}");
                    if let Err(error) = command.clone().try_get_matches_from(&words) {
                        panic!("{example}: {error}");
                    }
                    seen += 1;
                }
            }
            assert!(seen > 12, "{}: {seen} examples", command.get_name());
        }
    }

    #[test]
    fn a_page_has_every_option_of_every_command() {
        let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for (program, command) in load(&top).unwrap().iter().zip(commands()) {
            let text = &program.page.text;
            let mut parts = text.split("\n### ").skip(1);
            for command in subcommands(&command) {
                let part = parts.next().unwrap();
                assert!(part.contains(&usage(command)), "{part}");
                for option in command.get_arguments().filter_map(Arg::get_long).filter(|&name| name != "help")
                {
                    assert!(part.contains(&format!("`--{option}`")), "--{option}: {part}");
                }
                for positional in command.get_positionals() {
                    assert!(part.contains(&row(positional).0.replace('|', "\\|")), "{positional}: {part}");
                }
            }
            assert!(parts.next().is_none());
            let sections: Vec<&str> =
                text.split("\n## ").skip(1).filter_map(|section| section.lines().next()).collect();
            assert_eq!(sections, ["Commands", "Exit status", "Environment", "Files", "Examples", "See also"]);
        }
    }

    #[test]
    fn text_of_a_help_is_text() {
        assert_eq!(sentence("set *.dtb of <A> | b_c"), "Set \\*.dtb of \\<A\\> | b\\_c.");
        assert_eq!(
            notes("In it\nstands\n  %a  b\n\nExit codes:\n  0  well"),
            "\
In it stands\n\n```sh\n%a  b\n```\n\nExit codes:\n\n| exit code | when |\n|---|---|\n| `0` | Well. |\n\n"
        );
        let arg = Arg::new("x").long("x").short('x').value_name("A|B").default_value("1").help("what");
        let mut command = Command::new("c").arg(arg);
        command.build();
        let rows: Vec<_> = command.get_opts().map(row).collect();
        assert_eq!(rows, [("`-x`, `--x` *A|B*".into(), "What. If it is not given: `1`.".into())]);
    }
}
