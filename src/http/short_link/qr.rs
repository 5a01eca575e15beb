//! A QR code as an SVG picture.

use std::fmt::Write;

use askama::Template;
use qrcodegen::{QrCode, QrCodeEcc, QrSegment, Version};

use crate::http::problem::Problem;

/// Light modules around the code: what ISO/IEC 18004 asks for.
const QUIET_ZONE: i32 = 4;
/// How many units of the picture one module has, unless the page that shows it says otherwise.
const UNITS_PER_MODULE: i32 = 8;

#[derive(Template)]
#[template(path = "qr.svg")]
struct Picture<'a> {
    text: &'a str,
    /// The modules on one side, with the quiet zone.
    modules: i32,
    side: i32,
    dark: String,
}

/// The QR code of a text, with a quarter of it to spare (quality Q).
pub(super) fn svg(text: &str) -> Result<String, Problem> {
    let segments = QrSegment::make_segments(text);
    let code = QrCode::encode_segments_advanced(
        &segments,
        QrCodeEcc::Quartile,
        Version::MIN,
        Version::MAX,
        None,
        // A higher quality would make no module larger; the same quality for every code keeps them alike.
        false,
    );
    let code = code.map_err(|error| Problem::Internal(format!("SHORT_URL_BASE is too long for a QR code: {error}")))?;
    let modules = code.size() + 2 * QUIET_ZONE;
    let picture = Picture { text, modules, side: modules * UNITS_PER_MODULE, dark: dark_modules(&code) };
    Ok(picture.render().expect("a string takes all text"))
}

/// The dark modules as the path of an SVG picture: a rectangle for each run of them in a row.
fn dark_modules(code: &QrCode) -> String {
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let run = (x..code.size()).take_while(|x| code.get_module(*x, y)).fold(0, |run, _| run + 1);
            if run > 0 {
                let (x, y) = (x + QUIET_ZONE, y + QUIET_ZONE);
                write!(path, "M{x},{y}h{run}v1h-{run}z").expect("a string takes all text");
            }
            x += run + 1;
        }
    }
    path
}
