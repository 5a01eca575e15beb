//! The plot: what each program costs, cold and warm, as a multiple of the service; and requests per second over the
//! number of callers.

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::measure::throughput::Throughput;
use crate::measure::times::Row;

type Drawn = Result<(), Box<dyn std::error::Error>>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

const WIDTH: u32 = 760;
const THROUGHPUT_HEIGHT: u32 = 360;
const COLOURS: [RGBColor; 3] = [RGBColor(30, 110, 180), RGBColor(200, 60, 40), RGBColor(60, 140, 70)];

pub fn draw(rows: &[Row], service: &Row, throughputs: &[(&str, Vec<Throughput>)], file: &str) -> Drawn {
    let costs_height = 100 + 60 * u32::try_from(rows.len())?;
    let area = SVGBackend::new(file, (WIDTH, costs_height + THROUGHPUT_HEIGHT)).into_drawing_area();
    area.fill(&WHITE)?;
    let (above, below) = area.split_vertically(costs_height);
    costs(&above, rows, service)?;
    throughput(&below, throughputs)?;
    area.present()?;
    Ok(())
}

fn costs(area: &Area<'_>, rows: &[Row], service: &Row) -> Drawn {
    let cold = |row: &Row| row.count.map_or((row.init + row.first).as_secs_f64(), |count| count.cold() as f64);
    let warm = |row: &Row| row.count.map_or(row.warm[0].as_secs_f64(), |count| count.warm as f64);
    let ratios = rows.iter().flat_map(|row| [cold(row) / cold(service), warm(row) / warm(service)]);
    let (least, most) = (ratios.clone().fold(1.0, f64::min) / 1.5, ratios.fold(1.0, f64::max) * 1.5);
    let unit = if service.count.is_some() { "instructions" } else { "time" };
    let mut chart = ChartBuilder::on(area)
        .caption(format!("Cost compared with a GET of this service over TLS ({unit})"), ("sans-serif", 18))
        .margin(12)
        .margin_right(30)
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
    for (label, colour, shift, ratio) in [
        ("init and first answer", COLOURS[0], 0.5, &cold as &dyn Fn(&Row) -> f64),
        ("a warm request", COLOURS[1], 0.16, &warm),
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
    let legend = SeriesLabelPosition::LowerRight;
    chart.configure_series_labels().border_style(BLACK).background_style(WHITE).position(legend).draw()?;
    Ok(())
}

fn throughput(area: &Area<'_>, throughputs: &[(&str, Vec<Throughput>)]) -> Drawn {
    let all = throughputs.iter().flat_map(|(_, points)| points);
    let widest = all.clone().map(|point| point.at_once as f64).fold(1.0, f64::max);
    let most = all.map(|point| point.per_second).fold(0.0, f64::max);
    let mut chart = ChartBuilder::on(area)
        .caption("Requests a second of one process", ("sans-serif", 18))
        .margin(12)
        .margin_right(30)
        .x_label_area_size(40)
        .y_label_area_size(70)
        .build_cartesian_2d((1.0..widest * 1.05).log_scale().base(2.0), 0.0..most * 1.3)?;
    let whole = |number: &f64| format!("{number:.0}");
    chart
        .configure_mesh()
        .x_desc("events or connections at once")
        .y_desc("requests a second")
        .x_label_formatter(&whole)
        .y_label_formatter(&whole)
        .light_line_style(WHITE)
        .draw()?;
    for ((name, points), colour) in throughputs.iter().zip(COLOURS) {
        let points = points.iter().map(|point| (point.at_once as f64, point.per_second));
        chart
            .draw_series(LineSeries::new(points, colour).point_size(4))?
            .label(*name)
            .legend(move |(x, y)| Circle::new((x + 8, y), 4, colour));
    }
    let legend = SeriesLabelPosition::UpperLeft;
    chart.configure_series_labels().border_style(BLACK).background_style(WHITE).position(legend).draw()?;
    Ok(())
}
