//! The figures as two tables, for the terminal and for `docs/listing.md`.

use std::collections::BTreeSet;
use std::fmt;

use super::{Cost, HIGHEST_RATE, NaiveRow, Place, Row};

/// Before and behind the tables in the document.
const MARKERS: [&str; 2] =
    ["<!-- figures: written by `cargo bench --bench listing` -->", "<!-- end of the figures -->"];

/// The listings in the table of rates have so many codes or more. In smaller ones, the codes made during the measurement would be most of them.
const LARGE: u64 = 1_000_000;

pub struct Tables(String);

impl Tables {
    pub fn new(rows: &[Row], naive: &[NaiveRow]) -> Self {
        let by_size = by_size(rows, naive).join("\n");
        let by_rate = by_rate(rows).join("\n");
        Self(format!(
            "At rest, one page of 20 codes:\n\n{by_size}\n\nWhile codes are being made, in listings of a million codes and more:\n\n{by_rate}"
        ))
    }

    /// Replaces the figures in a document.
    pub fn write_into(&self, file: &str) -> std::io::Result<()> {
        let text = std::fs::read_to_string(file)?;
        let (before, _) = text.split_once(MARKERS[0]).expect("the document has the marker before the figures");
        let (_, after) = text.split_once(MARKERS[1]).expect("the document has the marker behind the figures");
        std::fs::write(file, format!("{before}{}\n\n{self}\n\n{}{after}", MARKERS[0], MARKERS[1]))
    }
}

impl fmt::Display for Tables {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

fn by_size(rows: &[Row], naive: &[NaiveRow]) -> Vec<String> {
    let mut lines = vec![
        "| codes | page | round trips warm, cold | read units | KB received | naive: round trips | read units | KB received |"
            .to_owned(),
        "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |".to_owned(),
    ];
    for row in rows.iter().filter(|row| row.per_second == 0) {
        let other = naive.iter().find(|other| (other.size, other.place) == (row.size, row.place)).expect("a naive row");
        let Row { warm, cold, .. } = row;
        lines.push(format!(
            "| {} | {} | {}, {} | {} | {} | {} | {} | {} |",
            grouped(row.size as f64),
            row.place.name(),
            range(warm, |cost| cost.round_trips),
            range(cold, |cost| cost.round_trips),
            range(warm, |cost| cost.consumed.read_units),
            range(warm, kilobytes),
            grouped(other.cost.round_trips),
            grouped(other.cost.consumed.read_units),
            grouped(kilobytes(&other.cost)),
        ));
    }
    lines
}

fn by_rate(rows: &[Row]) -> Vec<String> {
    let mut lines = vec![
        "| codes made a second | page | process | round trips | requests | read units | KB received |".to_owned(),
        "| --- | --- | --- | ---: | ---: | ---: | ---: |".to_owned(),
    ];
    let largest = rows.iter().map(|row| row.size).max().unwrap_or_default();
    let rates: BTreeSet<u64> = rows.iter().map(|row| row.per_second).collect();
    for rate in rates {
        let ids = if rate == HIGHEST_RATE { ", the longest ids" } else { "" };
        for (page, is_first) in [("first", true), ("middle or last", false)] {
            let of_rate: Vec<&Row> = rows
                .iter()
                .filter(|row| row.per_second == rate && (row.place == Place::First) == is_first)
                .filter(|row| row.size >= LARGE.min(largest))
                .collect();
            let warm: Vec<_> = of_rate.iter().flat_map(|row| row.warm.clone()).collect();
            let cold: Vec<_> = of_rate.iter().flat_map(|row| row.cold.clone()).collect();
            for (process, costs) in [("warm", warm), ("cold", cold)] {
                let figures = [
                    range(&costs, |cost| cost.round_trips),
                    range(&costs, |cost| cost.consumed.requests as f64),
                    range(&costs, |cost| cost.consumed.read_units),
                    range(&costs, kilobytes),
                ];
                lines.push(format!("| {rate}{ids} | {page} | {process} | {} |", figures.join(" | ")));
            }
        }
    }
    lines
}

fn kilobytes(cost: &Cost) -> f64 {
    (cost.consumed.bytes as f64 / 1000.0).ceil()
}

/// The lowest and the highest figure, or the one that all have; and 503 if some pages were refused.
fn range(costs: &[Option<Cost>], figure: impl Fn(&Cost) -> f64) -> String {
    let figures = || costs.iter().flatten().map(&figure);
    let (Some(low), Some(high)) = (figures().reduce(f64::min), figures().reduce(f64::max)) else {
        return "503".to_owned();
    };
    let answered = if low < high { format!("{} to {}", grouped(low), grouped(high)) } else { grouped(low) };
    if costs.iter().any(Option::is_none) { format!("{answered}, or 503") } else { answered }
}

/// A number with its thousands apart.
pub fn grouped(number: f64) -> String {
    let text = format!("{number}");
    let (whole, fraction) =
        text.split_once('.').map_or((text.as_str(), None), |(whole, fraction)| (whole, Some(fraction)));
    let mut groups: Vec<&str> = Vec::new();
    let mut rest = whole;
    while rest.len() > 3 {
        let (before, group) = rest.split_at(rest.len() - 3);
        groups.push(group);
        rest = before;
    }
    groups.push(rest);
    groups.reverse();
    let whole = groups.join(",");
    fraction.map_or(whole.clone(), |fraction| format!("{whole}.{fraction}"))
}
