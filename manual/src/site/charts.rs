// SPDX-License-Identifier: MIT OR Apache-2.0
//! The tables that `make bench` prints (benches/src/table.rs), as bars: they are read from docs/benches.md itself, so that
//! charts and figures cannot differ.
//!
//! Bars are as wide as the page, in per cent, and have their words on them, so that a telephone shows them as well. Where the
//! bars of a row differ so much that the short ones would vanish, the axis is logarithmic.

use super::html::escape;

/// How the table's columns are called; the third has the library, the fourth its peer.
const COLUMNS: [(usize, &str); 5] = [(0, "what"), (1, "input"), (4, "others"), (5, "result"), (6, "goal")];
const VERDICT: usize = 7;
const MISSED: &str = "not met";
/// Each bar, and the room below it.
const HEIGHT: u32 = 21;
const STEP: u32 = 25;
/// How many times the shortest bar of a row the longest may be, to be drawn in proportion.
const FAR: f64 = 20.0;

/// What bars can be long as: names of units, each with how many of the first make one.
const UNITS: [&[(&str, f64)]; 2] =
    [&[("ns", 1.0), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)], &[("kB", 1.0), ("MB", 1e3), ("GB", 1e6)]];
const MEMORY: usize = 1;
const CAPTIONS: [&str; 2] = ["Time", "Memory"];

/// A figure with a unit: `94.52 µs`, and whose it is.
#[derive(Debug, PartialEq)]
struct Bar {
    name: String,
    shown: String,
    /// Which of UNITS.
    kind: usize,
    /// In the first of these units.
    value: f64,
    ours: bool,
}

/// The charts of a table, the head first; none if it is not one of the bench's.
pub(super) fn chart(rows: &[Vec<String>]) -> Option<String> {
    let (head, rows) = rows.split_first()?;
    if !COLUMNS.iter().all(|(at, name)| head.get(*at).is_some_and(|cell| cell == name)) {
        return None;
    }
    let charts: String = (0..UNITS.len()).map(|kind| figure(head, rows, kind)).collect();
    (!charts.is_empty()).then_some(charts)
}

fn figure<'a>(head: &[String], rows: &'a [Vec<String>], kind: usize) -> String {
    let of_kind = |row: &'a Vec<String>| {
        let bars: Vec<Bar> = bars(head, row).into_iter().filter(|bar| bar.kind == kind).collect();
        (row, bars)
    };
    let rows: Vec<(&Vec<String>, Vec<Bar>)> =
        rows.iter().map(of_kind).filter(|(_, bars)| bars.iter().any(|b| b.ours)).collect();
    if rows.is_empty() {
        return String::new();
    }
    let axis = Axis::over(rows.iter().map(|(_, bars)| bars.as_slice()), kind);
    let missed = rows.iter().any(|(row, _)| row[VERDICT] == MISSED);
    let (ours, peer) = (escape(&head[2]), escape(if head[3].is_empty() { "others" } else { &head[3] }));
    let missed =
        if missed { format!("<li class=\"missed\">{ours}, goal not met</li>") } else { String::new() };
    let mut out = format!(
        "<figure class=\"chart\"><figcaption>{}, less is better. {}</figcaption>\n\
         <ul class=\"key\"><li class=\"ours\">{ours}</li>{missed}<li>{peer}{}</li></ul>\n{}",
        CAPTIONS[kind],
        axis.says(),
        if head[3].is_empty() { "" } else { " and others" },
        axis.labels()
    );
    for (row, bars) in &rows {
        out.push_str(&group(row, bars, &axis));
    }
    out + "</figure>\n"
}

/// One row of the table: what it is, its bars, and how it compares with its goal.
fn group(row: &[String], bars: &[Bar], axis: &Axis) -> String {
    let missed = row[VERDICT] == MISSED;
    let input = if row[1].is_empty() { String::new() } else { format!(" <span>{}</span>", escape(&row[1])) };
    // Who could not take part is told as well: `dtoolkit refuses it`.
    let absent = row[4].split(", ").filter(|part| !part.contains(|c: char| c.is_ascii_digit()));
    let mut verdict: Vec<String> = [row[5].as_str()].into_iter().chain(absent).map(escape).collect();
    verdict.retain(|part| !part.is_empty());
    if !row[6].is_empty() {
        verdict.push(format!("goal: {} – {}", escape(&row[6]), escape(&row[VERDICT])));
    }
    let class = if missed { "verdict missed" } else { "verdict" };
    let says: Vec<String> = bars.iter().map(|bar| format!("{} {}", bar.name, bar.shown)).collect();
    let height = STEP * bars.len() as u32;
    let mut out = format!(
        "<div><p class=\"what\"><b>{}</b>{input}</p>\n<p class=\"{class}\">{}</p>\n<svg role=\"img\" aria-label=\"{}\" height=\"{height}\">",
        escape(&row[0]),
        verdict.join("; "),
        escape(&says.join(", "))
    );
    out.push_str(&axis.lines(height));
    for (at, bar) in bars.iter().enumerate() {
        let class = match (bar.ours, missed) {
            (true, true) => " class=\"ours missed\"",
            (true, false) => " class=\"ours\"",
            _ => "",
        };
        let (top, width) = (STEP * at as u32, axis.length(bar.value, bars));
        let text = escape(&format!("{} {}", bar.name, bar.shown));
        let base = top + HEIGHT - 6;
        out.push_str(&format!(
            "<rect{class} y=\"{top}\" width=\"{width:.1}%\" height=\"{HEIGHT}\" rx=\"2\"/><text x=\"8\" y=\"{base}\">{text}</text>"
        ));
    }
    out + "</svg></div>\n"
}

enum Axis {
    /// Each row has its own, from nothing to its longest bar.
    Linear,
    /// All have the same, between two powers of ten of the first of these units.
    Powers { first: i32, last: i32, units: &'static [(&'static str, f64)] },
}

impl Axis {
    fn over<'a>(rows: impl Iterator<Item = &'a [Bar]>, kind: usize) -> Self {
        let (mut least, mut most, mut apart) = (f64::MAX, f64::MIN, 1.0f64);
        for bars in rows {
            let (low, high) = extent(bars);
            (least, most, apart) = (least.min(low), most.max(high), apart.max(high / low));
        }
        if apart <= FAR {
            return Self::Linear;
        }
        let first = least.log10().floor() as i32;
        Self::Powers { first, last: (most.log10().ceil() as i32).max(first + 1), units: UNITS[kind] }
    }

    fn says(&self) -> &'static str {
        match self {
            Self::Linear => {
                "In each row the longest bar is as wide as the page, and the others are in proportion."
            }
            Self::Powers { .. } => "The axis is logarithmic: each line is ten times the one before.",
        }
    }

    /// How long the bar of a value is in its row, in per cent.
    fn length(&self, value: f64, row: &[Bar]) -> f64 {
        match self {
            Self::Linear => value / extent(row).1 * 100.0,
            Self::Powers { first, last, .. } => {
                (value.log10() - f64::from(*first)) / f64::from(last - first) * 100.0
            }
        }
    }

    /// Where its lines are: the power of ten, and the per cent.
    fn powers(&self) -> impl Iterator<Item = (i32, f64)> + '_ {
        let (first, last) = match self {
            Self::Linear => (0, -1),
            Self::Powers { first, last, .. } => (*first, *last),
        };
        (first..=last).map(|power| (power, self.length(10f64.powi(power), &[])))
    }

    fn lines(&self, height: u32) -> String {
        let line = |(_, x)| format!("<line x1=\"{x:.1}%\" x2=\"{x:.1}%\" y1=\"0\" y2=\"{height}\"/>");
        self.powers().map(line).collect()
    }

    fn labels(&self) -> String {
        let Self::Powers { first, last, units } = self else {
            return String::new();
        };
        let label = |(power, x)| {
            let anchor = match power {
                _ if power == *first => "start",
                _ if power == *last => "end",
                _ => "middle",
            };
            // Where there are many, every second one has no room on a telephone.
            let rare = if last - first > 4 && (power - first) % 2 == 1 { " rare" } else { "" };
            let text = shown(power, units);
            format!(
                "<text class=\"axis{rare}\" x=\"{x:.1}%\" y=\"12\" text-anchor=\"{anchor}\">{text}</text>"
            )
        };
        let labels: String = self.powers().map(label).collect();
        format!("<svg aria-hidden=\"true\" height=\"16\">{labels}</svg>\n")
    }
}

fn extent(bars: &[Bar]) -> (f64, f64) {
    let values = || bars.iter().map(|bar| bar.value);
    (values().fold(f64::MAX, f64::min), values().fold(f64::MIN, f64::max))
}

/// A power of ten in the largest unit of which it is at least one.
fn shown(power: i32, units: &[(&str, f64)]) -> String {
    let value = 10f64.powi(power);
    let (unit, size) = units.iter().rev().find(|(_, size)| *size <= value).unwrap_or(&units[0]);
    format!("{} {unit}", value / size)
}

/// The bars of a row: the library's, its peer's, and those of the others.
fn bars(head: &[String], row: &[String]) -> Vec<Bar> {
    let (ours, peer) = (measures(&row[2], &head[2], true), measures(&row[3], &head[3], false));
    let mut bars: Vec<Bar> = ours.into_iter().chain(peer).collect();
    bars.extend(measures(&row[4], "", false));
    if bars.iter().any(|bar| bar.ours && bar.kind == MEMORY) {
        bars.extend(measures(&row[1], "the blob", false));
    }
    // A row that goes over several inputs has one bar for each.
    let inputs: Vec<&str> = row[1].split(", ").collect();
    let names: Vec<String> = bars.iter().map(|bar| bar.name.clone()).collect();
    for (at, bar) in bars.iter_mut().enumerate() {
        let same: Vec<usize> = (0..names.len()).filter(|other| names[*other] == bar.name).collect();
        if let (true, Some(input)) =
            (same.len() > 1, inputs.get(same.iter().position(|i| *i == at).unwrap_or(0)))
        {
            bar.name = format!("{}, {input}:", bar.name);
        }
    }
    bars
}

/// The figures of a cell: `10.23 ms`, `91.28 µs (libovl's unflatten)`, `device_tree 582.22 µs, dtoolkit refuses it`.
fn measures(cell: &str, whose: &str, ours: bool) -> Vec<Bar> {
    let mut whose = whose.to_owned();
    let mut bars = Vec::new();
    for part in cell.split(", ") {
        let (part, remark) = part.split_once(" (").unwrap_or((part, ""));
        let words: Vec<&str> = part.split(' ').collect();
        let [name @ .., number, unit] = words.as_slice() else {
            continue;
        };
        let found = UNITS.iter().enumerate().find_map(|(kind, units)| {
            let size = units.iter().find(|(name, _)| name == unit)?.1;
            Some((kind, number.parse::<f64>().ok()? * size))
        });
        if let Some((kind, value)) = found {
            if !name.is_empty() {
                whose = name.join(" ");
            }
            let name =
                if remark.is_empty() { whose.clone() } else { remark.trim_end_matches(')').to_owned() };
            bars.push(Bar { name, shown: format!("{number} {unit}"), kind, value, ours });
        }
    }
    bars
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cell: &str) -> Vec<(String, String, f64)> {
        measures(cell, "peer", false).into_iter().map(|bar| (bar.name, bar.shown, bar.value)).collect()
    }

    #[test]
    fn cells_are_read() {
        let one = |name: &str, shown: &str, value| (name.to_owned(), shown.to_owned(), value);
        assert_eq!(of("194.11 µs"), [one("peer", "194.11 µs", 194_110.0)]);
        assert_eq!(of("device_tree 5.5 ms, dtoolkit refuses it"), [one("device_tree", "5.5 ms", 5.5e6)]);
        assert_eq!(of("91 ns (libovl's unflatten)"), [one("libovl's unflatten", "91 ns", 91.0)]);
        assert_eq!(of("libgpiod 1.40 µs, 1.07 × the ioctl"), [one("libgpiod", "1.40 µs", 1400.0)]);
        assert_eq!(of("copy 4 ns, 15 ns"), [one("copy", "4 ns", 4.0), one("copy", "15 ns", 15.0)]);
        assert_eq!(of("3.7 million/s alone"), []);
    }

    #[test]
    fn a_miss_is_shown_as_one() {
        let row = |cells: [&str; 8]| cells.map(str::to_owned).to_vec();
        let head = row(["what", "input", "libovl", "libfdt", "others", "result", "goal", ""]);
        let met = row(["read", "a", "1.00 µs", "9.00 µs", "", "0.11 of its time", "at most 0.5", "met"]);
        let mut missed = met.clone();
        missed[VERDICT] = "not met".to_owned();
        let chart = |row: &Vec<String>| super::chart(&[head.clone(), row.clone()]).unwrap();
        assert!(!chart(&met).contains("missed"));
        let mut without = met.clone();
        without[4] = "dtoolkit refuses it".to_owned();
        assert!(
            chart(&without).contains("0.11 of its time; dtoolkit refuses it; goal"),
            "{}",
            chart(&without)
        );
        assert!(
            chart(&missed).contains("<rect class=\"ours missed\" y=\"0\" width=\"11.1%\""),
            "{}",
            chart(&missed)
        );
        assert!(chart(&missed).contains("goal: at most 0.5 – not met"));
        let mut far = met.clone();
        far[3] = "1.00 s".to_owned();
        assert!(
            chart(&far).contains("logarithmic") && chart(&far).contains(">100 ms</text>"),
            "{}",
            chart(&far)
        );
        assert!(super::chart(&[row(["a", "", "", "", "", "", "", ""]), met]).is_none());
    }
}
