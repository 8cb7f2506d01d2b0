// SPDX-License-Identifier: MIT OR Apache-2.0
//! Declarations of C as a man page shows them: what is to be typed bold, what is the caller's own italic, in short lines.

use crate::roff::verbatim;

/// What a terminal of 80 columns has beside the indentation of a section.
const WIDTH: usize = 72;

/// A declaration of a function, a member or a typedef, in lines of roff.
pub(crate) fn declared(declaration: &str) -> Vec<String> {
    let text = declaration.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((head, parameters, end)) = parts(&text) else {
        return vec![named(&text)];
    };
    // The room that the longest parameter leaves before it, as far as the parenthesis at most.
    let longest = parameters.iter().map(|p| p.len() + 2).max().unwrap_or_default();
    let one_line = head.len() + parameters.join(", ").len() + end.len() <= WIDTH;
    let indent = if one_line || head.len() + longest <= WIDTH { head.len() } else { 8 };

    let mut lines = vec![bold(head)];
    let mut column = head.len();
    if indent < head.len() {
        lines.push(" ".repeat(indent));
        column = indent;
    }
    for (place, parameter) in parameters.iter().enumerate() {
        let last = place + 1 == parameters.len();
        let wanted = parameter.len() + if last { end.len() } else { 1 };
        if column > indent && column + 1 + wanted > WIDTH && !one_line {
            lines.push(" ".repeat(indent));
            column = indent;
        } else if place > 0 {
            lines.last_mut().expect("there is one").push(' ');
            column += 1;
        }
        let line = lines.last_mut().expect("there is one");
        line.push_str(&named(parameter));
        line.push_str(&bold(if last { end } else { "," }));
        column += wanted;
    }
    lines
}

/// What is before the parameters, the parameters, and what is behind them; none for what takes none.
pub(crate) fn parts(text: &str) -> Option<(&str, Vec<&str>, &str)> {
    let close = text.rfind(')')?;
    let mut depth = 0;
    let open = text[..=close].char_indices().rev().find_map(|(at, letter)| {
        depth += match letter {
            ')' => 1,
            '(' => -1,
            _ => 0,
        };
        (depth == 0).then_some(at)
    })?;
    let (mut parameters, mut start) = (Vec::new(), open + 1);
    for (at, letter) in
        text.char_indices().take_while(|(at, _)| *at < close).skip_while(|(at, _)| *at <= open)
    {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parameters.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parameters.push(text[start..close].trim());
    Some((&text[..=open], parameters, &text[close..]))
}

/// `const char *name`, with the name in italics: the last word, or that of a function pointer.
fn named(text: &str) -> String {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let (start, end) = match text.find("(*") {
        Some(at) => (at + 2, at + 2 + text[at + 2..].find(|c| !word(c)).unwrap_or(0)),
        None => {
            let end = text.trim_end_matches(';').find('[').unwrap_or(text.trim_end_matches(';').len());
            (text[..end].rfind(|c| !word(c)).map_or(0, |at| at + 1), end)
        }
    };
    // `void` has no name.
    if start == 0 {
        return bold(text);
    }
    format!("{}\\fI{}\\fR{}", bold(&text[..start]), verbatim(&text[start..end]), bold(&text[end..]))
}

fn bold(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("\\fB{}\\fR", verbatim(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines as they are seen.
    fn shown(declaration: &str) -> Vec<String> {
        let plain = |line: &String| {
            line.replace("\\fB", "").replace("\\fI", "").replace("\\fR", "").replace("\\-", "-")
        };
        declared(declaration).iter().map(plain).collect()
    }

    #[test]
    fn names_are_italic_and_the_rest_is_bold() {
        assert_eq!(declared("void f(void);"), ["\\fBvoid f(\\fR\\fBvoid\\fR\\fB);\\fR"]);
        assert_eq!(declared("char name[32];"), ["\\fBchar \\fR\\fIname\\fR\\fB[32];\\fR"]);
        let callback = "\\fBint (*\\fR\\fIcb\\fR\\fB)(int)\\fR";
        assert_eq!(declared("void g(int (*cb)(int));"), [format!("\\fBvoid g(\\fR{callback}\\fB);\\fR")]);
    }

    #[test]
    fn lines_are_short_and_nothing_is_lost() {
        let long = "struct demo_thing *demo_thing_of(struct demo_thing *thing,\n   const char *name, uint32_t flags, size_t size, void **out);";
        let lines = shown(long);
        assert_eq!(lines[1], "                                 const char *name, uint32_t flags,");
        assert_eq!(lines.concat().replace(' ', ""), long.replace([' ', '\n'], ""));
        let longer = "int (*demo_with_a_name_that_is_really_very_long)(const struct demo_something *something, uint32_t flags);";
        let lines = shown(longer);
        assert_eq!(lines[1], "        const struct demo_something *something, uint32_t flags);");
        assert_eq!(lines.len(), 2);
    }
}
