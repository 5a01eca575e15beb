//! The plot: read units of a page over the number of codes. Each line has its name at its end.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::tables::grouped;
use super::{NaiveRow, Row};

const NAIVE: RGBColor = RGBColor(200, 60, 40);
const BUSY: RGBColor = RGBColor(110, 90, 170);
const AT_REST: RGBColor = RGBColor(30, 110, 180);
const GREY: RGBColor = RGBColor(90, 90, 90);

/// One line: the most units of any page of each size.
struct Line {
    name: &'static str,
    colour: RGBColor,
    points: Vec<(f64, f64)>,
}

pub fn draw(rows: &[Row], naive: &[NaiveRow], file: &str) -> Result<(), Box<dyn std::error::Error>> {
    let by_index = |per_second: u64| {
        let rows = rows.iter().filter(move |row| row.per_second == per_second);
        most(rows.flat_map(|row| row.warm.iter().flatten().map(|cost| (row.size, cost.consumed.read_units))))
    };
    let lines = [
        Line {
            name: "without the page index",
            colour: NAIVE,
            points: most(naive.iter().map(|row| (row.size, row.cost.consumed.read_units))),
        },
        Line { name: "page index, 100 codes a second", colour: BUSY, points: by_index(100) },
        Line { name: "page index, at rest", colour: AT_REST, points: by_index(0) },
    ];

    let sizes = naive.iter().map(|row| row.size as f64);
    let (least, largest) = (sizes.clone().fold(f64::MAX, f64::min), sizes.fold(0.0, f64::max));
    let units = lines.iter().flat_map(|line| &line.points).map(|(_, units)| *units).fold(0.0, f64::max);
    let area = SVGBackend::new(file, (880, 440)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption("Read units of one page of 20 codes: first, middle or last", ("sans-serif", 20))
        .margin_top(14)
        .margin_left(14)
        .margin_bottom(10)
        .margin_right(230)
        .x_label_area_size(52)
        .y_label_area_size(86)
        .build_cartesian_2d((least..largest).log_scale(), (1.0..units * 2.0).log_scale())?;
    let text = ("sans-serif", 14).into_font().color(&GREY);
    chart
        .configure_mesh()
        .x_desc("codes in the listing")
        .y_desc("read units")
        .axis_desc_style(("sans-serif", 15).into_font().color(&GREY))
        .label_style(text)
        .x_label_formatter(&|codes| in_words(*codes))
        .y_label_formatter(&|units| grouped(units.round()))
        .bold_line_style(RGBColor(225, 225, 225))
        .light_line_style(WHITE)
        .draw()?;
    for Line { name, colour, points } in lines {
        chart.draw_series(LineSeries::new(points.clone(), colour.stroke_width(3)))?;
        chart.draw_series(points.iter().map(|point| Circle::new(*point, 4, colour.filled())))?;
        let end = points.last().ok_or("a line has points")?;
        let (x, y) = chart.backend_coord(end);
        let value = format!("{} units", in_words(end.1));
        for (part, shift) in [(name, -9), (&value, 9)] {
            let style = ("sans-serif", 15).into_font().color(&colour).pos(Pos::new(HPos::Left, VPos::Center));
            area.draw(&Text::new(part, (x + 14, y + shift), style))?;
        }
    }
    area.present()?;
    Ok(())
}

/// The most units of each size.
fn most(units: impl Iterator<Item = (u64, f64)>) -> Vec<(f64, f64)> {
    let mut by_size = std::collections::BTreeMap::new();
    for (size, units) in units {
        let most = by_size.entry(size).or_insert(units);
        *most = units.max(*most);
    }
    by_size.into_iter().map(|(size, units)| (size as f64, units)).collect()
}

fn in_words(number: f64) -> String {
    if number >= 1e6 { format!("{} million", (number / 1e4).round() / 100.0) } else { grouped(number) }
}
