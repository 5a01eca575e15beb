//! Tests of the checker: histories written by hand. It must refute those that break the promise.

use super::checker::check;
use super::history::{Answer, Document, Operation, Request};
use super::model::millis;

const T: &str = "2026-01-10T09:00:00Z";
const SOON: &str = "2026-01-10T09:30:00Z";
const LATER: &str = "2026-01-10T10:00:00Z";

/// An active code; its string is its id in capitals.
fn code(id: &str) -> Document {
    let (org_id, status, created_at) = ("org".into(), "active".into(), T.into());
    Document { id: id.into(), code: id.to_uppercase(), org_id, status, created_at, ..Document::default() }
}

fn later(code: Document) -> Document {
    Document { created_at: LATER.into(), ..code }
}

/// The same code, which expires before [`LATER`].
fn short(code: Document) -> Document {
    Document { expires_at: Some(SOON.into()), ..code }
}

fn expired(code: Document) -> Document {
    Document { status: "expired".into(), ..short(code) }
}

fn successor(id: &str, of: &str) -> Document {
    Document { previous_code: Some(of.to_uppercase()), rotated_at: Some(T.into()), ..code(id) }
}

fn rotated(id: &str, to: &str) -> Document {
    let (rotated_at, successor_id) = (Some(T.into()), Some(to.into()));
    Document { status: "rotated".into(), rotated_at, successor_id, ..code(id) }
}

fn invalidated(id: &str) -> Document {
    Document { status: "invalidated".into(), invalidated_at: Some(T.into()), ..code(id) }
}

fn not_active(status: &str, active_id: Option<&str>) -> Answer {
    Answer::NotActive { status: status.into(), active_id: active_id.map(str::to_owned) }
}

/// A call without an answer.
fn unanswered(request: Request) -> Operation {
    Operation { request, now: millis(T), called: 0, answered: None }
}

fn call(request: Request, answer: Answer) -> Operation {
    Operation { answered: Some((0, answer)), ..unanswered(request) }
}

/// By a process whose clock shows [`LATER`].
fn at_later(operation: Operation) -> Operation {
    Operation { now: millis(LATER), ..operation }
}

fn post() -> Request {
    Request::Post { org: "org".into(), expires_at: None }
}

fn short_post() -> Request {
    Request::Post { org: "org".into(), expires_at: Some(SOON.into()) }
}

fn put(id: &str) -> Request {
    Request::Put { id: id.into() }
}

fn delete(id: &str) -> Request {
    Request::Delete { id: id.into() }
}

fn get(id: &str, answer: Answer) -> Operation {
    call(Request::Get { id: id.into() }, answer)
}

fn shows(code: Document) -> Operation {
    get(&code.id.clone(), Answer::Code(code))
}

/// `GET /:id/url` shows the code as active.
fn url(id: &str) -> Operation {
    call(Request::GetUrl { id: id.into() }, Answer::Url { code: id.to_uppercase() })
}

fn makes(id: &str) -> Operation {
    call(post(), Answer::Created(code(id)))
}

fn finds(id: &str) -> Operation {
    call(post(), Answer::Existing(code(id)))
}

fn rotates(id: &str, to: &str) -> Operation {
    call(put(id), Answer::Successor(successor(to, id)))
}

fn ends_at(id: &str, at: &str) -> Operation {
    call(delete(id), Answer::Invalidated { at: at.into() })
}

fn ends(id: &str) -> Operation {
    ends_at(id, T)
}

fn lists(status: Option<&str>, codes: &[Document]) -> Operation {
    call(Request::List { status: status.map(str::to_owned) }, Answer::Listed(codes.to_vec()))
}

fn finds_by_code(string: &str, codes: &[Document]) -> Operation {
    call(Request::ListByCode { code: string.into() }, Answer::Listed(codes.to_vec()))
}

/// These calls at these moments: from when a call is sent to when it is answered.
fn at_moments(calls: &[Operation], moments: impl Iterator<Item = (u64, u64)>) -> Vec<Operation> {
    let timed = calls.iter().cloned().zip(moments).map(|(call, (called, at))| Operation {
        called,
        answered: call.answered.map(|(_, answer)| (at, answer)),
        ..call
    });
    timed.collect()
}

/// One call after the other.
fn in_order(calls: &[Operation]) -> Vec<Operation> {
    at_moments(calls, (0..).map(|nth| (2 * nth, 2 * nth + 1)))
}

/// The first call alone, then the others, all at the same time.
fn first_alone(calls: &[Operation]) -> Vec<Operation> {
    at_moments(calls, [(0, 1)].into_iter().chain((0..).map(|nth| (2 + nth, 100 + nth))))
}

/// Each history in order, and whether the checker must accept it.
fn are_judged<const N: usize>(histories: [(&str, bool, Vec<Operation>); N]) {
    for (what, is_accepted, calls) in histories {
        assert_eq!(check(&in_order(&calls)).is_ok(), is_accepted, "{what}: {calls:?}");
    }
}

/// As [`are_judged`], of calls that come all at the same time after the first one.
fn are_judged_at_once<const N: usize>(histories: [(&str, bool, Vec<Operation>); N]) {
    for (what, is_accepted, calls) in histories {
        assert_eq!(check(&first_alone(&calls)).is_ok(), is_accepted, "{what}: {calls:?}");
    }
}

#[test]
fn histories_that_keep_or_break_the_promise_are_told_apart() {
    let url_of_b = call(Request::GetUrl { id: "b".into() }, Answer::Gone { status: "invalidated".into() });
    let by_other = call(Request::PutByOtherMentor { id: "a".into() }, Answer::MentorMismatch);
    let other = |answer| call(Request::Post { org: "other".into(), expires_at: None }, answer);
    let to = |id: &str| Answer::MentorInOtherOrg { active_id: id.into() };
    let again = |answer| at_later(call(short_post(), answer));
    let made_again = |code| vec![makes("a"), ends("a"), call(post(), Answer::Created(code))];
    are_judged([
        ("every change", true, vec![makes("a"), finds("a"), by_other, rotates("a", "b"), rotates("a", "b")]),
        (
            "what has ended",
            true,
            vec![
                makes("a"),
                rotates("a", "b"),
                shows(rotated("a", "b")),
                call(delete("a"), not_active("rotated", Some("b"))),
                ends("b"),
                ends("b"),
                call(put("a"), not_active("rotated", None)),
                url_of_b,
                makes("c"),
                url("c"),
            ],
        ),
        ("two active codes", false, vec![makes("a"), makes("b")]),
        (
            "each is shown as active after the other",
            false,
            vec![unanswered(post()), unanswered(post()), finds("a"), finds("b"), url("a")],
        ),
        ("the old code is still active", false, vec![makes("a"), rotates("a", "b"), url("a")]),
        ("a lost create", false, vec![makes("a"), get("a", Answer::NotFound)]),
        ("a lost invalidation", false, vec![makes("a"), ends("a"), shows(code("a"))]),
        ("the same, found", false, vec![makes("a"), ends("a"), finds("a")]),
        ("a lost rotation", false, vec![makes("a"), rotates("a", "b"), shows(code("a"))]),
        ("the same, found", false, vec![makes("a"), rotates("a", "b"), finds("a")]),
        ("an end after another", false, vec![makes("a"), rotates("a", "b"), ends("a")]),
        ("the same, shown", false, vec![makes("a"), rotates("a", "b"), shows(invalidated("a"))]),
        ("two successors", false, vec![makes("a"), rotates("a", "b"), rotates("a", "c")]),
        ("the same, shown", false, vec![makes("a"), rotates("a", "b"), shows(rotated("a", "c"))]),
        ("two times of an end", false, vec![makes("a"), ends("a"), at_later(ends_at("a", LATER))]),
        ("a code without a request", false, vec![finds("a")]),
        ("the same after an end", false, vec![makes("a"), ends("a"), finds("b")]),
        ("an id and a string given out twice", false, made_again(code("a"))),
        ("an id given out twice", false, made_again(Document { code: "B".into(), ..code("a") })),
        ("a string given out twice", false, made_again(Document { id: "b".into(), ..code("a") })),
        ("an expiry in the past, not needed", true, vec![makes("a"), again(Answer::Existing(code("a")))]),
        ("the same, refused", false, vec![makes("a"), again(Answer::ExpiresInThePast)]),
        ("an expiry in the past, refused", true, vec![again(Answer::ExpiresInThePast)]),
        ("an expiry in the past, made", false, vec![again(Answer::Created(later(short(code("a")))))]),
        ("another organisation", true, vec![makes("a"), other(to("a"))]),
        ("another organisation and code", false, vec![makes("a"), other(to("b"))]),
        ("another organisation, found", false, vec![makes("a"), other(Answer::Existing(code("a")))]),
        ("another organisation after an end", false, vec![makes("a"), ends("a"), other(to("a"))]),
    ]);
    are_judged_at_once([
        ("PUT first", true, vec![makes("a"), rotates("a", "b"), call(delete("a"), not_active("rotated", Some("b")))]),
        ("DELETE first", true, vec![makes("a"), call(put("a"), not_active("invalidated", None)), ends("a")]),
        ("two successors", false, vec![makes("a"), rotates("a", "b"), rotates("a", "c")]),
    ]);
    assert!(check(&at_moments(&[makes("a"), makes("b")], [(0, 2), (1, 3)].into_iter())).is_err());
}

#[test]
fn unanswered_call_takes_effect_once_later_or_never_and_not_before_it_is_made() {
    let delete = || unanswered(delete("a"));
    are_judged([
        ("never", true, vec![makes("a"), delete(), url("a")]),
        ("at once", true, vec![makes("a"), delete(), shows(invalidated("a"))]),
        ("after a later call", true, vec![makes("a"), delete(), url("a"), shows(invalidated("a"))]),
        ("a code is shown before its POST is answered", true, vec![unanswered(post()), finds("a")]),
        ("a PUT, repeated", true, vec![makes("a"), unanswered(put("a")), rotates("a", "b")]),
        ("a PUT, shown", true, vec![makes("a"), unanswered(put("a")), shows(rotated("a", "b"))]),
        ("before it is made", false, vec![makes("a"), shows(invalidated("a")), delete()]),
        ("twice", false, vec![unanswered(post()), finds("a"), ends("a"), finds("b")]),
        ("and undone", false, vec![makes("a"), delete(), shows(invalidated("a")), url("a")]),
    ]);
}

/// The clocks of two processes differ by an hour. What the slower one makes is not older than what it builds upon.
#[test]
fn times_and_expiry_follow_from_the_clocks_of_the_calls_and_from_their_order() {
    let made = || call(short_post(), Answer::Created(short(code("a"))));
    let finds = || call(post(), Answer::Existing(short(code("a"))));
    let made_later = || at_later(call(post(), Answer::Created(later(code("a")))));
    let b = || call(post(), Answer::Created(later(code("b"))));
    let rotates = |time: &str| {
        let new = Document { created_at: time.into(), rotated_at: Some(time.into()), ..successor("b", "a") };
        call(put("a"), Answer::Successor(new))
    };
    let ended = || {
        vec![at_later(call(put("a"), not_active("expired", None))), at_later(b()), at_later(shows(expired(code("a"))))]
    };
    are_judged([
        ("expired for later calls", true, [vec![made(), finds()], ended()].concat()),
        ("active after its expiry", false, vec![made(), at_later(url("a"))]),
        ("found after its expiry", false, vec![made(), at_later(finds())]),
        ("expired before its expiry", false, vec![made(), shows(expired(code("a")))]),
        ("a successor by a slow clock", true, vec![made_later(), rotates(LATER)]),
        ("a successor that is older", false, vec![made_later(), rotates(T)]),
        ("a code by a slow clock", true, vec![made_later(), ends_at("a", LATER), b()]),
        ("a code that is older", false, vec![made_later(), ends_at("a", LATER), makes("b")]),
        ("an end that is older", false, vec![made_later(), ends("a")]),
    ]);
}

#[track_caller]
fn accepted(calls: &[Operation]) {
    are_judged([("accepted", true, calls.to_vec())]);
}

#[track_caller]
fn refuted(calls: &[Operation]) {
    are_judged([("refuted", false, calls.to_vec())]);
}

/// A repair completes it after calls by a later clock. All answers show the same time.
#[test]
fn change_that_a_backup_holds_in_part_keeps_its_time() {
    let lost = |request| unanswered(Request::Lost(Box::new(request)));
    let b = || at_later(call(post(), Answer::Created(later(code("b")))));
    let then = |first: Operation, found: Document| {
        [first, b(), at_later(ends_at("b", LATER)), at_later(call(post(), Answer::Existing(found)))]
    };
    accepted(&then(lost(post()), code("a")));
    refuted(&then(lost(post()), later(code("a"))));
    refuted(&then(unanswered(post()), code("a")));
    refuted(&[lost(post()), b(), at_later(finds("a"))]);
    // The time of an invalidation may be lost: then that of the repair is shown.
    for time in [T, SOON, LATER] {
        accepted(&[makes("a"), lost(delete("a")), b(), at_later(ends_at("a", time)), at_later(ends_at("a", time))]);
    }
    refuted(&[makes("a"), lost(delete("a")), at_later(ends_at("a", SOON)), at_later(shows(invalidated("a")))]);
    refuted(&[makes("a"), at_later(lost(delete("a"))), b(), ends("a")]);
    refuted(&[makes("a"), unanswered(delete("a")), b(), at_later(ends_at("a", LATER))]);
}

#[test]
fn list_of_a_mentor_agrees_with_one_moment() {
    let (old, new) = (|| rotated("a", "b"), || successor("b", "a"));
    let then = |list| [makes("a"), rotates("a", "b"), list];
    accepted(&then(lists(None, &[new(), old()])));
    for wrong in [&[old(), new()][..], &[new(), code("a")], &[new()], &[code("a")], &[new(), old(), code("c")]] {
        refuted(&then(lists(None, wrong)));
    }
    accepted(&then(lists(Some("active"), &[new()])));
    for wrong in [&[][..], &[new(), code("a")]] {
        refuted(&then(lists(Some("active"), wrong)));
    }
    accepted(&then(finds_by_code("A", &[old()])));
    accepted(&then(finds_by_code("C", &[])));
    refuted(&then(finds_by_code("A", &[code("a")])));
    refuted(&then(finds_by_code("B", &[])));
    // Beside the rotation, either moment will do, but not both at once.
    let beside = |codes: &[Document]| check(&first_alone(&then(lists(None, codes))));
    beside(&[code("a")]).unwrap();
    beside(&[new(), old()]).unwrap();
    beside(&[new(), code("a")]).unwrap_err();
    beside(&[old()]).unwrap_err();
}

/// The calls that made these codes have no answer. So which call made which is open, until a later answer tells.
#[test]
fn list_shows_codes_whose_creation_was_not_answered() {
    let then = |calls: &[Operation]| [&[unanswered(post()), unanswered(post())], calls].concat();
    let shows_a = || lists(None, &[code("a")]);
    accepted(&then(&[lists(None, &[])]));
    accepted(&then(&[shows_a()]));
    accepted(&then(&[shows_a(), shows(code("a"))]));
    accepted(&then(&[finds_by_code("A", &[code("a")])]));
    refuted(&then(&[lists(None, &[code("a"), code("b")])]));
    refuted(&then(&[shows_a(), lists(None, &[code("b")])]));
    refuted(&then(&[lists(None, &[Document { org_id: "other".into(), ..code("a") }])]));
    // Both took effect, one after the other's code had expired.
    let (old, new) = (expired(code("a")), later(code("b")));
    let both =
        |shown: &[Document]| [unanswered(short_post()), at_later(unanswered(post())), at_later(lists(None, shown))];
    accepted(&both(&[new.clone(), old.clone()]));
    accepted(&both(std::slice::from_ref(&old)));
    accepted(&both(std::slice::from_ref(&new)));
    refuted(&both(&[old, new]));
}
