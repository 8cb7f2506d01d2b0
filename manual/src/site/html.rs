// SPDX-License-Identifier: MIT OR Apache-2.0
//! Small things of HTML.

/// Text as it stands in HTML, between tags or in a quoted attribute.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

/// The anchor that GitHub gives a heading: `## A & B` is `#a--b`.
pub(super) fn slug(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The way from one place of the site to another: `guide/ovl.html` to `style.css` is `../style.css`.
pub(super) fn relative(from: &str, to: &str) -> String {
    let mut here: Vec<&str> = from.split('/').collect();
    here.pop();
    let common = here.iter().zip(to.split('/')).take_while(|(a, b)| *a == b).count();
    let rest = to.split('/').skip(common).collect::<Vec<_>>().join("/");
    "../".repeat(here.len() - common) + &rest
}

/// A path without `.` and `..`; none if it leads out of the repository.
pub(crate) fn normal(path: &str) -> Option<String> {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The folder of a path, with its slash.
pub(super) fn folder(path: &str) -> &str {
    path.rfind('/').map_or("", |slash| &path[..=slash])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_those_of_github() {
        assert_eq!(slug("Devicetrees and overlays (`libovl`)"), "devicetrees-and-overlays-libovl");
        assert_eq!(slug("A & B: what's new?"), "a--b-whats-new");
    }

    #[test]
    fn the_way_from_page_to_page() {
        assert_eq!(relative("index.html", "guide/ovl.html"), "guide/ovl.html");
        assert_eq!(relative("guide/ovl.html", "guide/mediadev.html"), "mediadev.html");
        assert_eq!(relative("source/tests/c/x.c.html", "source/examples/y.html"), "../../examples/y.html");
        assert_eq!(normal("docs/../examples/./c"), Some("examples/c".to_owned()));
        assert_eq!(normal("docs/../../etc"), None);
    }
}
