//! The contract for one mentor, one call after the other: every call is answered from the state, and changes it.
//!
//! The model knows no table: a mentor has codes, and at most one of them is active. A call without an answer may have
//! created a code. That code has no id and no string until an answer shows them.
//!
//! Each call judges expiry by the clock of its own process, and these clocks differ. A code that it makes is later than the
//! mentor's last code and that one's end, and no code ends before it was made. So every time in an answer follows from the
//! order of the calls and from their clocks, except for a change that a repair has completed. All times here are Unix
//! milliseconds.

use referral_codes::model::Timestamp;

use super::history::{Answer, Document, Operation, Problem, Request};

/// The state of one mentor.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Mentor {
    codes: Vec<Code>,
    /// The last code that was created and not invalidated. It may have expired.
    last: Option<usize>,
    /// What stands in the place of the mentor's id, of each time that the mentor was forgotten, once an answer has shown it.
    pseudonyms: Vec<Option<String>>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Code {
    id: Option<String>,
    string: Option<String>,
    org: String,
    made: u64,
    expires_at: Option<u64>,
    predecessor: Option<usize>,
    end: Option<End>,
    /// Which of the pseudonyms it has, since the mentor was forgotten.
    pseudonym: Option<usize>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum End {
    /// To this code.
    Rotated(usize),
    /// At this time.
    Invalidated(u64),
    /// The same, and no answer has shown the time yet, which is not before this.
    InvalidatedSince(u64),
    Expired,
}

/// How the contract has a call answered, by the codes of the model.
enum Expected {
    Created(usize),
    Code(usize),
    Invalidated(usize),
    Url(usize),
    /// With these `code` and `code_status`, and the id of this code as `active_id`.
    Refused(&'static str, Option<&'static str>, Option<usize>),
    Done,
    /// Not at all: the call cannot happen now, or [`Mentor::answer`] judges it.
    Never,
}

/// A time as an answer shows it.
fn text(millis: u64) -> String {
    Timestamp::from_unix_seconds(i64::try_from(millis / 1000).unwrap()).unwrap().to_string()
}

/// Unix milliseconds of an RFC 3339 time.
pub fn millis(text: &str) -> u64 {
    Timestamp::parse(text).unwrap().unix_millis()
}

impl Code {
    fn status(&self, now: u64) -> &'static str {
        match &self.end {
            Some(End::Rotated(_)) => "rotated",
            Some(End::Invalidated(_) | End::InvalidatedSince(_)) => "invalidated",
            Some(End::Expired) => "expired",
            None if self.expires_at.is_some_and(|end| end <= now) => "expired",
            None => "active",
        }
    }
}

impl Mentor {
    /// The states that may follow the call: none if this state does not answer it as it was answered. There are several
    /// if a string may be that of one or the other code without one.
    pub fn answer(&self, operation: &Operation, answer: &Answer) -> Vec<Self> {
        let now = operation.now;
        let mut after = self.clone();
        let fits = match (&operation.request, answer) {
            (Request::List(status), Answer::Listed(shown)) => {
                let is_listed = |code: &Code| {
                    code.pseudonym.is_none() && status.as_ref().is_none_or(|status| code.status(now) == status)
                };
                let newest_first = (0..self.codes.len()).rev().filter(|code| is_listed(&self.codes[*code]));
                let listed: Vec<_> = newest_first.collect();
                listed.len() == shown.len()
                    && listed.iter().zip(shown).all(|(code, shown)| after.shows(*code, shown, now))
            }
            (Request::ListByCode(string) | Request::Follow(string), answer) => {
                let known = self.codes.iter().position(|code| code.string.as_ref() == Some(string));
                let is_absent = match answer {
                    Answer::Refused(problem) => problem.code == "code_not_found",
                    answer => *answer == Answer::Listed(Vec::new()),
                };
                if known.is_none() && is_absent {
                    return vec![after];
                }
                let possible = known.map_or(0..self.codes.len(), |code| code..code + 1);
                return possible.filter_map(|code| self.by_string(code, string, answer, now)).collect();
            }
            // It may have found no active code, and then does nothing.
            (Request::EndActive(_), _) => return self.take_effect(operation).into_iter().chain([after]).collect(),
            // Where a code would be made.
            (Request::Post { .. }, Answer::Refused(Problem { code, .. })) if code == "org_closed" => {
                self.active(now).is_none()
            }
            (Request::Put(id), Answer::Refused(Problem { code, .. })) if code == "org_closed" => {
                self.active(now).is_some_and(|active| self.named(id) == Some(active))
            }
            _ => {
                let expected = after.carry_out(operation);
                after.fits(&expected, answer, now)
            }
        };
        if fits { vec![after] } else { Vec::new() }
    }

    /// The state in which this code has this string, and what asks for the string is answered like this: by the code, or as a
    /// short link by the active code to which rotations alone have led from it.
    fn by_string(&self, code: usize, string: &str, answer: &Answer, now: u64) -> Option<Self> {
        let mut end = code;
        while let Some(End::Rotated(successor)) = &self.codes[end].end {
            end = *successor;
        }
        let mut after = self.clone();
        let gone = Expected::Refused("code_not_active", Some(self.codes[code].status(now)), None);
        let fits = after.has_string(code, string)
            && match answer {
                Answer::Listed(shown) => matches!(&shown[..], [one] if after.shows(code, one, now)),
                Answer::Url(shown) => self.active(now) == Some(end) && after.has_string(end, shown),
                answer => self.active(now) != Some(end) && after.fits(&gone, answer, now),
            };
        fits.then_some(after)
    }

    /// The state after the call, if it changes anything.
    pub fn take_effect(&self, operation: &Operation) -> Option<Self> {
        let mut after = self.clone();
        after.carry_out(operation);
        (after != *self).then_some(after)
    }

    /// Whether the answer is the expected one. What is not known yet of a code, the answer tells.
    fn fits(&mut self, expected: &Expected, answer: &Answer, now: u64) -> bool {
        match (expected, answer) {
            (Expected::Created(code), Answer::Created(shown)) | (Expected::Code(code), Answer::Code(shown)) => {
                self.shows(*code, shown, now)
            }
            (Expected::Invalidated(code), Answer::Invalidated(at)) => self.ended_at(*code, Some(at)),
            (Expected::Url(code), Answer::Url(string)) => self.has_string(*code, string),
            (Expected::Refused(code, status, active), Answer::Refused(shown)) => {
                shown.code == *code
                    && shown.code_status.as_deref() == *status
                    && match (active, &shown.active_id) {
                        (Some(active), Some(id)) => self.has_id(*active, id),
                        (active, id) => active.is_none() && id.is_none(),
                    }
            }
            (Expected::Done, Answer::Done) => true,
            _ => false,
        }
    }

    fn carry_out(&mut self, operation: &Operation) -> Expected {
        let now = operation.now;
        let request = if let Request::Lost(request) = &operation.request { request } else { &operation.request };
        match request {
            Request::Post { org, expires_at } => self.post(org, expires_at.as_deref().map(millis), operation),
            Request::PutByOtherMentor(_) => Expected::Refused("mentor_mismatch", None, None),
            Request::Put(id) | Request::Delete(id) | Request::Get(id) | Request::GetUrl(id) => {
                let Some(code) = self.named(id) else { return Expected::Refused("code_not_found", None, None) };
                match (request, self.codes[code].status(now)) {
                    (Request::Put(_), _) => self.put(code, operation),
                    (Request::Delete(_), _) => self.delete(code, operation),
                    (Request::Get(_), _) => Expected::Code(code),
                    (_, "active") => Expected::Url(code),
                    (_, status) => Expected::Refused("code_not_active", Some(status), None),
                }
            }
            Request::EndActive(made) => {
                if let Some(active) = self.active(now).filter(|active| self.codes[*active].made / 1000 == *made) {
                    self.codes[active].end = Some(End::Invalidated(now.max(self.codes[active].made)));
                    self.last = None;
                }
                Expected::Done
            }
            Request::Forget if self.forget() => Expected::Done,
            _ => Expected::Never,
        }
    }

    /// Whether the mentor can be forgotten: no code is active, but for one that may have expired since.
    fn forget(&mut self) -> bool {
        if self.last.is_some_and(|last| self.codes[last].expires_at.is_none()) {
            return false;
        }
        let mut named = self.codes.iter_mut().filter(|code| code.pseudonym.is_none()).peekable();
        if named.peek().is_some() {
            named.for_each(|code| code.pseudonym = Some(self.pseudonyms.len()));
            self.pseudonyms.push(None);
            self.last = None;
        }
        true
    }

    /// Whether this is shown as the mentor of a code: a pseudonym, if the mentor was forgotten, and always the same.
    fn is_of(&mut self, code: usize, shown: &str) -> bool {
        let is_pseudonym = shown.starts_with("forgotten-");
        match self.codes[code].pseudonym {
            None => !is_pseudonym,
            Some(nth) => is_pseudonym && self.pseudonyms[nth].get_or_insert_with(|| shown.to_owned()) == shown,
        }
    }

    fn post(&mut self, org: &str, expires_at: Option<u64>, call: &Operation) -> Expected {
        if let Some(active) = self.active(call.now) {
            let is_same = self.codes[active].org == org;
            let elsewhere = Expected::Refused("mentor_in_other_org", None, Some(active));
            return if is_same { Expected::Code(active) } else { elsewhere };
        }
        let made_at = self.time_of_next(call);
        if expires_at.is_some_and(|end| end / 1000 <= made_at / 1000) {
            return Expected::Refused("validation_failed", None, None);
        }
        if let Some(expired) = self.last {
            self.codes[expired].end = Some(End::Expired);
        }
        Expected::Created(self.create(org.to_owned(), expires_at, None, made_at))
    }

    fn put(&mut self, code: usize, call: &Operation) -> Expected {
        if self.codes[code].pseudonym.is_some() {
            return Expected::Refused("mentor_mismatch", None, None);
        }
        match self.active(call.now) {
            Some(active) if active == code => {
                let old = self.codes[code].clone();
                let successor = self.create(old.org, old.expires_at, Some(code), self.time_of_next(call));
                self.codes[code].end = Some(End::Rotated(successor));
                Expected::Code(successor)
            }
            Some(active) if self.codes[active].predecessor == Some(code) => Expected::Code(active),
            _ => self.not_active(code, call.now),
        }
    }

    fn delete(&mut self, code: usize, call: &Operation) -> Expected {
        // A forgotten mentor's code, too, which has expired by the clock of the forgetting alone.
        if self.codes[code].status(call.now) == "active" {
            let at = call.now.max(self.codes[code].made);
            self.codes[code].end = Some(if call.is_lost() { End::InvalidatedSince(at) } else { End::Invalidated(at) });
            self.last = self.last.filter(|last| *last != code);
        }
        match self.codes[code].end {
            Some(End::Invalidated(_) | End::InvalidatedSince(_)) => Expected::Invalidated(code),
            _ => self.not_active(code, call.now),
        }
    }

    fn not_active(&self, code: usize, now: u64) -> Expected {
        let active = self.active(now).filter(|_| self.codes[code].pseudonym.is_none());
        Expected::Refused("code_not_active", Some(self.codes[code].status(now)), active)
    }

    /// Whether this is shown as the time when the code was invalidated, if it was. The first answer that shows an unknown time
    /// tells it.
    fn ended_at(&mut self, code: usize, shown: Option<&String>) -> bool {
        let end = &mut self.codes[code].end;
        if let (Some(End::InvalidatedSince(earliest)), Some(at)) = (&end, shown.map(|at| millis(at)))
            && *earliest / 1000 <= at / 1000
        {
            *end = Some(End::Invalidated(at));
        }
        match end {
            Some(End::Invalidated(at)) => shown == Some(&text(*at)),
            Some(End::InvalidatedSince(_)) => false,
            _ => shown.is_none(),
        }
    }

    /// When a code is made that this call makes.
    fn time_of_next(&self, call: &Operation) -> u64 {
        let now = call.now;
        let last = self.codes.last().filter(|last| !call.is_lost() && last.pseudonym.is_none());
        let Some(last) = last else { return now };
        let end = if let Some(End::Invalidated(at)) = last.end { at / 1000 * 1000 } else { 0 };
        now.max(last.made + 1).max(end)
    }

    fn create(&mut self, org: String, expires_at: Option<u64>, predecessor: Option<usize>, made: u64) -> usize {
        let index = self.codes.len();
        self.codes.push(Code {
            id: None,
            string: None,
            org,
            made,
            expires_at,
            predecessor,
            end: None,
            pseudonym: None,
        });
        self.last = Some(index);
        index
    }

    fn active(&self, now: u64) -> Option<usize> {
        self.last.filter(|last| self.codes[*last].status(now) == "active")
    }

    fn named(&self, id: &str) -> Option<usize> {
        self.codes.iter().position(|code| code.id.as_deref() == Some(id))
    }

    /// Whether the code has this id. A code without an id takes it, if no other code has it.
    fn has_id(&mut self, code: usize, id: &str) -> bool {
        if self.codes[code].id.is_none() && self.named(id).is_none() {
            self.codes[code].id = Some(id.to_owned());
        }
        self.codes[code].id.as_deref() == Some(id)
    }

    /// As [`Self::has_id`], for its string.
    fn has_string(&mut self, code: usize, string: &str) -> bool {
        let free = !self.codes.iter().any(|code| code.string.as_deref() == Some(string));
        if self.codes[code].string.is_none() && free {
            self.codes[code].string = Some(string.to_owned());
        }
        self.codes[code].string.as_deref() == Some(string)
    }

    /// Whether the document shows this code as it is.
    fn shows(&mut self, index: usize, shown: &Document, now: u64) -> bool {
        let code = self.codes[index].clone();
        let (mut rotated_at, mut successor) = (code.predecessor.map(|_| code.made), None);
        if let Some(End::Rotated(by)) = code.end {
            (rotated_at, successor) = (Some(self.codes[by].made), Some(by));
        }
        self.has_id(index, &shown.id)
            && self.is_of(index, &shown.mentor_id)
            && self.has_string(index, &shown.code)
            && (&shown.org_id, &shown.created_at) == (&code.org, &text(code.made))
            && shown.expires_at == code.expires_at.map(text)
            && shown.rotated_at == rotated_at.map(text)
            && self.ended_at(index, shown.invalidated_at.as_ref())
            && shown.status == code.status(now)
            && match (code.predecessor, &shown.previous_code) {
                (Some(predecessor), Some(string)) => self.has_string(predecessor, string),
                (predecessor, string) => predecessor.is_none() && string.is_none(),
            }
            && match (successor, &shown.successor_id) {
                (Some(successor), Some(id)) => self.has_id(successor, id),
                (successor, id) => successor.is_none() && id.is_none(),
            }
    }
}
