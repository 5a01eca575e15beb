//! The results as tables in Markdown. `docs/performance.md` holds the first of them as it is printed.

use crate::measure::times::Row;

pub fn costs(rows: &[Row]) {
    println!(
        "| program | init, ms | first, ms | CPU of both, ms | warm p50, µs | p90 | p99 | slowest | CPU of one, µs | memory, MB \
         | binary, MB | init + first, M instructions | warm, M |"
    );
    println!("| --- {}|", "| ---: ".repeat(12));
    for row in rows {
        let [p50, p90, p99, slowest] = row.warm.map(|time| time.as_micros());
        let millions =
            |figure: Option<u64>| figure.map_or("-".to_owned(), |count| format!("{:.2}", count as f64 / 1e6));
        println!(
            "| {} | {:.1} | {:.2} | {:.1} | {p50} | {p90} | {p99} | {slowest} | {} | {:.1} | {:.1} | {} | {} |",
            row.name,
            row.init.as_secs_f64() * 1e3,
            row.first.as_secs_f64() * 1e3,
            row.cold_cpu.as_secs_f64() * 1e3,
            row.warm_cpu.as_micros(),
            row.memory as f64 / 1e6,
            row.bytes as f64 / 1e6,
            millions(row.count.map(|count| count.cold())),
            millions(row.count.map(|count| count.warm)),
        );
    }
}

/// Every row divided by one of them.
pub fn ratios(rows: &[Row], by: usize) {
    let by = &rows[by];
    println!(
        "\n| times {} | init + first | CPU of both | warm p50 | CPU of one | memory | binary | cold, instructions | warm |",
        by.name
    );
    println!("| --- {}|", "| ---: ".repeat(8));
    let cold = |row: &Row| (row.init + row.first).as_secs_f64();
    for row in rows {
        let counts = row.count.zip(by.count).map_or("- | -".to_owned(), |(row, by)| {
            let (cold, warm) = (row.cold() as f64 / by.cold() as f64, row.warm as f64 / by.warm as f64);
            format!("{cold:.3} | {warm:.3}")
        });
        println!(
            "| {} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} | {counts} |",
            row.name,
            cold(row) / cold(by),
            row.cold_cpu.as_secs_f64() / by.cold_cpu.as_secs_f64(),
            row.warm[0].as_secs_f64() / by.warm[0].as_secs_f64(),
            row.warm_cpu.as_secs_f64() / by.warm_cpu.as_secs_f64(),
            row.memory as f64 / by.memory as f64,
            row.bytes as f64 / by.bytes as f64,
        );
    }
}
