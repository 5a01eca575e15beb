//! Tests of the checker: histories written by hand. It must refute those that break the promise.
//!
//! A history is a text: calls between `|`, each a request and, after `=`, its answer, if it has one. `@` marks a call by a
//! process whose clock shows [`LATER`]; `POST~` sends an expiry at [`SOON`], `POST+` is for another organisation, `PUT!` is by
//! another mentor, and of a `lost` change a backup holds a part. [`document`] says how a code is written.

use super::checker::check;
use super::history::{Answer, Document, Operation, Problem, Request};
use super::model::millis;

const T: &str = "2026-01-10T09:00:00Z";
const SOON: &str = "2026-01-10T09:30:00Z";
const LATER: &str = "2026-01-10T10:00:00Z";

fn time(name: &str) -> String {
    match name {
        "T" => T,
        "SOON" => SOON,
        "LATER" => LATER,
        other => panic!("no time {other}"),
    }
    .to_owned()
}

/// A code by its id, a letter, and marks: `+` made at [`LATER`], `~` expires at [`SOON`], `-` has done so, `!` invalidated,
/// `>b` rotated to b, `<b` its successor, `:B` with this string instead of its id in capitals, `@` of another organisation.
fn document(text: &str) -> Document {
    let mut marks = text.chars();
    let mut letter = || marks.next().map(String::from);
    let id = letter().expect("an id");
    let mut code = Document { code: id.to_uppercase(), id, ..Document::default() };
    (code.org_id, code.status, code.created_at) = ("org".into(), "active".into(), time("T"));
    while let Some(mark) = letter() {
        match &*mark {
            "+" => code.created_at = time("LATER"),
            "~" => code.expires_at = Some(time("SOON")),
            "-" => (code.status, code.expires_at) = ("expired".into(), Some(time("SOON"))),
            "!" => (code.status, code.invalidated_at) = ("invalidated".into(), Some(time("T"))),
            ">" => {
                (code.status, code.rotated_at, code.successor_id) = ("rotated".into(), Some(time("T")), letter());
            }
            "<" => {
                let previous = letter().map(|id| id.to_uppercase());
                (code.previous_code, code.rotated_at) = (previous, Some(code.created_at.clone()));
            }
            ":" => code.code = letter().unwrap(),
            "@" => code.org_id = "other".into(),
            other => panic!("no mark {other}"),
        }
    }
    code
}

fn request(text: &str) -> Request {
    let (method, of) = text.split_once(' ').unwrap_or((text, ""));
    match method {
        "POST" => Request::post(),
        "POST~" => Request::Post { org: "org".into(), expires_at: Some(time("SOON")) },
        "POST+" => Request::Post { org: "other".into(), expires_at: None },
        "PUT" => Request::Put(of.into()),
        "PUT!" => Request::PutByOtherMentor(of.into()),
        "DELETE" => Request::Delete(of.into()),
        "GET" => Request::Get(of.into()),
        "URL" => Request::GetUrl(of.into()),
        "LIST" => Request::List(Some(of.to_owned()).filter(|status| !status.is_empty())),
        "CODE" => Request::ListByCode(of.into()),
        "lost" => Request::Lost(Box::new(request(of))),
        other => panic!("no request {other}"),
    }
}

fn answer(request: &Request, text: &str) -> Answer {
    let words: Vec<_> = text.split(' ').collect();
    let word = |nth: usize| words.get(nth).map(|word| (*word).to_owned());
    match (words[0], request) {
        ("new", _) => Answer::Created(document(words[1])),
        ("at", _) => Answer::Invalidated(time(words[1])),
        ("list", _) => Answer::Listed(words[1..].iter().map(|code| document(code)).collect()),
        ("code_not_active", _) => {
            Answer::Refused(Problem { code: words[0].into(), code_status: word(1), active_id: word(2) })
        }
        (code, _) if code.contains('_') => {
            Answer::Refused(Problem { code: code.into(), code_status: None, active_id: word(1) })
        }
        (string, Request::GetUrl(_)) => Answer::Url(string.into()),
        (code, _) => Answer::Code(document(code)),
    }
}

fn operation(text: &str) -> Operation {
    let (call, now) = text.strip_prefix("@ ").map_or((text, T), |call| (call, LATER));
    let (sent, answered) = call.split_once('=').map_or((call, None), |(sent, answered)| (sent, Some(answered)));
    let request = request(sent);
    let answered = answered.map(|text| (0, answer(&request, text)));
    Operation { request, now: millis(now), called: 0, answered }
}

/// Whether the checker accepts these calls at these moments: from when a call is sent to when it is answered.
fn is_accepted(calls: &str, moments: impl Iterator<Item = (u64, u64)>) -> bool {
    let timed = calls.split(" | ").map(operation).zip(moments).map(|(call, (called, at))| Operation {
        called,
        answered: call.answered.map(|(_, answer)| (at, answer)),
        ..call
    });
    check(&timed.collect::<Vec<_>>()).is_ok()
}

/// What a history is, after `+` if the checker must accept it and `-` if not; then its calls, one after the other. The clocks of
/// the two processes differ by an hour.
const IN_ORDER: &str = "
+ every change: POST=new a | POST=a | PUT! a=mentor_mismatch | PUT a=b<a | PUT a=b<a | DELETE b=at T
+ a rotated code: POST=new a | PUT a=b<a | GET a=a>b | DELETE a=code_not_active rotated b
+ an end, repeated: POST=new a | DELETE a=at T | DELETE a=at T | PUT a=code_not_active invalidated
+ an ended code's URL: POST=new a | DELETE a=at T | URL a=code_not_active invalidated
+ a code after another: POST=new a | DELETE a=at T | POST=new b | URL b=B
- two active codes: POST=new a | POST=new b
- each is shown as active after the other: POST | POST | POST=a | POST=b | URL a=A
- the old code is still active: POST=new a | PUT a=b<a | URL a=A
- a lost create: POST=new a | GET a=code_not_found
- a lost invalidation: POST=new a | DELETE a=at T | GET a=a
- the same, found: POST=new a | DELETE a=at T | POST=a
- a lost rotation: POST=new a | PUT a=b<a | GET a=a
- the same, found: POST=new a | PUT a=b<a | POST=a
- an end after another: POST=new a | PUT a=b<a | DELETE a=at T
- the same, shown: POST=new a | PUT a=b<a | GET a=a!
- an end that is told as another: POST=new a | DELETE a=at T | PUT a=code_not_active rotated
- an active code of before: POST=new a | DELETE a=at T | PUT a=code_not_active invalidated a
- two successors: POST=new a | PUT a=b<a | PUT a=c<a
- the same, shown: POST=new a | PUT a=b<a | GET a=a>c
- two times of an end: POST=new a | DELETE a=at T | @ DELETE a=at LATER
- a code without a request: POST=a
- the same after an end: POST=new a | DELETE a=at T | POST=b
- an id and a string given out twice: POST=new a | DELETE a=at T | POST=new a
- an id given out twice: POST=new a | DELETE a=at T | POST=new a:B
- a string given out twice: POST=new a | DELETE a=at T | POST=new b:A
+ another organisation: POST=new a | POST+=mentor_in_other_org a
- another organisation and code: POST=new a | POST+=mentor_in_other_org b
- another organisation, found: POST=new a | POST+=a
- another organisation after an end: POST=new a | DELETE a=at T | POST+=mentor_in_other_org a

+ an expiry in the past, not needed: POST=new a | @ POST~=a
- the same, refused: POST=new a | @ POST~=validation_failed
+ an expiry in the past, refused: @ POST~=validation_failed
- an expiry in the past, made: @ POST~=new a+~
+ expired for later calls: POST~=new a~ | POST=a~ | @ PUT a=code_not_active expired | @ POST=new b+ | @ GET a=a-
- active after its expiry: POST~=new a~ | @ URL a=A
- found after its expiry: POST~=new a~ | @ POST=a~
- expired before its expiry: POST~=new a~ | GET a=a-
+ a successor by a slow clock: @ POST=new a+ | PUT a=b+<a
- a successor that is older: @ POST=new a+ | PUT a=b<a
+ a code by a slow clock: @ POST=new a+ | DELETE a=at LATER | POST=new b+
- a code that is older: @ POST=new a+ | DELETE a=at LATER | POST=new b
- an end that is older: @ POST=new a+ | DELETE a=at T

+ a call without an answer, never: POST=new a | DELETE a | URL a=A
+ at once: POST=new a | DELETE a | GET a=a!
+ after a later call: POST=new a | DELETE a | URL a=A | GET a=a!
- before it is made: POST=new a | GET a=a! | DELETE a
- twice: POST | POST=a | DELETE a=at T | POST=b
- and undone: POST=new a | DELETE a | GET a=a! | URL a=A
+ a PUT without an answer, repeated: POST=new a | PUT a | PUT a=b<a
+ a PUT without an answer, shown: POST=new a | PUT a | GET a=a>b

+ a create that a backup holds in part keeps its time: lost POST | @ POST=new b+ | @ DELETE b=at LATER | @ POST=a
- it has that of the repair: lost POST | @ POST=new b+ | @ DELETE b=at LATER | @ POST=a+
- it is not lost: POST | @ POST=new b+ | @ DELETE b=at LATER | @ POST=a
- it is beside another code: lost POST | @ POST=new b+ | @ POST=a
+ an end keeps its time: POST=new a | lost DELETE a | @ POST=new b+ | @ DELETE a=at T | @ DELETE a=at T
+ or has another: POST=new a | lost DELETE a | @ POST=new b+ | @ DELETE a=at SOON | @ DELETE a=at SOON
+ or that of the repair: POST=new a | lost DELETE a | @ POST=new b+ | @ DELETE a=at LATER | @ DELETE a=at LATER
- or two: POST=new a | lost DELETE a | @ DELETE a=at SOON | @ GET a=a!
- or one before it: POST=new a | @ lost DELETE a | @ POST=new b+ | DELETE a=at T
- it is not lost: POST=new a | DELETE a | @ POST=new b+ | @ DELETE a=at LATER

+ a list of both: POST=new a | PUT a=b<a | LIST=list b<a a>b
- oldest first: POST=new a | PUT a=b<a | LIST=list a>b b<a
- two active ones: POST=new a | PUT a=b<a | LIST=list b<a a
- one is missing: POST=new a | PUT a=b<a | LIST=list b<a
- that of before: POST=new a | PUT a=b<a | LIST=list a
- one too many: POST=new a | PUT a=b<a | LIST=list b<a a>b c
+ the active one: POST=new a | PUT a=b<a | LIST active=list b<a
- no active one: POST=new a | PUT a=b<a | LIST active=list
- two of them: POST=new a | PUT a=b<a | LIST active=list b<a a
+ by its string: POST=new a | PUT a=b<a | CODE A=list a>b
+ by no code's string: POST=new a | PUT a=b<a | CODE C=list
- by its string, as it was: POST=new a | PUT a=b<a | CODE A=list a
- not by its string: POST=new a | PUT a=b<a | CODE B=list
+ codes of creates without an answer, neither: POST | POST | LIST=list
+ one: POST | POST | LIST=list a | GET a=a
+ one by its string: POST | POST | CODE A=list a
- two active ones: POST | POST | LIST=list a b
- one and then another: POST | POST | LIST=list a | LIST=list b
- that of no call: POST | POST | LIST=list a@
+ both, after one has expired: POST~ | @ POST | @ LIST=list b+ a-
+ the expired one: POST~ | @ POST | @ LIST=list a-
+ the new one: POST~ | @ POST | @ LIST=list b+
- oldest first: POST~ | @ POST | @ LIST=list a- b+
";

/// The same, but all calls after the first come at the same time. So a list may show either moment, and not both at once.
const AT_ONCE: &str = "
+ PUT first: POST=new a | PUT a=b<a | DELETE a=code_not_active rotated b
+ DELETE first: POST=new a | PUT a=code_not_active invalidated | DELETE a=at T
- two successors: POST=new a | PUT a=b<a | PUT a=c<a
+ a list of before: POST=new a | PUT a=b<a | LIST=list a
+ a list of after: POST=new a | PUT a=b<a | LIST=list b<a a>b
- a list of two moments: POST=new a | PUT a=b<a | LIST=list b<a a
- a list of none: POST=new a | PUT a=b<a | LIST=list a>b
";

#[test]
fn histories_that_keep_or_break_the_promise_are_told_apart() {
    let rows = |text: &'static str| text.lines().filter(|line| !line.is_empty());
    let expected = |row: &str| row.starts_with('+');
    for row in rows(IN_ORDER) {
        let calls = row.split_once(": ").unwrap().1;
        assert_eq!(is_accepted(calls, (0..).map(|nth| (2 * nth, 2 * nth + 1))), expected(row), "{row}");
    }
    for row in rows(AT_ONCE) {
        let calls = row.split_once(": ").unwrap().1;
        let moments = [(0, 1)].into_iter().chain((0..).map(|nth| (2 + nth, 100 + nth)));
        assert_eq!(is_accepted(calls, moments), expected(row), "{row}");
    }
    assert!(!is_accepted("POST=new a | POST=new b", [(0, 2), (1, 3)].into_iter()), "two active codes at once");
}
