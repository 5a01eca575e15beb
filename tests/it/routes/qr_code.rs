//! `GET /r/{code}.svg`. The pictures are read by another library than the one that draws them.

use dev::{Call, Kind, TestService};

use super::with_jan;

/// The pixels of one module, when the picture is drawn for the decoder: as on a far poster, and as on a screen.
const SCALES: [usize; 2] = [2, 12];

/// Draws the dark modules of an SVG picture: its second path is rectangles, `Mx,yhWv1h-Wz` each.
fn draw(svg: &str) -> (usize, Vec<bool>) {
    let attribute = |name: &str| svg.split_once(&format!("{name}=\"")).unwrap().1.split_once('"').unwrap().0;
    let side: usize = attribute("viewBox").split(' ').nth(2).unwrap().parse().unwrap();
    let mut dark = vec![false; side * side];
    for rectangle in attribute("<path d").split('M').skip(1) {
        let (start, rest) = rectangle.split_once('h').unwrap();
        let (x, y) = start.split_once(',').unwrap();
        let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
        let (width, rest) = rest.split_once('v').unwrap();
        assert_eq!(rest, format!("1h-{width}z"), "a rectangle");
        dark[y * side + x..][..width.parse().unwrap()].fill(true);
    }
    (side, dark)
}

/// The text in the picture, the same at every size.
fn decode(svg: &str) -> String {
    let (side, dark) = draw(svg);
    let texts = SCALES.map(|scale| {
        let grey = |x: usize, y: usize| if dark[y / scale * side + x / scale] { 0 } else { 255 };
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(side * scale, side * scale, grey);
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1, "one QR code");
        let (meta, text) = grids[0].decode().unwrap();
        // The decoder has the two bits of the format: 00 is M, 01 L, 10 H, 11 Q.
        assert_eq!(meta.ecc_level, 3);
        text
    });
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    texts[0].clone()
}

#[tokio::test]
async fn qr_code_is_the_short_url_for_another_library() {
    let service = with_jan(TestService::builder()).await;
    let picture = service.send(Call::get("/r/JAN-VERV-8F3A.svg")).await.body;
    assert_eq!(decode(&picture), "https://org.no/r/JAN-VERV-8F3A");
    for kind in Kind::ALL {
        for path in ["/r/JAN-VERV-8F3A.svg", "/R/janverv8f3a.Svg", "/r/jan%20verv%208f3a.SVG/"] {
            let reply = service.send(Call::get(path).kind(kind)).await;
            assert_eq!(reply.body, picture, "{kind:?} {path}");
            assert_eq!(reply.headers["content-security-policy"], "default-src 'none'");
        }
    }
}

#[tokio::test]
async fn qr_code_has_a_title_and_a_quiet_zone_of_four_modules() {
    let service = with_jan(TestService::builder().setting("SHORT_URL_BASE", "https://org.no/r/a&b")).await;
    let svg = service.send(Call::get("/r/JAN-VERV-8F3A.svg")).await.body;
    assert!(svg.contains("<title>QR code: https://org.no/r/a&#38;b/JAN-VERV-8F3A</title>"), "{svg}");
    assert_eq!(decode(&svg), "https://org.no/r/a&b/JAN-VERV-8F3A");
    let (side, dark) = draw(&svg);
    let is_quiet = |place: usize| !(4..side - 4).contains(&place);
    for (place, is_dark) in dark.iter().enumerate() {
        assert!(!is_dark || !(is_quiet(place % side) || is_quiet(place / side)), "dark at {place} of {side}");
    }
    assert!((4..side - 4).any(|x| dark[4 * side + x]), "the quiet zone is no wider");
}

/// Of a code that leads nowhere a problem or a page, as its short link.
#[tokio::test]
async fn qr_code_is_of_the_code_that_the_link_leads_to() {
    let service = TestService::builder().setting("ROTATED_GRACE_DAYS", "7").build().await;
    let old = service.create("m", "o").await;
    let new = service.rotate(&old).await;
    let picture = format!("/r/{}.svg", old["code"].as_str().unwrap());
    let reply = service.send(Call::get(&picture)).await;
    assert_eq!(decode(&reply.body), format!("https://org.no/r/{}", new["code"].as_str().unwrap()));
    service.invalidate(&new).await;
    for (path, status, name) in [(picture.as_str(), 410, "code_not_active"), ("/r/x.svg", 404, "code_not_found")] {
        let json = service.send(Call::get(path).header("accept", "application/json")).await;
        json.expect_problem(status, name);
        let page = service.send(Call::get(path).header("accept", "image/avif,image/*,*/*;q=0.8")).await;
        assert_eq!((page.status, page.headers["content-type"].as_str()), (status, "text/html; charset=utf-8"));
    }
}
