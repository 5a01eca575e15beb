//! The plot: what each program executes, cold and warm, as times the service's own.

use plotters::prelude::*;

use super::measure::Row;

pub fn draw(rows: &[Row], service: &Row, file: &str) -> Result<(), Box<dyn std::error::Error>> {
    let area = SVGBackend::new(file, (760, 60 + 70 * u32::try_from(rows.len())?)).into_drawing_area();
    area.fill(&WHITE)?;
    let cold = |row: &Row| row.count.map_or((row.init + row.first).as_secs_f64(), |count| count.cold() as f64);
    let warm = |row: &Row| row.count.map_or(row.warm[0].as_secs_f64(), |count| count.warm as f64);
    let least = rows.iter().map(|row| cold(row) / cold(service)).fold(1.0, f64::min) / 1.5;
    let most = rows.iter().map(|row| cold(row) / cold(service)).fold(1.0, f64::max) * 1.5;
    let unit = if service.count.is_some() { "instructions" } else { "time" };
    let mut chart = ChartBuilder::on(&area)
        .caption(format!("Cost beside a GET of this service over TLS ({unit})"), ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(230)
        .build_cartesian_2d((least..most).log_scale(), 0.0..rows.len() as f64)?;
    let name = |at: &f64| {
        let from_top = rows.len() as f64 - at;
        let row = rows.iter().enumerate().find(|(nth, _)| (*nth as f64 + 0.5 - from_top).abs() < 0.26);
        row.map_or(String::new(), |(_, row)| row.name.to_owned())
    };
    chart
        .configure_mesh()
        .x_desc("times the service's (logarithmic)")
        .y_labels(2 * rows.len() + 1)
        .y_label_formatter(&name)
        .disable_y_mesh()
        .draw()?;
    let (cold_colour, warm_colour) = (RGBColor(30, 110, 180), RGBColor(200, 60, 40));
    for (label, colour, shift, ratio) in [
        ("init and first answer", cold_colour, 0.48, &cold as &dyn Fn(&Row) -> f64),
        ("a warm request", warm_colour, 0.16, &warm),
    ] {
        let bars = rows.iter().enumerate().map(|(nth, row)| {
            let bottom = (rows.len() - nth - 1) as f64 + shift;
            let times = ratio(row) / ratio(service);
            Rectangle::new([(least, bottom), (times, bottom + 0.3)], colour.filled())
        });
        chart
            .draw_series(bars)?
            .label(label)
            .legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 12, y + 5)], colour.filled()));
    }
    chart
        .configure_series_labels()
        .border_style(BLACK)
        .background_style(WHITE)
        .position(SeriesLabelPosition::LowerRight)
        .draw()?;
    area.present()?;
    Ok(())
}
