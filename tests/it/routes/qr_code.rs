//! `GET /r/{code}.svg`. The pictures are read by another library than the one that draws them.

use dev::{Call, Kind, Reply, TestService};

use super::with_jan;

/// The pixels of one module, when the picture is drawn for the decoder: as on a far poster, and as on a screen.
const SCALES: [usize; 5] = [2, 3, 4, 9, 24];

/// Draws the dark modules of an SVG picture: its second path is rectangles, `Mx,yhWv1h-Wz` each.
fn draw(svg: &str) -> (usize, Vec<bool>) {
    let attribute = |name: &str, from: &str| {
        from.split_once(&format!("{name}=\"")).unwrap().1.split_once('"').unwrap().0.to_owned()
    };
    let side: usize = attribute("viewBox", svg).split(' ').nth(2).unwrap().parse().unwrap();
    let mut dark = vec![false; side * side];
    let path = attribute("<path d", svg);
    for rectangle in path.split('M').skip(1) {
        let (start, rest) = rectangle.split_once('h').unwrap();
        let (x, y) = start.split_once(',').unwrap();
        let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
        let (width, rest) = rest.split_once('v').unwrap();
        let width: usize = width.parse().unwrap();
        assert_eq!(rest, format!("1h-{width}z"), "a rectangle");
        for x in x..x + width {
            dark[y * side + x] = true;
        }
    }
    (side, dark)
}

/// The text in the picture at every size, and its quality: 3 is Q.
fn decode(svg: &str) -> (String, u16) {
    let read = SCALES.map(|scale| decode_at(scale, svg));
    assert!(read.iter().all(|one| *one == read[0]), "{read:?}");
    read[0].clone()
}

fn decode_at(scale: usize, svg: &str) -> (String, u16) {
    let (side, dark) = draw(svg);
    let pixels = side * scale;
    let grey = |x: usize, y: usize| if dark[y / scale * side + x / scale] { 0 } else { 255 };
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(pixels, pixels, grey);
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1, "one QR code");
    let (meta, text) = grids[0].decode().unwrap();
    (text, meta.ecc_level)
}

fn svg(reply: &Reply) -> &str {
    assert_eq!((reply.status, reply.headers["content-type"].as_str()), (200, "image/svg+xml"), "{reply:?}");
    &reply.body
}

#[tokio::test]
async fn qr_code_is_the_short_url_for_another_library() {
    let service = with_jan(TestService::builder()).await;
    for kind in Kind::ALL {
        for path in ["/r/JAN-VERV-8F3A.svg", "/r/janverv8f3a.svg", "/r/jan%20verv%208f3a.svg/"] {
            let reply = service.send(Call::get(path).kind(kind)).await;
            let (text, quality) = decode(svg(&reply));
            assert_eq!(text, "https://org.no/r/JAN-VERV-8F3A");
            // The decoder has the two bits of the format: 00 is M, 01 L, 10 H, 11 Q.
            assert_eq!(quality, 3);
            assert_eq!(reply.headers["cache-control"], "private, max-age=60");
            assert_eq!(reply.headers["content-security-policy"], "default-src 'none'");
            assert_eq!(reply.headers["x-robots-tag"], "noindex");
        }
    }
}

#[tokio::test]
async fn qr_code_has_a_title_and_a_quiet_zone_of_four_modules() {
    let service = TestService::builder().setting("SHORT_URL_BASE", "https://org.no/r/a&b").build().await;
    let code = service.create("m", "o").await;
    let code = code["code"].as_str().unwrap();
    let reply = service.send(Call::get(&format!("/r/{code}.svg"))).await;
    assert!(svg(&reply).contains(&format!("<title>QR code: https://org.no/r/a&#38;b/{code}</title>")), "{reply:?}");
    assert_eq!(decode(svg(&reply)).0, format!("https://org.no/r/a&b/{code}"));
    let (side, dark) = draw(&reply.body);
    let is_quiet = |place: usize| !(4..side - 4).contains(&place);
    for (place, is_dark) in dark.iter().enumerate() {
        assert!(!is_dark || !(is_quiet(place % side) || is_quiet(place / side)), "dark at {place} of {side}");
    }
    assert!((4..side - 4).any(|x| dark[4 * side + x]), "the quiet zone is no wider");
}

#[tokio::test]
async fn qr_code_of_a_rotated_code_in_its_grace_is_the_active_one_s() {
    let service = TestService::builder().setting("ROTATED_GRACE_DAYS", "7").build().await;
    let old = service.create("m", "o").await;
    let new = service.rotate(&old).await;
    let reply = service.send(Call::get(&format!("/r/{}.svg", old["code"].as_str().unwrap()))).await;
    assert_eq!(decode(svg(&reply)).0, format!("https://org.no/r/{}", new["code"].as_str().unwrap()));
}

#[tokio::test]
async fn qr_code_of_an_unknown_or_ended_code_is_a_problem_or_a_page() {
    let service = TestService::new().await;
    let code = service.create("m", "o").await;
    service.invalidate(&code).await;
    let ended = format!("/r/{}.svg", code["code"].as_str().unwrap());
    for (path, status, name) in [(ended.as_str(), 410, "code_not_active"), ("/r/x.svg", 404, "code_not_found")] {
        let json = service.send(Call::get(path).header("accept", "application/json")).await;
        json.expect_problem(status, name);
        assert_eq!(json.headers["access-control-allow-origin"], "*");
        let page = service.send(Call::get(path).header("accept", "image/avif,image/*,*/*;q=0.8")).await;
        assert_eq!((page.status, page.headers["content-type"].as_str()), (status, "text/html; charset=utf-8"));
    }
}
