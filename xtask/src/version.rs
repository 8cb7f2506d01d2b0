// SPDX-License-Identifier: MIT OR Apache-2.0
//! The version: the workspace's `Cargo.toml` has it, and the files of other tools, which have to spell it out, say the same. So it is
//! with the number in the sonames, which the Makefile has.

use crate::{abi, read, run, write as write_file, Answer, LIBRARIES};

/// A file, and what stands around the version in the first line of it that begins so.
struct Place {
    file: &'static str,
    before: &'static str,
    after: &'static str,
}

const fn place(file: &'static str, before: &'static str, after: &'static str) -> Place {
    Place { file, before, after }
}

const CARGO: Place = place("Cargo.toml", "version = \"", "\"");
const PLACES: &[Place] = &[
    place("bindings/python/pyproject.toml", "version = \"", "\""),
    place("meson.build", "project('holdfast', 'c', version: '", "'"),
    place("examples/meson/subprojects/holdfast.wrap", "revision = v", ""),
    place("packaging/alpine/APKBUILD", "pkgver=", ""),
    place("packaging/rpm/holdfast.spec", "Version:        ", ""),
];
/// These tell the history, and get an entry each.
const DEBIAN: Place = place("debian/changelog", "holdfast (", "-1)");
const RPM: Place = place("packaging/rpm/holdfast.spec", "%changelog", "");
const WHO: &str = "The Holdfast developers <maintainers@example.org>";

type Number = (u32, u32, u32);

/// Makes `new` the version of everything.
pub(crate) fn write(new: &str) -> Answer {
    number(new)?;
    for place in [CARGO].iter().chain(PLACES) {
        let text = read(place.file.as_ref())?;
        let (start, end) = place.find(&text)?;
        write_file(place.file.as_ref(), &format!("{}{new}{}", &text[..start], &text[end..]))?;
    }
    let debian = read(DEBIAN.file.as_ref())?;
    if DEBIAN.version(&debian)? != new {
        let now = today("-R")?;
        let entry = format!(
            "holdfast ({new}-1) unstable; urgency=medium\n\n  * New version.\n\n -- {WHO}  {now}\n\n"
        );
        write_file(DEBIAN.file.as_ref(), &(entry + &debian))?;
    }
    let spec = read(RPM.file.as_ref())?;
    if !rpm_tells(&spec, new) {
        let entry = format!("%changelog\n* {} {WHO} - {new}-1\n- New version\n\n", today("+%a %b %d %Y")?);
        write_file(RPM.file.as_ref(), &spec.replacen("%changelog\n", &entry, 1))?;
    }
    for manifest in ["Cargo.toml", "tests/fuzz/Cargo.toml"] {
        let (said, code) =
            run("cargo", &["update", "--workspace", "--offline", "--manifest-path", manifest])?;
        if code != 0 {
            return Err(format!("{manifest}: cargo update: {said}"));
        }
    }
    check()
}

pub(crate) fn check() -> Answer {
    let version = CARGO.version(&read(CARGO.file.as_ref())?)?;
    let (major, minor, _) = number(&version)?;
    let mut wrong = Vec::new();
    for place in PLACES.iter().chain([&DEBIAN]) {
        let found = place.version(&read(place.file.as_ref())?)?;
        if found != version {
            wrong.push(format!("{}: version {found}", place.file));
        }
    }
    if !rpm_tells(&read(RPM.file.as_ref())?, &version) {
        wrong.push(format!("{}: %changelog does not begin with it", RPM.file));
    }
    let changelog = read("CHANGELOG.md".as_ref())?;
    if let Some(release) = abi::last_release(&changelog) {
        if number(release)? > number(&version)? {
            wrong.push(format!("CHANGELOG.md: {release} is released already"));
        }
    }
    let node = format!("_{major}.{minor}");
    for library in LIBRARIES.iter().filter(|library| !library.node.ends_with(&node)) {
        wrong.push(format!("xtask/src/main.rs: new symbols of lib{} get {}", library.name, library.node));
    }
    let so = abi::soversion(&read("Makefile".as_ref())?)?.to_owned();
    for library in LIBRARIES {
        let (name, node) = (library.name, library.node);
        let symbols = format!("debian/lib{name}{so}.symbols");
        for (file, part) in [
            (&*symbols, format!("lib{name}.so.{so} lib{name}{so} #MINVER#\n")),
            (&*symbols, format!(" (symver){node} ")),
            ("debian/control", format!("\nPackage: lib{name}{so}\n")),
            ("packaging/rpm/holdfast.spec", format!("%{{_libdir}}/lib{name}.so.{so}\n")),
            ("bindings/python/_holdfast/library.py", format!("so.{so}\"")),
            ("bindings/python/pyproject.toml", format!("\"lib*.so.{so}\"")),
        ] {
            // Where the file is called after the number, it may be called after another one.
            if !read(file.as_ref()).unwrap_or_default().contains(&part) {
                wrong.push(format!("{file}: no {:?}", part.trim()));
            }
        }
    }
    match wrong.is_empty() {
        true => Ok(format!("{version}, sonames .so.{so}: {} files agree", PLACES.len() + 2)),
        false => Err(format!(
            "Cargo.toml has version {version}, and the Makefile SOVERSION {so}:\n  {}",
            wrong.join("\n  ")
        )),
    }
}

impl Place {
    /// Where the version begins and ends.
    fn find(&self, text: &str) -> Result<(usize, usize), String> {
        let missing = || format!("{}: no line \"{}VERSION{}\"", self.file, self.before, self.after);
        let line = match text.starts_with(self.before) {
            true => 0,
            false => text.find(&format!("\n{}", self.before)).ok_or_else(missing)? + 1,
        };
        let start = line + self.before.len();
        let rest = text[start..].lines().next().unwrap_or_default();
        let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        match rest[length..].starts_with(self.after) {
            true => Ok((start, start + length)),
            false => Err(missing()),
        }
    }

    fn version(&self, text: &str) -> Result<String, String> {
        self.find(text).map(|(start, end)| text[start..end].to_owned())
    }
}

/// Whether the newest entry of the spec file's history is of this version.
fn rpm_tells(spec: &str, version: &str) -> bool {
    let newest = spec.split_once("%changelog\n").and_then(|(_, history)| history.lines().next());
    newest.is_some_and(|line| line.ends_with(&format!(" - {version}-1")))
}

fn number(version: &str) -> Result<Number, String> {
    let parts: Vec<u32> = version.split('.').filter_map(|part| part.parse().ok()).collect();
    match parts[..] {
        [major, minor, patch] if version == format!("{major}.{minor}.{patch}") => Ok((major, minor, patch)),
        _ => Err(format!("\"{version}\" is no version like 1.2.3")),
    }
}

fn today(format: &str) -> Result<String, String> {
    Ok(run("env", &["LC_ALL=C", "date", format])?.0.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_found_in_the_first_line_that_begins_so() {
        let place = place("x", "version = \"", "\"");
        let text = "name = \"version = \"\nversion = \"0.1.0\"\nversion = \"2\"\n";
        assert_eq!(place.version(text).as_deref(), Ok("0.1.0"));
        assert!(place.version("version = 0.1.0\n").is_err());
        assert_eq!(DEBIAN.version("holdfast (1.2.3-1) unstable\n").as_deref(), Ok("1.2.3"));
        assert!(DEBIAN.version("holdfast (1.2.3~rc1-1) unstable\n").is_err());
    }

    #[test]
    fn a_version_is_three_numbers_that_compare_as_numbers() {
        assert!(number("0.10.0").unwrap() > number("0.9.9").unwrap());
        for other in ["0.1", "0.1.0.1", "0.1.x", "0.01.0", ""] {
            assert!(number(other).is_err(), "{other}");
        }
    }

    #[test]
    fn the_spec_file_tells_of_the_newest_version_first() {
        let spec = "%changelog\n* Sat Nov 21 2026 A <a@b> - 0.2.0-1\n- New\n\n* … - 0.1.0-1\n";
        assert!(rpm_tells(spec, "0.2.0") && !rpm_tells(spec, "0.1.0"));
    }
}
