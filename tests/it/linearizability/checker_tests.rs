//! Tests of the checker: histories written by hand. It must refute those that break the promise.

use super::checker::check;
use super::history::{Answer, Document, Operation, Request};
use super::model::millis;

const T: &str = "2026-01-10T09:00:00Z";
const LATER: &str = "2026-01-10T10:00:00Z";

/// A call that was sent and answered at these moments.
fn call(called: u64, answered: u64, request: Request, answer: Answer) -> Operation {
    Operation { request, now: millis(T), called, answered: Some((answered, answer)) }
}

/// A call without an answer.
fn unanswered(called: u64, request: Request) -> Operation {
    Operation { request, now: millis(T), called, answered: None }
}

fn at(now: &str, operation: Operation) -> Operation {
    Operation { now: millis(now), ..operation }
}

fn post() -> Request {
    Request::Post { org: "org".into(), expires_at: None }
}

fn put(id: &str) -> Request {
    Request::Put { id: id.into() }
}

fn delete(id: &str) -> Request {
    Request::Delete { id: id.into() }
}

fn get(id: &str) -> Request {
    Request::Get { id: id.into() }
}

fn url(id: &str) -> Request {
    Request::GetUrl { id: id.into() }
}

/// An active code; its string is its id in capitals.
fn code(id: &str) -> Document {
    let (org_id, status, created_at) = ("org".into(), "active".into(), T.into());
    Document { id: id.into(), code: id.to_uppercase(), org_id, status, created_at, ..Document::default() }
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

fn ended() -> Answer {
    Answer::Invalidated { at: T.into() }
}

fn not_active(status: &str, active_id: Option<&str>) -> Answer {
    Answer::NotActive { status: status.into(), active_id: active_id.map(str::to_owned) }
}

fn shown_url(id: &str) -> Answer {
    Answer::Url { code: id.to_uppercase() }
}

fn accepted(history: &[Operation]) {
    check(history).unwrap();
}

fn refuted(history: &[Operation]) {
    assert!(check(history).is_err(), "no order explains these answers, and the checker accepted them: {history:?}");
}

#[test]
fn sequential_history_is_accepted() {
    accepted(&[
        call(0, 1, post(), Answer::Created(code("a"))),
        call(2, 3, post(), Answer::Existing(code("a"))),
        call(4, 5, Request::PutByOtherMentor { id: "a".into() }, Answer::MentorMismatch),
        call(6, 7, put("a"), Answer::Successor(successor("b", "a"))),
        call(8, 9, put("a"), Answer::Successor(successor("b", "a"))),
        call(10, 11, get("a"), Answer::Code(rotated("a", "b"))),
        call(12, 13, delete("a"), not_active("rotated", Some("b"))),
        call(14, 15, delete("b"), ended()),
        call(16, 17, delete("b"), ended()),
        call(18, 19, put("a"), not_active("rotated", None)),
        call(20, 21, url("b"), Answer::Gone { status: "invalidated".into() }),
        call(22, 23, post(), Answer::Created(code("c"))),
        call(24, 25, url("c"), shown_url("c")),
    ]);
}

#[test]
fn concurrent_calls_may_take_effect_in_either_order() {
    for first in ["a", "b"] {
        let (put_answer, delete_answer) = match first {
            "a" => (Answer::Successor(successor("b", "a")), not_active("rotated", Some("b"))),
            _ => (not_active("invalidated", None), ended()),
        };
        accepted(&[
            call(0, 1, post(), Answer::Created(code("a"))),
            call(2, 5, put("a"), put_answer),
            call(3, 4, delete("a"), delete_answer),
        ]);
    }
}

#[test]
fn two_active_codes_are_refuted() {
    let made = |called, answered, id| call(called, answered, post(), Answer::Created(code(id)));
    refuted(&[made(0, 1, "a"), made(2, 3, "b")]);
    refuted(&[made(0, 2, "a"), made(1, 3, "b")]);
    // Each code is shown as active after the other was.
    refuted(&[
        unanswered(0, post()),
        unanswered(1, post()),
        call(2, 3, post(), Answer::Existing(code("a"))),
        call(4, 5, post(), Answer::Existing(code("b"))),
        call(6, 7, url("a"), shown_url("a")),
    ]);
    refuted(&[
        made(0, 1, "a"),
        call(2, 3, put("a"), Answer::Successor(successor("b", "a"))),
        call(4, 5, url("a"), shown_url("a")),
    ]);
}

#[test]
fn lost_acknowledged_change_is_refuted() {
    let made = || call(0, 1, post(), Answer::Created(code("a")));
    refuted(&[made(), call(2, 3, delete("a"), ended()), call(4, 5, get("a"), Answer::Code(code("a")))]);
    refuted(&[made(), call(2, 3, delete("a"), ended()), call(4, 5, post(), Answer::Existing(code("a")))]);
    refuted(&[made(), call(2, 3, get("a"), Answer::NotFound)]);
    let rotate = || call(2, 3, put("a"), Answer::Successor(successor("b", "a")));
    refuted(&[made(), rotate(), call(4, 5, get("a"), Answer::Code(code("a")))]);
    refuted(&[made(), rotate(), call(4, 5, delete("a"), ended())]);
    refuted(&[made(), rotate(), call(4, 5, post(), Answer::Existing(code("a")))]);
    refuted(&[made(), rotate(), call(4, 5, get("a"), Answer::Code(invalidated("a")))]);
}

#[test]
fn different_answers_to_the_same_change_are_refuted() {
    let made = || call(0, 1, post(), Answer::Created(code("a")));
    let to = |called, answered, id| call(called, answered, put("a"), Answer::Successor(successor(id, "a")));
    refuted(&[made(), to(2, 3, "b"), to(4, 5, "c")]);
    refuted(&[made(), to(2, 4, "b"), to(3, 5, "c")]);
    refuted(&[made(), to(2, 3, "b"), call(4, 5, get("a"), Answer::Code(rotated("a", "c")))]);
    let later = Answer::Invalidated { at: LATER.into() };
    refuted(&[made(), call(2, 3, delete("a"), ended()), at(LATER, call(4, 5, delete("a"), later))]);
}

#[test]
fn code_without_a_request_is_refuted() {
    refuted(&[call(0, 1, post(), Answer::Existing(code("a")))]);
    refuted(&[
        call(0, 1, post(), Answer::Created(code("a"))),
        call(2, 3, delete("a"), ended()),
        call(4, 5, post(), Answer::Existing(code("b"))),
    ]);
}

#[test]
fn id_or_string_given_out_twice_is_refuted() {
    let start = [call(0, 1, post(), Answer::Created(code("a"))), call(2, 3, delete("a"), ended())];
    for again in [code("a"), Document { code: "B".into(), ..code("a") }, Document { id: "b".into(), ..code("a") }] {
        refuted(&[&start[..], &[call(4, 5, post(), Answer::Created(again))]].concat());
    }
}

#[test]
fn unanswered_call_takes_effect_later_or_never() {
    let made = || call(0, 1, post(), Answer::Created(code("a")));
    accepted(&[made(), unanswered(2, delete("a")), call(3, 4, url("a"), shown_url("a"))]);
    accepted(&[made(), unanswered(2, delete("a")), call(3, 4, get("a"), Answer::Code(invalidated("a")))]);
    // It takes effect after a call that was sent later.
    accepted(&[
        made(),
        unanswered(2, delete("a")),
        call(3, 4, url("a"), shown_url("a")),
        call(5, 6, get("a"), Answer::Code(invalidated("a"))),
    ]);
    // A code is shown before its POST is answered.
    accepted(&[unanswered(0, post()), call(1, 2, post(), Answer::Existing(code("a")))]);
    accepted(&[made(), unanswered(2, put("a")), call(3, 4, put("a"), Answer::Successor(successor("b", "a")))]);
    accepted(&[made(), unanswered(2, put("a")), call(3, 4, get("a"), Answer::Code(rotated("a", "b")))]);
}

#[test]
fn unanswered_call_takes_effect_at_most_once_and_not_before_it_is_made() {
    let made = || call(0, 1, post(), Answer::Created(code("a")));
    refuted(&[made(), call(2, 3, get("a"), Answer::Code(invalidated("a"))), unanswered(4, delete("a"))]);
    refuted(&[
        unanswered(0, post()),
        call(1, 2, post(), Answer::Existing(code("a"))),
        call(3, 4, delete("a"), ended()),
        call(5, 6, post(), Answer::Existing(code("b"))),
    ]);
    refuted(&[
        made(),
        unanswered(2, delete("a")),
        call(3, 4, get("a"), Answer::Code(invalidated("a"))),
        call(5, 6, url("a"), shown_url("a")),
    ]);
}

#[test]
fn expired_code_is_expired_for_every_later_call() {
    let end = "2026-01-10T09:30:00Z";
    let short = || Request::Post { org: "org".into(), expires_at: Some(end.into()) };
    let shown = || Document { expires_at: Some(end.into()), ..code("a") };
    let expired = || Document { status: "expired".into(), ..shown() };
    let fresh = || Document { created_at: LATER.into(), ..code("b") };
    let made = || call(0, 1, short(), Answer::Created(shown()));
    accepted(&[
        made(),
        call(2, 3, post(), Answer::Existing(shown())),
        at(LATER, call(4, 5, put("a"), not_active("expired", None))),
        at(LATER, call(6, 7, post(), Answer::Created(fresh()))),
        at(LATER, call(8, 9, get("a"), Answer::Code(expired()))),
    ]);
    refuted(&[made(), at(LATER, call(2, 3, url("a"), shown_url("a")))]);
    refuted(&[made(), at(LATER, call(2, 3, post(), Answer::Existing(shown())))]);
    refuted(&[made(), call(2, 3, get("a"), Answer::Code(expired()))]);
}

/// The clocks of two processes differ by an hour. What the slower one makes is not older than what it builds upon.
#[test]
fn times_follow_from_the_clocks_of_the_calls_and_from_their_order() {
    let made = || at(LATER, call(0, 1, post(), Answer::Created(at_later(code("a")))));
    let successor =
        |time: &str| Document { created_at: time.into(), rotated_at: Some(time.into()), ..successor("b", "a") };
    accepted(&[made(), call(2, 3, put("a"), Answer::Successor(successor(LATER)))]);
    refuted(&[made(), call(2, 3, put("a"), Answer::Successor(successor(T)))]);
    let ended = |time: &str| call(2, 3, delete("a"), Answer::Invalidated { at: time.into() });
    accepted(&[made(), ended(LATER), call(4, 5, post(), Answer::Created(at_later(code("b"))))]);
    refuted(&[made(), ended(T)]);
    refuted(&[made(), ended(LATER), call(4, 5, post(), Answer::Created(code("b")))]);
}

fn at_later(code: Document) -> Document {
    Document { created_at: LATER.into(), ..code }
}

#[test]
fn expiry_in_the_past_is_refused_only_where_a_code_would_be_made() {
    let end = "2026-01-10T09:30:00Z";
    let again =
        |answer| at(LATER, call(2, 3, Request::Post { org: "org".into(), expires_at: Some(end.into()) }, answer));
    let made = || call(0, 1, post(), Answer::Created(code("a")));
    accepted(&[made(), again(Answer::Existing(code("a")))]);
    refuted(&[made(), again(Answer::ExpiresInThePast)]);
    accepted(&[again(Answer::ExpiresInThePast)]);
    refuted(&[again(Answer::Created(at_later(Document { expires_at: Some(end.into()), ..code("a") })))]);
}

#[test]
fn post_for_another_organisation_is_sent_to_the_active_code() {
    let other = || Request::Post { org: "other".into(), expires_at: None };
    let to = |id: &str| Answer::MentorInOtherOrg { active_id: id.into() };
    let made = || call(0, 1, post(), Answer::Created(code("a")));
    accepted(&[made(), call(2, 3, other(), to("a"))]);
    refuted(&[made(), call(2, 3, other(), to("b"))]);
    refuted(&[made(), call(2, 3, other(), Answer::Existing(code("a")))]);
    refuted(&[made(), call(2, 3, delete("a"), ended()), call(4, 5, other(), to("a"))]);
}

fn list() -> Request {
    Request::List { status: None }
}

fn active() -> Request {
    Request::List { status: Some("active".into()) }
}

fn listed(codes: impl Into<Vec<Document>>) -> Answer {
    Answer::Listed(codes.into())
}

#[test]
fn list_of_a_mentor_agrees_with_one_moment() {
    let start = || {
        [call(0, 1, post(), Answer::Created(code("a"))), call(2, 3, put("a"), Answer::Successor(successor("b", "a")))]
    };
    let then = |request: Request, answer: Answer| [&start()[..], &[call(4, 5, request, answer)]].concat();
    accepted(&then(list(), listed([successor("b", "a"), rotated("a", "b")])));
    accepted(&then(active(), listed([successor("b", "a")])));
    refuted(&then(list(), listed([rotated("a", "b"), successor("b", "a")])));
    refuted(&then(list(), listed([successor("b", "a"), code("a")])));
    refuted(&then(list(), listed([successor("b", "a")])));
    refuted(&then(list(), listed([code("a")])));
    refuted(&then(list(), listed([successor("b", "a"), rotated("a", "b"), code("c")])));
    refuted(&then(active(), listed([])));
    refuted(&then(active(), listed([successor("b", "a"), code("a")])));
    let by_code = |code: &str| Request::ListByCode { code: code.into() };
    accepted(&then(by_code("A"), listed([rotated("a", "b")])));
    accepted(&then(by_code("C"), listed([])));
    refuted(&then(by_code("A"), listed([code("a")])));
    refuted(&then(by_code("B"), listed([])));
    // Beside the rotation, either moment will do, but not both at once.
    let beside = |answer: Answer| {
        let made = call(0, 1, post(), Answer::Created(code("a")));
        let rotation = call(2, 5, put("a"), Answer::Successor(successor("b", "a")));
        [made, rotation, call(3, 4, list(), answer)]
    };
    accepted(&beside(listed([code("a")])));
    accepted(&beside(listed([successor("b", "a"), rotated("a", "b")])));
    refuted(&beside(listed([successor("b", "a"), code("a")])));
    refuted(&beside(listed([rotated("a", "b")])));
}

/// The calls that made these codes have no answer. So which call made which is open, until a later answer tells.
#[test]
fn list_shows_codes_whose_creation_was_not_answered() {
    let unknown = || [unanswered(0, post()), unanswered(1, post())];
    let then = |calls: &[Operation]| [&unknown()[..], calls].concat();
    accepted(&then(&[call(2, 3, list(), listed([]))]));
    accepted(&then(&[call(2, 3, list(), listed([code("a")]))]));
    accepted(&then(&[call(2, 3, list(), listed([code("a")])), call(4, 5, get("a"), Answer::Code(code("a")))]));
    accepted(&then(&[call(2, 3, Request::ListByCode { code: "A".into() }, listed([code("a")]))]));
    refuted(&then(&[call(2, 3, list(), listed([code("a"), code("b")]))]));
    refuted(&then(&[call(2, 3, list(), listed([code("a")])), call(4, 5, list(), listed([code("b")]))]));
    let other = Document { org_id: "other".into(), ..code("a") };
    refuted(&then(&[call(2, 3, list(), listed([other]))]));
    // Both took effect, one after the other's code had expired.
    let (end, short) =
        ("2026-01-10T09:30:00Z", Request::Post { org: "org".into(), expires_at: Some("2026-01-10T09:30:00Z".into()) });
    let expired = Document { expires_at: Some(end.into()), status: "expired".into(), ..code("a") };
    let fresh = Document { created_at: LATER.into(), ..code("b") };
    let both = |shown| {
        let listed = at(LATER, call(2, 3, list(), Answer::Listed(shown)));
        [unanswered(0, short.clone()), at(LATER, unanswered(1, post())), listed]
    };
    accepted(&both(vec![fresh.clone(), expired.clone()]));
    accepted(&both(vec![expired.clone()]));
    accepted(&both(vec![fresh.clone()]));
    refuted(&both(vec![expired, fresh]));
}
