//! The plot: capacity units of a page over the number of codes, both ways.

use plotters::prelude::*;

use super::Row;

pub fn draw(rows: &[Row], file: &str) -> Result<(), Box<dyn std::error::Error>> {
    let sizes = rows.iter().map(|row| row.size as f64);
    let (least, most) = (sizes.clone().fold(f64::MAX, f64::min), sizes.fold(0.0, f64::max));
    let units = rows.iter().map(|row| row.took.units()).fold(0.0, f64::max);
    let area = SVGBackend::new(file, (720, 420)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption("Capacity units of one page of 20 codes", ("sans-serif", 18))
        .margin(12)
        .margin_right(40)
        .x_label_area_size(40)
        .y_label_area_size(60)
        .build_cartesian_2d((least..most).log_scale(), (1.0..units * 2.0).log_scale())?;
    chart
        .configure_mesh()
        .x_desc("codes in the listing")
        .y_desc("capacity units")
        .x_label_formatter(&|codes| format!("{codes:.0}"))
        .disable_mesh()
        .draw()?;
    for (way, colour) in [("naive", RGBColor(200, 60, 40)), ("page index", RGBColor(30, 110, 180))] {
        for (page, mark) in [("first", 3), ("middle", 5), ("last", 7)] {
            let points: Vec<_> = rows
                .iter()
                .filter(|row| row.way == way && row.page == page)
                .map(|row| (row.size as f64, row.took.units()))
                .collect();
            chart
                .draw_series(LineSeries::new(points.clone(), colour).point_size(mark))?
                .label(format!("{way}, {page} page"))
                .legend(move |(x, y)| Circle::new((x + 8, y), mark, colour));
        }
    }
    chart
        .configure_series_labels()
        .border_style(BLACK)
        .background_style(WHITE)
        .position(SeriesLabelPosition::UpperLeft)
        .draw()?;
    area.present()?;
    Ok(())
}
