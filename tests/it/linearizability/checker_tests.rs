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

#[track_caller]
fn accepted(calls: &[Operation]) {
    check(&in_order(calls)).unwrap();
}

#[track_caller]
fn refuted(calls: &[Operation]) {
    refuted_at(&in_order(calls));
}

#[track_caller]
fn refuted_at(history: &[Operation]) {
    assert!(check(history).is_err(), "no order explains these answers, and the checker accepted them: {history:?}");
}

#[test]
fn sequential_history_is_accepted() {
    accepted(&[
        makes("a"),
        finds("a"),
        call(Request::PutByOtherMentor { id: "a".into() }, Answer::MentorMismatch),
        rotates("a", "b"),
        rotates("a", "b"),
        shows(rotated("a", "b")),
        call(delete("a"), not_active("rotated", Some("b"))),
        ends("b"),
        ends("b"),
        call(put("a"), not_active("rotated", None)),
        call(Request::GetUrl { id: "b".into() }, Answer::Gone { status: "invalidated".into() }),
        makes("c"),
        url("c"),
    ]);
}

#[test]
fn concurrent_calls_may_take_effect_in_either_order() {
    let first_put = [makes("a"), rotates("a", "b"), call(delete("a"), not_active("rotated", Some("b")))];
    let first_delete = [makes("a"), call(put("a"), not_active("invalidated", None)), ends("a")];
    for history in [first_put, first_delete] {
        check(&first_alone(&history)).unwrap();
    }
}

#[test]
fn two_active_codes_are_refuted() {
    refuted(&[makes("a"), makes("b")]);
    refuted_at(&at_moments(&[makes("a"), makes("b")], [(0, 2), (1, 3)].into_iter()));
    // Each code is shown as active after the other was.
    refuted(&[unanswered(post()), unanswered(post()), finds("a"), finds("b"), url("a")]);
    refuted(&[makes("a"), rotates("a", "b"), url("a")]);
}

#[test]
fn lost_acknowledged_change_is_refuted() {
    refuted(&[makes("a"), get("a", Answer::NotFound)]);
    for later in [shows(code("a")), finds("a")] {
        refuted(&[makes("a"), ends("a"), later.clone()]);
        refuted(&[makes("a"), rotates("a", "b"), later]);
    }
    for later in [ends("a"), shows(invalidated("a"))] {
        refuted(&[makes("a"), rotates("a", "b"), later]);
    }
}

#[test]
fn different_answers_to_the_same_change_are_refuted() {
    refuted(&[makes("a"), rotates("a", "b"), rotates("a", "c")]);
    refuted_at(&first_alone(&[makes("a"), rotates("a", "b"), rotates("a", "c")]));
    refuted(&[makes("a"), rotates("a", "b"), shows(rotated("a", "c"))]);
    refuted(&[makes("a"), ends("a"), at_later(ends_at("a", LATER))]);
}

#[test]
fn code_without_a_request_is_refuted() {
    refuted(&[finds("a")]);
    refuted(&[makes("a"), ends("a"), finds("b")]);
}

#[test]
fn id_or_string_given_out_twice_is_refuted() {
    for again in [code("a"), Document { code: "B".into(), ..code("a") }, Document { id: "b".into(), ..code("a") }] {
        refuted(&[makes("a"), ends("a"), call(post(), Answer::Created(again))]);
    }
}

#[test]
fn unanswered_call_takes_effect_later_or_never() {
    let delete = || unanswered(delete("a"));
    accepted(&[makes("a"), delete(), url("a")]);
    accepted(&[makes("a"), delete(), shows(invalidated("a"))]);
    // It takes effect after a call that was sent later.
    accepted(&[makes("a"), delete(), url("a"), shows(invalidated("a"))]);
    // A code is shown before its POST is answered.
    accepted(&[unanswered(post()), finds("a")]);
    accepted(&[makes("a"), unanswered(put("a")), rotates("a", "b")]);
    accepted(&[makes("a"), unanswered(put("a")), shows(rotated("a", "b"))]);
}

#[test]
fn unanswered_call_takes_effect_at_most_once_and_not_before_it_is_made() {
    let delete = || unanswered(delete("a"));
    refuted(&[makes("a"), shows(invalidated("a")), delete()]);
    refuted(&[unanswered(post()), finds("a"), ends("a"), finds("b")]);
    refuted(&[makes("a"), delete(), shows(invalidated("a")), url("a")]);
}

#[test]
fn expired_code_is_expired_for_every_later_call() {
    let made = || call(short_post(), Answer::Created(short(code("a"))));
    let finds = || call(post(), Answer::Existing(short(code("a"))));
    accepted(&[
        made(),
        finds(),
        at_later(call(put("a"), not_active("expired", None))),
        at_later(call(post(), Answer::Created(later(code("b"))))),
        at_later(shows(expired(code("a")))),
    ]);
    refuted(&[made(), at_later(url("a"))]);
    refuted(&[made(), at_later(finds())]);
    refuted(&[made(), shows(expired(code("a")))]);
}

/// The clocks of two processes differ by an hour. What the slower one makes is not older than what it builds upon.
#[test]
fn times_follow_from_the_clocks_of_the_calls_and_from_their_order() {
    let made = || at_later(call(post(), Answer::Created(later(code("a")))));
    let rotates = |time: &str| {
        let new = Document { created_at: time.into(), rotated_at: Some(time.into()), ..successor("b", "a") };
        call(put("a"), Answer::Successor(new))
    };
    accepted(&[made(), rotates(LATER)]);
    refuted(&[made(), rotates(T)]);
    accepted(&[made(), ends_at("a", LATER), call(post(), Answer::Created(later(code("b"))))]);
    refuted(&[made(), ends("a")]);
    refuted(&[made(), ends_at("a", LATER), makes("b")]);
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
fn expiry_in_the_past_is_refused_only_where_a_code_would_be_made() {
    let again = |answer| at_later(call(short_post(), answer));
    accepted(&[makes("a"), again(Answer::Existing(code("a")))]);
    refuted(&[makes("a"), again(Answer::ExpiresInThePast)]);
    accepted(&[again(Answer::ExpiresInThePast)]);
    refuted(&[again(Answer::Created(later(short(code("a")))))]);
}

#[test]
fn post_for_another_organisation_is_sent_to_the_active_code() {
    let other = |answer| call(Request::Post { org: "other".into(), expires_at: None }, answer);
    let to = |id: &str| Answer::MentorInOtherOrg { active_id: id.into() };
    accepted(&[makes("a"), other(to("a"))]);
    refuted(&[makes("a"), other(to("b"))]);
    refuted(&[makes("a"), other(Answer::Existing(code("a")))]);
    refuted(&[makes("a"), ends("a"), other(to("a"))]);
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
